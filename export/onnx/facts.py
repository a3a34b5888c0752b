"""What an ONNX artifact of a decoder is made of, for the parity gate."""

import json
from collections.abc import Iterator, Mapping
from math import asin
from pathlib import Path
from typing import Any

from export.gate.facts import ModelFacts, StoredValues
from export.onnx.compact import BYTES_ZERO, IQ4_NL, wide
from export.onnx.decoder import (
    DEFAULT_LEVEL,
    MODEL_FILE,
    onnx_accuracy_levels,
    onnx_chat_template,
    onnx_end_tokens,
)
from export.onnx.gguf_weights import HEAD, TABLE, transformers_names
from export.tokenizer import merge_lines

NIBBLE_ZERO = 8


def onnx_facts(folder: Path, *, norm_offset: float = 0.0, shared_head: bool = False) -> ModelFacts:
    """The facts of an ONNX folder; all its graphs lie over one file of weights.

    `norm_offset` is what its norms have more than the checkpoint's, by architecture; with `shared_head` the one table has
    the checkpoint's head, which stands in for the embedding too.
    """
    import onnx

    graph = onnx.load(folder / MODEL_FILE, load_external_data=False).graph
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    ids: dict[str, int] = tokenizer["vocab"]
    expected = {name: int(level) for level, name in onnx_accuracy_levels(folder).items()}
    return ModelFacts(
        chat_template=onnx_chat_template(folder),
        end_tokens=onnx_end_tokens(folder),
        tokens=tuple(sorted(ids, key=ids.__getitem__)),
        merges=merge_lines(tokenizer["merges"]),
        rope_base=_rope_base(graph, folder),
        tensors=frozenset([*_tensor_names(graph), *([HEAD] if shared_head else [])]),
        values=lambda: _values(graph, folder, norm_offset, shared_head=shared_head),
        levels={name: _levels(folder / name, level) for name, level in expected.items()},
        expected_levels=expected,
    )


def _rope_base(graph: Any, folder: Path) -> float | None:
    """The base that a table of sines was made with: its second row ends with sin(base^-(d - 2)/d), d / 2 columns wide."""
    from onnx import numpy_helper

    for tensor in graph.initializer:
        if tensor.name == "sin_cache" and tensor.dims[1] > 1:
            last, half = float(numpy_helper.to_array(tensor, str(folder))[1, -1]), int(tensor.dims[1])
            return float(asin(last) ** (-half / (half - 1)))
    return None


def _tensor_names(graph: Any) -> Iterator[str]:
    for tensor in graph.initializer:
        yield from transformers_names(tensor.name)


def _levels(model: Path, expected: int) -> frozenset[int]:
    """The accuracy levels of a graph's products; one in eight bits has the usual one at every level, see the writer."""
    import onnx

    levels = set()
    for node in onnx.load(model, load_external_data=False).graph.node:
        if node.op_type == "MatMulNBits":
            settings = {entry.name: entry.i for entry in node.attribute}
            usual = settings["bits"] != 4 and settings["accuracy_level"] == DEFAULT_LEVEL
            levels.add(expected if usual else settings["accuracy_level"])
    return frozenset(levels)


def _values(graph: Any, folder: Path, norm_offset: float, *, shared_head: bool) -> Iterator[StoredValues]:
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.initializer}

    def read(name: str) -> Any:
        return numpy_helper.to_array(stored[name], str(folder))

    in_blocks = dict(_tables(graph))
    for codes, (scales, kind) in in_blocks.items():
        names = tuple(transformers_names(codes))
        if shared_head and names == (TABLE,):
            names = (HEAD,)
        values = _dequantized(read(codes), read(scales), kind)
        yield StoredValues(names, values, 8 if kind == "bytes" else 4)
    for name, tensor in stored.items():
        names = tuple(transformers_names(name))
        if name == TABLE or (len(tensor.dims) == 1 and name.endswith((".weight", ".bias"))):
            more = norm_offset if all(one.endswith("norm.weight") for one in names) else 0.0
            yield StoredValues(names, read(name) - more if more else read(name), 32)
        elif name.endswith(".MatMul.weight"):
            yield StoredValues(names, read(name).T, 32)


def _tables(graph: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each matrix in blocks: the name of its codes; that of its scales, and the kind: nibbles, bytes or codebook."""
    makers = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type in ("MatMulNBits", "GatherBlockQuantized"):
            bits = next(entry.i for entry in node.attribute if entry.name == "bits")
            codes, picked = _stored_codes(node.input[0 if node.op_type.startswith("Gather") else 1], makers)
            kind = "codebook" if picked else "nibbles" if bits == 4 else "bytes"
            yield codes, (node.input[2].removesuffix(wide("")), kind)
        elif node.op_type == "Gather" and "input_ids" in node.input and node.input[0].endswith(".codes"):
            yield node.input[0], (node.input[0].removesuffix(".codes") + ".scales", "codebook")


def _stored_codes(name: str, makers: Mapping[str, Any]) -> tuple[str, bool]:
    """The name of the stored codes that these are made from, and whether they pick from a codebook."""
    picked = False
    while name in makers:
        node = makers[name]
        picked = picked or node.op_type == "Gather"
        name = node.input[1 if node.op_type == "Gather" else 0]
    return name, picked


def _dequantized(codes: Any, scales: Any, kind: str) -> Any:
    """Rows of numbers in float32: each code's number times the scale of its block."""
    import numpy as np

    flat = codes.reshape(len(codes), -1)
    if kind == "bytes":
        numbers = flat.astype(np.float32) - BYTES_ZERO
    else:
        values = np.array(
            IQ4_NL if kind == "codebook" else [code - NIBBLE_ZERO for code in range(16)], np.float32
        )
        numbers = values[np.stack([flat & 15, flat >> 4], axis=-1)].reshape(len(codes), -1)
    blocks = numbers.reshape(len(codes), scales.shape[1], -1)
    return (blocks * scales[..., None].astype(np.float32)).reshape(len(codes), -1)
