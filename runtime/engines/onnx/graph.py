"""The graph of a decoder-only ONNX artifact, as onnxruntime-genai's model builder writes it.

Its attention (GroupQueryAttention) writes keys and values where they shall lie when the same buffer is bound as past
and as present, and takes each row's length from the attention mask: its sum over the row. So rows of unlike lengths
run as one batch, and nothing is copied from step to step.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.engines.onnx.session import open_session
from runtime.values.errors import InputError
from runtime.values.manifest import AS_EXPORTED

CONFIG_FILE = "genai_config.json"
IDS, MASK, LOGITS = "input_ids", "attention_mask", "logits"
PAST, PRESENT = "past_key_values.", "present."


@dataclass(frozen=True, slots=True)
class DecoderGraph:
    """A loaded graph and its measures.

    `caches` names each layer's key and value, input and output; a row's cache is (heads, room, head) float32. `width` is
    the vocabulary, `every` whether logits come after every token of a pass or only after its last, `ends` the tokens
    that the model's own configuration ends a text with.
    """

    session: Any
    caches: tuple[tuple[str, str], ...]
    heads: int
    head: int
    width: int
    every: bool
    ends: frozenset[int]


def open_graph(model_file: Path, threads: int) -> DecoderGraph:
    """Load an artifact's graph; raises InputError when it cannot be loaded or is none that this engine can run."""
    heads, head, ends = _read_config(model_file.parent / CONFIG_FILE)
    session = open_session(model_file, threads)
    inputs = {given.name: given for given in session.get_inputs()}
    outputs = {given.name: given for given in session.get_outputs()}
    caches = tuple((name, PRESENT + name.removeprefix(PAST)) for name in inputs if name.startswith(PAST))
    expected = {IDS, MASK, *(name for name, _ in caches)}
    unlike = inputs.keys() ^ expected or outputs.keys() ^ {LOGITS, *(name for _, name in caches)}
    if unlike or not caches:
        raise InputError(
            f"{model_file} has unexpected inputs or outputs ({', '.join(sorted(unlike)[:4])}); expected: {AS_EXPORTED}"
        )
    kinds = {given.type for given in (*inputs.values(), *outputs.values())} - {"tensor(int64)"}
    if kinds != {"tensor(float)"}:
        raise InputError(f"{model_file} computes in {', '.join(sorted(kinds))}; expected: float32")
    _, positions, width = outputs[LOGITS].shape
    return DecoderGraph(session, caches, heads, head, int(width), positions != 1, ends)


def _read_config(file: Path) -> tuple[int, int, frozenset[int]]:
    """Key-value heads, the size of a head, and the end tokens."""
    try:
        model = json.loads(file.read_text(encoding="utf-8"))["model"]
        ends, decoder = model["eos_token_id"], model["decoder"]
        listed = ends if isinstance(ends, list) else [ends]
        return int(decoder["num_key_value_heads"]), int(decoder["head_size"]), frozenset(map(int, listed))
    except FileNotFoundError as error:
        raise InputError(f"no file {file}; expected: it, export the artifact again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}: {error}); expected: {AS_EXPORTED}"
        ) from error
