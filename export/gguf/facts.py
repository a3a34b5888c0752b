"""What a GGUF file is made of, for the parity gate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.bases.tokenizer_kinds import merges_of
from export.checkpoint import read_config
from export.gate.facts import EMBEDDING, HEAD, ModelFacts, StoredValues
from export.gguf.architectures import Architecture, check_plain
from export.gguf.blocks import RoundedWeights
from export.gguf.gguf_file import gguf_chat_template, gguf_end_tokens
from export.gguf.reader import gguf_field, read_gguf

DEFAULT_ROPE_BASE = 10000.0
_EXACT_BITS = {"F32": 32, "F16": 16, "BF16": 16}


def gguf_facts(file: Path, checkpoint: Path, *, shared_head: bool = False) -> ModelFacts:
    """The facts of a GGUF file made of `checkpoint`; with `shared_head` its head stands in for the embedding too."""
    reader, config = read_gguf(file), read_config(checkpoint)
    architecture = check_plain(config, checkpoint)
    names = architecture.names(config["num_hidden_layers"], tied=False)
    theirs = {ours: name for name, ours in names.items()}
    if shared_head:
        theirs[names[EMBEDDING]] = HEAD
    tensors = {theirs[tensor.name] for tensor in reader.tensors if tensor.name in theirs}
    return ModelFacts(
        chat_template=gguf_chat_template(file),
        end_tokens=gguf_end_tokens(file),
        tokens=tuple(gguf_field(reader, "tokenizer.ggml.tokens") or ()),
        merges=_merges(reader),
        rope_base=float(gguf_field(reader, f"{architecture.gguf_name}.rope.freq_base") or DEFAULT_ROPE_BASE),
        tensors=frozenset(tensors | {EMBEDDING}) if shared_head else frozenset(tensors),
        values=lambda: _values(reader, architecture, theirs, config),
    )


def _merges(reader: Any) -> tuple[str, ...]:
    """The merges of a vocabulary, in their order; SentencePiece's are told by its tokens' scores."""
    if merges := gguf_field(reader, "tokenizer.ggml.merges"):
        return tuple(merges)
    tokens, types, scores = (
        gguf_field(reader, f"tokenizer.ggml.{name}") for name in ("tokens", "token_type", "scores")
    )
    return tuple(merges_of(tokens, types, scores)) if scores else ()


def _values(
    reader: Any, architecture: Architecture, theirs: dict[str, str], config: dict[str, Any]
) -> Iterator[StoredValues]:
    from gguf import dequantize

    for tensor in reader.tensors:
        if name := theirs.get(tensor.name):
            values = dequantize(tensor.data, tensor.tensor_type)
            yield StoredValues(
                (name,), architecture.from_gguf(name, values, config), bits_of(tensor.tensor_type.name)
            )


def blocks_otherwise(file: Path, checkpoint: Path, rounded: RoundedWeights) -> list[str]:
    """The matrices of a GGUF file whose blocks are not, byte for byte, those that were rounded for it."""
    config = read_config(checkpoint)
    architecture = check_plain(config, checkpoint)
    names = architecture.names(config["num_hidden_layers"], tied=False)
    stored = {tensor.name: tensor.data for tensor in read_gguf(file).tensors}
    other = []
    for name, matrix in rounded.matrices.items():
        # A table that is both stands under the embedding's name.
        data = stored.get(names[name], stored[names[EMBEDDING]])
        if architecture.to_gguf(name, matrix.rows, config).tobytes() != data.tobytes():
            other.append(f"damaged tensor: {name}")
    return other


def bits_of(kind: str) -> int:
    """The bits of a number in a type of GGUF: 4 of `IQ4_NL`."""
    return _EXACT_BITS.get(kind) or int(next(sign for sign in kind if sign.isdigit()))
