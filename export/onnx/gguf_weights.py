"""An ONNX graph over the weights of a GGUF: the builder's graph for the sums, llama.cpp's blocks for the numbers.

Q4_0 is what onnxruntime's four-bit product takes as it is. IQ4_NL (the embedding and the head) picks from a codebook of
signed bytes: the same numbers are an eight-bit product, whose bytes the graph makes from the codes as it loads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import read_config
from export.gguf.architectures import check_plain
from export.gguf.reader import read_gguf
from export.onnx.compact import (
    BLOCK,
    BYTES_ZERO,
    EMBEDDING,
    IQ4_NL,
    ROTARY,
    block_embedding,
    codebook_embedding,
    put_first,
    replace_embedding,
    widen_scales,
)
from runtime.engines.onnx.weights import WEIGHTS_FILE, Rows, StoredTensor, WeightsPlan, write_weights
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256

HEAD, TABLE = "lm_head.weight", "model.embed_tokens.weight"
FLOAT_BYTES = 4
# What the builder calls a tensor, to what transformers does.
_SPELLINGS = (
    (re.compile(r"(\.MatMul)?\.weight(_Q4|_Q8|_scales|\.codes|\.scales)?$"), ".weight"),
    (re.compile(r"\.Add\.bias$"), ".bias"),
    (re.compile(r"\.layernorm\.weight$"), ".weight"),
    (re.compile(r"\.attn\."), ".self_attn."),
    (re.compile(r"^model\.layers\.\d+\.final_norm_layernorm\."), "model.norm."),
)


@dataclass(frozen=True, slots=True)
class BlockType:
    """A type of blocks: the layout and the number of bytes of a block's codes, and the bits of a code in a product."""

    layout: str
    code_bytes: int
    bits: int


