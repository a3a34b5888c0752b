"""A checkpoint's matrices in four-bit blocks, layer by layer: each is rounded for the inputs that it will be given.

Two streams of hidden states go through the layers with the calibration texts, one through exact weights, one through
those rounded so far. A matrix is to make of the second what the exact one makes of the first, so that it makes up for
errors of the layers before it too (GPTAQ, Li et al., arXiv 2504.02692), as far as that can be told from so few texts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import EMBEDDING, HEAD, load_student, padded, quick_bfloat16
from export.gguf.blocks import BLOCK_TYPES, IQ4_NL, Blocks, BlockType, RoundedWeights
from export.gguf.importance import BATCH_ROWS, Calibration, token_ids
from export.gguf.rounding import round_matrix, steered

# Tokens whose inputs are multiplied at a time.
TOKENS = 4096
# So much of the errors of the layers before is made up for: what calibration texts tell of them is in part chance.
SHARE = 0.5
# A table's rows are also what tokens begin as, where no direction counts more than another.
TABLE_DAMPING = 0.1
# The type of embedding and head: see `HEAD_TYPES` of `export.gguf.quantize`.
TABLE_TYPE = IQ4_NL
# So many layers a line of progress.
TOLD = 6
EVAL: Any = None

Progress = Callable[[str], None]


class _Reached(Exception):  # noqa: N818
    """The last module that is watched was reached: nothing after it needs to run."""


class Decoder:
    """A decoder whose layers run one by one, under the masks and positions that its own forward makes for them."""

    def __init__(self, model: Any) -> None:
        self._model = model.model
        self.layers = model.model.layers
        self.norm = model.model.norm

    def inputs(self, layer: Any, watched: Sequence[Any], hidden: Any) -> list[Any]:
        """What each of the watched modules, in their order, is given when this layer reads these hidden states."""
        import torch

        given: list[Any] = []

        def keep(module: Any, arguments: tuple[Any, ...]) -> None:
            given.append(arguments[0])
            if len(given) == len(watched):
                raise _Reached

        hooks = [module.register_forward_pre_hook(keep) for module in watched]
        kept, self._model.layers = self._model.layers, torch.nn.ModuleList([layer])
        try:
            self._model(inputs_embeds=hidden, use_cache=False)
        except _Reached:
            pass
        finally:
            self._model.layers = kept
            for hook in hooks:
                hook.remove()
        return given

    def groups(self, layer: Any, hidden: Any) -> list[list[Any]]:
        """A layer's matrices in the order they are used, those together that are given the very same tensor."""
        import torch

        linears: list[Any] = []
        named = [module for module in layer.modules() if isinstance(module, torch.nn.Linear)]
        hooks = [
            module.register_forward_pre_hook(lambda module, given: linears.append((module, given[0])))
            for module in named
        ]
        self.inputs(layer, [self.norm], hidden)
        for hook in hooks:
            hook.remove()
        found: list[list[Any]] = []
        last = None
        for module, given in linears:
            if given is not last:
                found.append([])
            found[-1].append(module)
            last = given
        return found


@dataclass(slots=True)
class _Streams:
    """Hidden states of the calibration texts, batch by batch: exact ones, and those that rounded weights make.

    `counted` (row, position) says which positions of a batch are tokens.
    """

    counted: list[Any]
    exact: list[Any]
    rounded: list[Any]


