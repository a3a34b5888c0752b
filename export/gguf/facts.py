"""What a GGUF file is made of, for the parity gate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.checkpoint import read_config
from export.gate.facts import ModelFacts, StoredValues
from export.gguf.architectures import Architecture, check_plain
from export.gguf.gguf_file import gguf_chat_template, gguf_end_tokens

DEFAULT_ROPE_BASE = 10000.0
_EXACT_BITS = {"F32": 32, "F16": 16, "BF16": 16}


def gguf_facts(file: Path, checkpoint: Path) -> ModelFacts:
    """The facts of a GGUF file that was made of `checkpoint`."""
    from gguf import GGUFReader

    reader, config = GGUFReader(file), read_config(checkpoint)
    architecture = check_plain(config, checkpoint)
    names = architecture.names(config["num_hidden_layers"], tied=False)
    theirs = {ours: name for name, ours in names.items()}
    return ModelFacts(
        chat_template=gguf_chat_template(file),
        end_tokens=gguf_end_tokens(file),
        tokens=tuple(_field(reader, "tokenizer.ggml.tokens") or ()),
        merges=tuple(_field(reader, "tokenizer.ggml.merges") or ()),
        rope_base=float(_field(reader, f"{architecture.name}.rope.freq_base") or DEFAULT_ROPE_BASE),
        tensors=frozenset(theirs[tensor.name] for tensor in reader.tensors if tensor.name in theirs),
        values=lambda: _values(reader, architecture, theirs, config),
    )


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


def bits_of(kind: str) -> int:
    """The bits of a number in a type of GGUF: 4 of `IQ4_NL`."""
    return _EXACT_BITS.get(kind) or int(next(sign for sign in kind if sign.isdigit()))


def _field(reader: Any, name: str) -> Any:
    field = reader.get_field(name)
    return None if field is None else field.contents()
