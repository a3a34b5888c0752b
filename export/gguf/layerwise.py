"""A checkpoint's matrices in four-bit blocks, layer by layer: each is rounded for the inputs that it will be given.

Two streams of hidden states go through the layers with the calibration texts, one through exact weights, one through
those rounded so far. A matrix is to make of the second what the exact one makes of the first, so that it makes up for
errors of the layers before it too (GPTAQ, Li et al., arXiv 2504.02692), as far as that can be told from so few texts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import EMBEDDING, HEAD, load_student, padded, quick_bfloat16
from export.gguf.blocks import BLOCK_TYPES, IQ4_NL, Blocks, BlockType, PackedMatrix, RoundedWeights
from export.gguf.importance import BATCH_ROWS, Calibration, token_ids
from export.gguf.rounding import round_matrix
from runtime.values.pace import paced, watched

# Of embedding and head, whatever the layers' is: see `HEAD_TYPES` of `export.gguf.quantize`.
TABLE_TYPE = IQ4_NL
# Rows of one table for both are also what tokens begin as, where no direction counts more than another: so much of the
# mean of what the head is given stands for that.
TABLE_DAMPING = 0.1
# What the head is given is known well enough from one batch in so many: its inputs have few columns.
TABLE_BATCHES = 4
# Columns of a moment that are summed at a time.
TILE = 1024

Progress = Callable[[str], None]


def round_weights(
    checkpoint: Path,
    calibration: Calibration,
    quantization: str,
    *,
    shared_head: bool = False,
    progress: Progress = lambda note: None,
) -> RoundedWeights:
    """Round every matrix of a checkpoint, each layer after those before it; `shared_head`: one table is both.

    The same texts give the same bytes on the same machine.
    """
    import torch

    type = BLOCK_TYPES[quantization]
    model = load_student(checkpoint, dtype=torch.bfloat16 if quick_bfloat16() else torch.float32)
    names = {module: f"{name}.weight" for name, module in model.named_modules()}
    # Texts of one length stand together, so that there is little padding.
    batches = list(padded(sorted(token_ids(checkpoint, calibration), key=len), BATCH_ROWS))
    decoder = Decoder(model)
    with torch.inference_mode():
        streams = _Streams([counted for _, counted in batches], decoder.embedded(batches), [])
        found = dict(_round_embedding(model, batches, shared_head=shared_head))
        streams.rounded = decoder.embedded(batches)
        for layer in watched(decoder.layers, len(decoder.layers), paced("layers are rounded,", progress)):
            for module, blocks in _round_layer(decoder, layer, streams, type):
                found[names[module]] = blocks.packed()
        if not _is_tied(model) and not shared_head:
            ours, theirs = (
                [decoder.norm(hidden) for hidden in stream] for stream in (streams.rounded, streams.exact)
            )
            ((_, blocks),) = _round_together([model.lm_head], ours, theirs, streams.counted, TABLE_TYPE)
            found[HEAD] = blocks.packed()
    return RoundedWeights(quantization, found)


class _Reached(Exception):
    """The last module that is watched was reached: nothing after it needs to run."""


class Decoder:
    """A decoder whose layers run one by one, under the masks and positions that its own forward makes for them."""

    def __init__(self, model: Any) -> None:
        self._model = model.model
        self.layers = model.model.layers
        self.norm = model.model.norm

    def embedded(self, batches: Sequence[tuple[Any, Any]]) -> list[Any]:
        """The hidden states (row, position, width) that each batch begins with."""
        return [self._model.embed_tokens(ids) for ids, _ in batches]

    def inputs(
        self, layer: Any, watched: Sequence[Any], hidden: Any, known: dict[Any, Any] | None = None
    ) -> list[Any]:
        """What each of the watched modules, in the order they run, is given when this layer reads these hidden states.

        `known` has what some modules make of them, which is then not computed again; what the layer's parts make before
        the last one that is watched is added to it.
        """
        import torch

        given: list[Any] = []

        def keep(module: Any, arguments: tuple[Any, ...]) -> None:
            given.append(arguments[0])
            if len(given) == len(watched):
                raise _Reached

        hooks = [module.register_forward_pre_hook(keep) for module in watched]
        replaced = list((known or {}).items())
        for module, made in replaced:
            module.forward = lambda *given, made=made, **more: made
        if known is not None:
            hooks += [part.register_forward_hook(_adder(known)) for part in layer.children()]
        kept, self._model.layers = self._model.layers, torch.nn.ModuleList([layer])
        try:
            self._model(inputs_embeds=hidden, use_cache=False)
        except _Reached:
            pass
        finally:
            self._model.layers = kept
            for module, _ in replaced:
                # The class's own again.
                del module.forward
            for hook in hooks:
                hook.remove()
        return given

    def groups(self, layer: Any, hidden: Any) -> list[list[Any]]:
        """A layer's matrices in the order they run, those together that are given the very same tensor."""
        import torch

        ran: list[tuple[Any, Any]] = []
        hooks = [
            module.register_forward_pre_hook(lambda module, given: ran.append((module, given[0])))
            for module in layer.modules()
            if isinstance(module, torch.nn.Linear)
        ]
        self.inputs(layer, [self.norm], hidden)
        for hook in hooks:
            hook.remove()
        found: list[list[Any]] = []
        last = None
        for module, given in ran:
            if given is not last:
                found.append([])
            found[-1].append(module)
            last = given
        return found


