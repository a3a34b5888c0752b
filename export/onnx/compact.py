"""Make the builder's graph small: scales in half precision, the embedding in blocks, rotary tables no longer than used.

What is stored small and computed in float32 is widened by nodes over constants, which onnxruntime folds away when it
loads a graph; only the embedding's rows are widened as they are looked up.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.values.errors import WorkFailed

BLOCK = 32
DATA_FILE = "model.onnx.data"
ROTARY = ("cos_cache", "sin_cache")
EMBEDDING = "/model/embed_tokens/"
# ggml's codebook of IQ4_NL.
IQ4_NL = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
BYTES_ZERO = 128


def compact_graph(model: Path, context_tokens: int) -> None:
    """Rewrite an int4 graph and its weights file in place: 0.56 bytes a weight, 1.06 in an embedding of its own."""
    import onnx
    from onnx import numpy_helper

    whole = onnx.load(model)
    graph = whole.graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name in ROTARY:
        arrays[name] = arrays[name][:context_tokens]
    if (table := "model.embed_tokens.weight") in arrays:
        codes, scales = _byte_blocks(arrays.pop(table))
        arrays |= {f"{table}_Q8": codes, f"{table}_scales": scales}
        replace_embedding(graph, block_embedding(f"{table}_Q8", f"{table}_scales", bits=8))
    for name in scale_names(graph):
        arrays[name] = half_scales(arrays[name], name)
    widen_scales(graph)
    del graph.initializer[:]
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays.items())
    (model.parent / DATA_FILE).unlink()
    onnx.save_model(whole, model, save_as_external_data=True, location=DATA_FILE, size_threshold=1024)


def half_scales(scales: Any, name: str) -> Any:
    """Scales of blocks in half precision, as GGUF keeps them; raises WorkFailed where one does not fit."""
    import numpy as np

    with np.errstate(over="ignore"):
        halves = scales.astype(np.float16)
    if not np.isfinite(halves).all():
        raise WorkFailed(
            f"{name} is too large for half precision; expected: a student whose weights are under 65,504"
        )
    return halves


def _byte_blocks(table: Any) -> tuple[Any, Any]:
    """A table (row, width) in blocks of 32 bytes around 128, as Q8_0 rounds, and their scales (row, width / 32)."""
    import numpy as np
    from gguf import GGMLQuantizationType, quantize

    rows, width = table.shape
    blocks = quantize(table, GGMLQuantizationType.Q8_0).reshape(rows, width // BLOCK, 2 + BLOCK)
    codes = (blocks[..., 2:] ^ BYTES_ZERO).reshape(rows, width)
    return codes, np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0]


def scale_names(graph: Any) -> list[str]:
    """The scales of every product or look-up in blocks, each once."""
    places = {"MatMulNBits": 2, "GatherBlockQuantized": 2}
    return list(
        dict.fromkeys(node.input[places[node.op_type]] for node in graph.node if node.op_type in places)
    )


def widen_scales(graph: Any) -> None:
    """Have products and look-ups take their scales, stored in half precision, as float32."""
    from onnx import TensorProto, helper

    names = scale_names(graph)
    casts = [
        helper.make_node("Cast", [name], [wide(name)], name=wide(name), to=TensorProto.FLOAT)
        for name in names
    ]
    for node in graph.node:
        if node.op_type in ("MatMulNBits", "GatherBlockQuantized"):
            node.input[2] = wide(node.input[2])
    put_first(graph, casts)


def wide(name: str) -> str:
    """What the scales of this name are called where they are float32."""
    return f"{name}/float32"


def put_first(graph: Any, nodes: Sequence[Any]) -> None:
    """Put nodes that need nothing but weights before all others."""
    later = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *later])


def replace_embedding(graph: Any, nodes: Sequence[Any]) -> None:
    """Put `nodes`, which look `input_ids` up and write `embeddings`, in the place of the builder's own."""
    looked_up = [node for node in graph.node if "input_ids" in node.input]
    if len(looked_up) != 1 or not looked_up[0].name.startswith(EMBEDDING):
        raise WorkFailed("the ONNX builder wrote an embedding in an unknown way")
    nodes[-1].output[0] = looked_up[0].output[0]
    kept = [node for node in graph.node if node not in (looked_up[0],) and node.name != f"{EMBEDDING}Reshape"]
    del graph.node[:]
    graph.node.extend([*nodes, *kept])


def block_embedding(codes: str, scales: str, *, bits: int) -> list[Any]:
    """Nodes that look rows up in a table (row, width * bits / 8) with scales (row, width / 32)."""
    from onnx import helper

    settings = {"bits": bits, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
    name = f"{EMBEDDING}GatherBlockQuantized"
    inputs = [codes, "input_ids", scales]
    return [
        helper.make_node(
            "GatherBlockQuantized", inputs, [f"{name}/output_0"], name, domain="com.microsoft", **settings
        )
    ]


def codebook_embedding(codes: str, scales: str, pairs: str, shapes: tuple[str, str]) -> list[Any]:
    """Nodes that look rows up in a table of codes two to a byte, `pairs` (256, 2) the values of a byte's two codes.

    `shapes` name the constants [0, 0, width / 32, 32] and [0, 0, width].
    """
    from onnx import TensorProto, helper

    steps = [
        ("Gather", [codes, "input_ids"], "bytes", {}),
        ("Cast", ["bytes"], "indices", {"to": TensorProto.INT32}),
        ("Gather", [pairs, "indices"], "values", {}),
        ("Reshape", ["values", shapes[0]], "blocks", {}),
        ("Gather", [scales, "input_ids"], "halves", {}),
        ("Cast", ["halves"], "scales", {"to": TensorProto.FLOAT}),
        ("Unsqueeze", ["scales", f"{EMBEDDING}last"], "scale", {}),
        ("Mul", ["blocks", "scale"], "scaled", {}),
        ("Reshape", ["scaled", shapes[1]], "rows", {}),
    ]
    outputs = {output for _, _, output, _ in steps}
    return [
        helper.make_node(
            kind,
            [f"{EMBEDDING}{name}" if name in outputs else name for name in inputs],
            [f"{EMBEDDING}{output}"],
            f"{EMBEDDING}{output}",
            **settings,
        )
        for kind, inputs, output, settings in steps
    ]