BLOCK_TYPES = {
    "Q4_0": BlockType("nibbles", 16, 4),
    "IQ4_NL": BlockType("nibbles", 16, 8),
    "Q8_0": BlockType("bytes", 32, 8),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A matrix of blocks in the weights file: codes (row, block, code bytes) and scales (row, block), by name."""

    codes: str
    scales: str
    type: str
    blocks: int
    rows: int


def put_over_gguf(model: Path, checkpoint: Path, gguf: Path, context_tokens: int) -> None:
    """Give the builder's int4 graph the weights of a GGUF of the same checkpoint, in place.

    Raises InputError for a tensor whose type has no such product.
    """
    import onnx

    whole = onnx.load(model, load_external_data=False)
    over = _GraphOverGguf(whole.graph, model, gguf, checkpoint)
    over.rewrite(context_tokens)
    plan = WeightsPlan(file_sha256(gguf), tuple(over.stored))
    (model.parent / WEIGHTS_FILE).unlink()
    plan.save(model.parent)
    write_weights(plan, gguf, model.parent / WEIGHTS_FILE)
    for proto, stored, offset in zip(over.protos, plan.tensors, plan.offsets(), strict=True):
        _place(proto, offset, stored.size)
    whole.graph.initializer.extend(over.protos)
    onnx.save(whole, model)


def _place(proto: Any, offset: int, size: int) -> None:
    from onnx import TensorProto

    proto.data_location = TensorProto.EXTERNAL
    for key, value in (("location", WEIGHTS_FILE), ("offset", offset), ("length", size)):
        proto.external_data.add(key=key, value=str(value))


def transformers_names(name: str) -> list[str]:
    """The names in transformers of the tensors that the builder put into one of this name."""
    for pattern, spelled in _SPELLINGS:
        name = pattern.sub(spelled, name)
    return [name.replace("qkv_proj", f"{part}_proj") for part in "qkv"] if "qkv_proj" in name else [name]


class _GraphOverGguf:
    """The graph that is being rewritten, and what it stores, in the order of the weights file."""

    def __init__(self, graph: Any, model: Path, gguf: Path, checkpoint: Path) -> None:
        self._graph, self._folder, self._gguf = graph, model.parent, gguf
        self._config = read_config(checkpoint)
        self._architecture = check_plain(self._config, checkpoint)
        tied = bool(self._config["tie_word_embeddings"])
        self._names = self._architecture.names(self._config["num_hidden_layers"], tied=tied)
        self._tensors = {tensor.name: tensor for tensor in read_gguf(gguf).tensors}
        self._tied = "output.weight" not in self._tensors
        self._tables: dict[str, Table] = {}
        self._first: list[Any] = []
        self.stored: list[StoredTensor] = []
        self.protos: list[Any] = []

    def rewrite(self, context_tokens: int) -> None:
        """Put products, the embedding and every vector over the GGUF; crop the rotary tables to so many positions."""
        from onnx import numpy_helper

        before = list(self._graph.initializer)
        del self._graph.initializer[:]
        for tensor in before:
            if tensor.name in ROTARY:
                array = numpy_helper.to_array(tensor, str(self._folder))[:context_tokens]
                self._graph.initializer.append(numpy_helper.from_array(array, tensor.name))
            elif transformers_names(tensor.name)[0] not in (*self._names, HEAD):
                self._graph.initializer.append(
                    numpy_helper.from_array(numpy_helper.to_array(tensor, str(self._folder)), tensor.name)
                )
            elif len(tensor.dims) == 1:
                self._store_vector(tensor)
        self._put_embedding()
        for node in self._graph.node:
            if node.op_type == "MatMulNBits":
                self._put_product(node)
        put_first(self._graph, self._first)
        widen_scales(self._graph)

    def _store_vector(self, tensor: Any) -> None:
        rows = [self._rows(name, "F32") for name in transformers_names(tensor.name)]
        self._store(tensor.name, "plain", FLOAT_BYTES, rows, "FLOAT", tensor.dims)

    def _put_embedding(self) -> None:
        table = self._table(TABLE, [TABLE])
        if table.type == "IQ4_NL":
            self._constant(f"{EMBEDDING}pairs", _pairs("float32"))
            self._constant(f"{EMBEDDING}last", [-1])
            shapes = [[0, 0, table.blocks, BLOCK], [0, 0, table.blocks * BLOCK]]
            names = (f"{EMBEDDING}block_shape", f"{EMBEDDING}row_shape")
            for name, shape in zip(names, shapes, strict=True):
                self._constant(name, shape)
            nodes = codebook_embedding(table.codes, table.scales, f"{EMBEDDING}pairs", names)
        else:
            bits = BLOCK_TYPES[table.type].bits
            flat = self._node("Reshape", [table.codes], f"{EMBEDDING}flat", [table.rows, -1])
            nodes = [*flat, *block_embedding(f"{EMBEDDING}flat", table.scales, bits=bits)]
        replace_embedding(self._graph, nodes)

    def _put_product(self, node: Any) -> None:
        base = node.input[1].removesuffix("_Q4")
        names = transformers_names(node.input[1])
        table = self._table(TABLE, [TABLE]) if self._tied and names == [HEAD] else self._table(base, names)
        node.input[1], node.input[2] = table.codes, table.scales
        for attribute in node.attribute:
            if attribute.name == "bits":
                attribute.i = BLOCK_TYPES[table.type].bits
        if table.type == "IQ4_NL":
            node.input[1] = self._widened(table)

    def _widened(self, table: Table) -> str:
        """The name of a table's codes as bytes around 128 (row, block, 32); computed when the graph is loaded."""
        from onnx import TensorProto, helper

        pairs, indices, values, name = (
            f"{table.codes}/{part}" for part in ("pairs", "indices", "values", "bytes")
        )
        self._constant(pairs, _pairs("uint8"))
        self._first += [
            helper.make_node("Cast", [table.codes], [indices], indices, to=TensorProto.INT32),
            helper.make_node("Gather", [pairs, indices], [values], values),
            *self._node("Reshape", [values], name, [table.rows, table.blocks, BLOCK]),
        ]
        return name

    def _node(self, kind: str, inputs: Sequence[str], name: str, shape: Sequence[int]) -> list[Any]:
        from onnx import helper

        self._constant(f"{name}/shape", shape)
        return [helper.make_node(kind, [*inputs, f"{name}/shape"], [name], name)]

    def _table(self, base: str, names: Sequence[str]) -> Table:
        """Store the blocks of these tensors, one under the other, once."""
        if base not in self._tables:
            tensors = [self._tensor(name) for name in names]
            kind = tensors[0].tensor_type.name
            rows = [
                self._rows(name, kind if kind in BLOCK_TYPES else " or ".join(BLOCK_TYPES)) for name in names
            ]
            block = BLOCK_TYPES[kind]
            count, blocks = sum(part.count for part in rows), int(tensors[0].shape[0]) // BLOCK
            table = Table(f"{base}.codes", f"{base}.scales", kind, blocks, count)
            size = 2 + block.code_bytes
            shape = (count, blocks, block.code_bytes)
            self._store(table.codes, block.layout, size, rows, "UINT8", shape)
            self._store(table.scales, "scales", size, rows, "FLOAT16", shape[:2])
            self._tables[base] = table
        return self._tables[base]

    def _tensor(self, name: str) -> Any:
        return self._tensors[self._names[name]]

    def _rows(self, name: str, expected: str) -> Rows:
        tensor = self._tensor(name)
        if tensor.tensor_type.name != expected:
            raise InputError(
                f"{self._gguf} has {tensor.name} as {tensor.tensor_type.name}; expected for onnx:q4_0: {expected}"
            )
        count = int(tensor.shape[-1])  # Of a vector each number.
        heads = self._architecture.heads(name, self._config)
        return Rows(int(tensor.data_offset), count, int(tensor.n_bytes) // count, heads)

    def _store(
        self, name: str, layout: str, block: int, rows: Sequence[Rows], kind: str, shape: Sequence[int]
    ) -> None:
        from onnx import TensorProto

        self.stored.append(StoredTensor(name, layout, block, tuple(rows)))
        self.protos.append(TensorProto(name=name, data_type=TensorProto.DataType.Value(kind), dims=shape))

    def _constant(self, name: str, value: Any) -> None:
        import numpy as np
        from onnx import numpy_helper

        array = np.asarray(value) if hasattr(value, "dtype") else np.array(value, np.int64)
        self._graph.initializer.append(numpy_helper.from_array(array, name))


def _pairs(kind: str) -> Any:
    """The two numbers of IQ4_NL that each byte of codes picks (256, 2); around 128 where they are to be bytes."""
    import numpy as np

    values = np.array(IQ4_NL, np.int64) + (BYTES_ZERO if kind == "uint8" else 0)
    codes = np.arange(256)
    return np.stack([values[codes & 15], values[codes >> 4]], axis=1).astype(kind)