def _adder(known: dict[Any, Any]) -> Callable[[Any, Any, Any], None]:
    def add(module: Any, given: Any, made: Any) -> None:
        known[module] = made

    return add


@dataclass(slots=True)
class _Streams:
    """Hidden states of the calibration texts, batch by batch: exact ones, and those that rounded weights make.

    `counted` (row, position) says which positions of a batch are tokens.
    """

    counted: list[Any]
    exact: list[Any]
    rounded: list[Any]


def _is_tied(model: Any) -> bool:
    return model.lm_head.weight is model.model.embed_tokens.weight


def _round_embedding(
    model: Any, batches: Sequence[tuple[Any, Any]], *, shared_head: bool
) -> Iterator[tuple[str, PackedMatrix]]:
    """The embedding, or the table that is both head and embedding, which is rounded for what the head is given."""
    import torch

    embedding, head = model.model.embed_tokens.weight, model.lm_head.weight
    if _is_tied(model) or shared_head:
        some = batches[::TABLE_BATCHES]
        given = [model.model(ids, use_cache=False).last_hidden_state for ids, _ in some]
        moment = _moment(_tokens(given, [counted for _, counted in some]))
        moment += TABLE_DAMPING * moment.diagonal().mean() * torch.eye(len(moment))
        blocks = round_matrix(head, moment, TABLE_TYPE)
        head.copy_(blocks.matrix())
    else:
        # A token's row is for itself: no column makes up for another.
        blocks = round_matrix(embedding, torch.eye(embedding.shape[1]), TABLE_TYPE)
    embedding.copy_(blocks.matrix())
    yield HEAD if shared_head else EMBEDDING, blocks.packed()


def _round_layer(
    decoder: Decoder, layer: Any, streams: _Streams, type: BlockType
) -> Iterator[tuple[Any, Blocks]]:
    """Round a layer's matrices, in place and as blocks, and take both streams through it."""
    groups = decoder.groups(layer, streams.rounded[0])
    watched = [*(group[0] for group in groups), decoder.norm]
    exact = [decoder.inputs(layer, watched, hidden) for hidden in streams.exact]
    # Of each batch, what every matrix that is rounded makes of its inputs.
    made: list[dict[Any, Any]] = [{} for _ in streams.rounded]

    def inputs(module: Any) -> list[Any]:
        pairs = zip(streams.rounded, made, strict=True)
        return [decoder.inputs(layer, [module], hidden, known)[0] for hidden, known in pairs]

    for index, group in enumerate(groups):
        ours = inputs(group[0])
        yield from _round_together(group, ours, [given[index] for given in exact], streams.counted, type)
        for given, outputs in zip(ours, made, strict=True):
            outputs.update({module: module(given) for module in group})
    streams.rounded, streams.exact = inputs(decoder.norm), [given[-1] for given in exact]


def _round_together(
    modules: Sequence[Any],
    rounded: Sequence[Any],
    exact: Sequence[Any],
    counted: Sequence[Any],
    type: BlockType,
) -> Iterator[tuple[Any, Blocks]]:
    """Round matrices that are given the same, in place and as blocks."""
    import torch

    ours, theirs = _tokens(rounded, counted), _tokens(exact, counted)
    weight = torch.cat([module.weight for module in modules])
    blocks = round_matrix(weight, _moment(ours), type, missing_products(weight, theirs - ours, ours))
    for module, part in zip(modules, blocks.split([len(module.weight) for module in modules]), strict=True):
        module.weight.copy_(part.matrix())
        yield module, part


def missing_products(weight: Any, inputs: Any, beside: Any) -> Any:
    """The moment (row, column, float32) of what a matrix makes of `inputs`, with inputs `beside` them (token, column).

    Sums over tokens are float32: a few tokens are so loud that a rounding of theirs would be all that quiet columns get.
    """
    if len(weight) < weight.shape[1]:
        return (weight @ inputs.T).float() @ beside.float()
    return weight.float() @ (inputs.float().T @ beside.float())


def _tokens(stream: Sequence[Any], counted: Sequence[Any]) -> Any:
    """A stream's hidden states (token, width) without what stands for padding."""
    import torch

    return torch.cat([batch[mask] for batch, mask in zip(stream, counted, strict=True)])


def _moment(inputs: Any) -> Any:
    """The second moment (column, column, float32) of inputs (token, column)."""
    import torch

    columns = inputs.shape[1]
    moment = torch.empty(columns, columns)
    wide = inputs.float()
    for start in range(0, columns, TILE):
        tile = slice(start, start + TILE)
        moment[tile, start:] = wide[:, tile].T @ wide[:, start:]
    # The other half is the same.
    return moment.triu() + moment.triu(1).T