def round_weights(
    checkpoint: Path,
    calibration: Calibration,
    quantization: str,
    *,
    shared_head: bool = False,
    progress: Progress = lambda note: None,
) -> RoundedWeights:
    """Round every matrix of a checkpoint, each layer after those before it; with `shared_head` embedding and head are one.

    The same texts give the same bytes on the same machine.
    """
    import torch

    type = BLOCK_TYPES[quantization]

    model = load_student(checkpoint, dtype=torch.bfloat16 if quick_bfloat16() else torch.float32)
    names = {module: f"{name}.weight" for name, module in model.named_modules()}
    decoder = Decoder(model)
    embedding, head = model.model.embed_tokens, model.lm_head
    tied = head.weight is embedding.weight
    found = {}
    with torch.inference_mode():
        batches = list(padded(sorted(token_ids(checkpoint, calibration), key=len), BATCH_ROWS))
        streams = _Streams([counted for _, counted in batches], [embedding(ids) for ids, _ in batches], [])
        if tied or shared_head:
            table = _round_table(model, batches, TABLE_TYPE)
            found[EMBEDDING if tied else HEAD] = table.packed()
            head.weight.copy_(table.matrix())
        else:
            # Every token's row is for itself: no error is made up for by another.
            table = round_matrix(embedding.weight, torch.eye(embedding.weight.shape[1]), TABLE_TYPE)
            found[EMBEDDING] = table.packed()
        embedding.weight.copy_(table.matrix())
        streams.rounded = [embedding(ids) for ids, _ in batches]
        for number, layer in enumerate(decoder.layers, 1):
            for module, blocks in _round_layer(decoder, layer, streams, type):
                found[names[module]] = blocks.packed()
            if number % TOLD == 0 or number == len(decoder.layers):
                progress(f"{number} of {len(decoder.layers)} layers are rounded")
        if HEAD not in found and not tied:
            pairs = zip(streams.rounded, streams.exact, strict=True)
            given = [(decoder.norm(ours), decoder.norm(theirs)) for ours, theirs in pairs]
            own, error = moments(_tokens(given, streams.counted))
            table = round_matrix(steered(head.weight.float(), own, error, SHARE), own, TABLE_TYPE)
            found[HEAD] = table.packed()
            head.weight.copy_(table.matrix())
    if EVAL:
        EVAL(model)
    return RoundedWeights(quantization, found)


def _round_table(model: Any, batches: Sequence[tuple[Any, Any]], type: BlockType) -> Blocks:
    """A matrix that is both head and embedding, rounded for what the head is given."""
    import torch

    given = [model.model(ids, use_cache=False).last_hidden_state for ids, _ in batches]
    own, _ = moments(_tokens([(one, one) for one in given], [counted for _, counted in batches]))
    own += TABLE_DAMPING * own.diagonal().mean() * torch.eye(len(own))
    return round_matrix(model.lm_head.weight, own, type)


def _round_layer(
    decoder: Decoder, layer: Any, streams: _Streams, type: BlockType
) -> Iterator[tuple[Any, Blocks]]:
    import torch

    groups = decoder.groups(layer, streams.rounded[0])
    firsts = [group[0] for group in groups]
    exact = [decoder.inputs(layer, [*firsts, decoder.norm], hidden) for hidden in streams.exact]
    for index, group in enumerate(groups):
        ours = (decoder.inputs(layer, [group[0]], hidden)[0] for hidden in streams.rounded)
        theirs = (given[index] for given in exact)
        own, error = moments(_tokens(zip(ours, theirs, strict=True), streams.counted))
        weight = torch.cat([module.weight for module in group]).float()
        blocks = round_matrix(steered(weight, own, error, SHARE) if SHARE else weight, own, type)
        for module, part in zip(group, blocks.split([len(module.weight) for module in group]), strict=True):
            module.weight.copy_(part.matrix())
            yield module, part
    streams.exact = [given[-1] for given in exact]
    streams.rounded = [decoder.inputs(layer, [decoder.norm], hidden)[0] for hidden in streams.rounded]


def _tokens(pairs: Iterable[tuple[Any, Any]], counted: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Batches without their padding: (token, column) of each pair."""
    for (rounded, exact), mask in zip(pairs, counted, strict=True):
        yield rounded[mask], exact[mask]


def moments(pairs: Iterator[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Second moments (column, column) of rounded inputs, and of what exact ones have more with them."""
    own: Any = 0
    error: Any = 0
    for rounded, exact in _chunks(pairs):
        rounded, exact = rounded.float(), exact.float()
        own += rounded.T @ rounded
        if SHARE:
            error += (exact - rounded).T @ rounded
    return own, error


def _chunks(pairs: Iterator[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The same tokens, some thousand together, whose products are quickest."""
    import torch

    waiting: list[tuple[Any, Any]] = []
    for pair in pairs:
        waiting.append(pair)
        if sum(len(rounded) for rounded, _ in waiting) >= TOKENS:
            rounded, exact = zip(*waiting, strict=True)
            yield torch.cat(rounded), torch.cat(exact)
            waiting = []
    if waiting:
        rounded, exact = zip(*waiting, strict=True)
        yield torch.cat(rounded), torch.cat(exact)
