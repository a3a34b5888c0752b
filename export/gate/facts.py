"""What an artifact is made of, beside what its checkpoint is made of: a fault gets its name before anything is run.

Distributions and answers say that something is wrong; vocabulary, rope base, tensors and their values say what.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import Any, Literal

from export.checkpoint import WEIGHTS_FILE, CheckpointCard, read_config
from export.tokenizer import read_vocabulary
from runtime.values.prompt import chat_template

HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
# Weights that share a scale; errors are looked at block by block, so that one damaged block is seen.
BLOCK = 32
# How far a block may be off, as a share of its own size, by the bits of its type; rounding to four bits (steps of an
# eighth of the largest) reaches 0.36 in the worst of blocks.
ERROR_LIMITS = {4: 0.45, 5: 0.3, 6: 0.3, 8: 0.1, 16: 0.01, 32: 0.01}
# Where a block of four bits also makes up for the errors of others it may be off by more than its own size (2.64 in
# Qwen2.5-Coder-0.5B); no whole tensor is (0.24 there), and one in another order is off by 1.4.
COMPENSATED_LIMIT = 5.0
# Where an importance matrix weighs the rounding of a K-quant, a block whose columns hardly count may lose most of itself
# (0.87 in layers 2 and 3 of Qwen2.5-Coder-0.5B, which a few columns decide); no whole tensor does (0.08 there).
WEIGHED_LIMIT = 1.2
# Blocks of weights that are next to nothing may round to nothing: this share of the tensor's usual size.
SMALL = 0.1
# A rope base read back from a table of sines in float32.
ROPE_TOLERANCE = 1e-3
# Roundings that take single blocks further from the checkpoint than their type alone does.
Rounding = Literal["gptq", "weighed k-quant", ""]
# Parts of missing tensors' names, and what their fault is called.
MISSING = {".bias": "dropped bias", "q_norm": "missing q/k norm", "k_norm": "missing q/k norm"}


@dataclass(frozen=True, slots=True)
class StoredValues:
    """A tensor of an artifact, dequantised: transformers' names of what it holds (one under the other), and its bits."""

    names: tuple[str, ...]
    values: Any
    bits: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model file says of itself, tensors by transformers' names.

    `rope_base` is None where the file does not tell. `levels` maps a graph's file to the accuracy levels of its products,
    `expected_levels` to the one it should have. `values` gives each tensor's numbers, one after the other.
    """

    chat_template: str
    end_tokens: tuple[int, ...]
    tokens: tuple[str, ...]
    merges: tuple[str, ...]
    rope_base: float | None
    tensors: frozenset[str]
    values: Callable[[], Iterable[StoredValues]]
    levels: Mapping[str, frozenset[int]] = field(default_factory=dict)
    expected_levels: Mapping[str, int] = field(default_factory=dict)


def structure_faults(
    artifact: ModelFacts, checkpoint: Path, card: CheckpointCard, end_tokens: Sequence[int]
) -> list[str]:
    """What an artifact has otherwise than its checkpoint, each fault under its own name; numbers are not looked at."""
    config, vocabulary = read_config(checkpoint), read_vocabulary(checkpoint)
    faults = []
    if artifact.chat_template != chat_template(card.default_thought):
        faults.append("wrong chat template: the rendered prompt differs")
    if set(artifact.end_tokens) != set(end_tokens):
        faults.append(
            f"wrong end token: the end tokens are {list(artifact.end_tokens)}, the checkpoint's {list(end_tokens)}"
        )
    faults += _vocabulary_faults(artifact, vocabulary.tokens, vocabulary.merges)
    base = float(config.get("rope_theta", 10000.0))
    if artifact.rope_base is not None and not isclose(artifact.rope_base, base, rel_tol=ROPE_TOLERANCE):
        faults.append(f"wrong rope base: it is {artifact.rope_base:g}, the checkpoint's {base:g}")
    faults += _missing_tensors(artifact.tensors, checkpoint, tied=bool(config.get("tie_word_embeddings")))
    for file, expected in artifact.expected_levels.items():
        if other := artifact.levels[file] - {expected}:
            faults.append(f"wrong accuracy level: {file} computes at {min(other)}; expected: {expected}")
    return faults


def _vocabulary_faults(artifact: ModelFacts, tokens: Sequence[str], merges: Sequence[str]) -> Iterator[str]:
    if len(artifact.tokens) != len(tokens):
        yield f"wrong vocabulary: {len(artifact.tokens):,} tokens, the checkpoint has {len(tokens):,}"
        return
    unlike = [index for index, token in enumerate(tokens) if artifact.tokens[index] != token]
    if unlike:
        first = unlike[0]
        yield (
            f"shuffled vocabulary: {len(unlike)} tokens are others, "
            f"the first {first}, {artifact.tokens[first]!r} for {tokens[first]!r}"
        )
    if artifact.merges != tuple(merges):
        yield "wrong merges: they are not the checkpoint's"


def _missing_tensors(there: frozenset[str], checkpoint: Path, *, tied: bool) -> Iterator[str]:
    from safetensors import safe_open

    with safe_open(checkpoint / WEIGHTS_FILE, framework="pt") as weights:
        expected = set(weights.keys()) - ({HEAD} if tied else set())
        # A bias of nothing may be left out.
        missing = [
            name
            for name in sorted(expected - there)
            if not (name.endswith(".bias") and not bool(weights.get_tensor(name).any()))
        ]
    # Whichever of the two a tied model keeps.
    if not tied and {HEAD, EMBEDDING} & set(missing):
        yield "tied head: head and embedding are one tensor, the checkpoint has two"
        missing = [name for name in missing if name not in (HEAD, EMBEDDING)]
    elif tied and HEAD in there:
        missing = [name for name in missing if name != EMBEDDING]
    named: dict[str, list[str]] = {}
    for name in missing:
        fault = next((fault for part, fault in MISSING.items() if part in name), "missing tensor")
        named.setdefault(fault, []).append(name)
    for fault, names in named.items():
        yield f"{fault}: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def damaged_tensors(artifact: ModelFacts, checkpoint: Path, *, rounding: Rounding = "") -> list[str]:
    """The tensors whose numbers are further from the checkpoint's than such `rounding` to their type takes them."""
    from safetensors import safe_open

    damaged = []
    with safe_open(checkpoint / WEIGHTS_FILE, framework="pt") as weights:
        stored = set(weights.keys())
        for tensor in artifact.values():
            names = [EMBEDDING if name == HEAD and HEAD not in stored else name for name in tensor.names]
            expected = [weights.get_tensor(name).float().numpy() for name in names]
            if _is_damaged(tensor, expected, rounding):
                damaged.append(tensor.names[0])
    if not damaged:
        return []
    more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
    return [f"damaged tensor: {damaged[0]}{more}"]


def _is_damaged(tensor: StoredValues, expected: Sequence[Any], rounding: Rounding) -> bool:
    import numpy as np

    whole = np.concatenate(expected)
    if whole.shape != tensor.values.shape or not np.isfinite(tensor.values).all():
        return True
    rest = -whole.size % BLOCK
    blocks, errors = (
        np.linalg.norm(np.pad(array.reshape(-1), (0, rest)).reshape(-1, BLOCK), axis=1)
        for array in (whole, tensor.values - whole)
    )
    usual = float(np.sqrt(np.mean(blocks**2)))
    limit = ERROR_LIMITS[tensor.bits]
    if np.linalg.norm(errors) > limit * np.linalg.norm(blocks):
        return True
    if rounding == "gptq" and tensor.bits == 4:
        limit = COMPENSATED_LIMIT
    elif rounding == "weighed k-quant" and tensor.bits < 8:
        limit = WEIGHED_LIMIT
    return bool((errors > limit * (blocks + SMALL * usual)).any())
