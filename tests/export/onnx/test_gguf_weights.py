"""`onnx:q4_0`: the weights of the graph are the GGUF's, bit for bit, and both engines run the very same student."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from gguf import GGUFReader, dequantize

from export.building.build import export_checkpoint
from export.checkpoint import read_card, read_config
from export.gguf import quantize
from export.gguf.architectures import check_plain
from export.gguf.gguf_file import write_gguf
from export.gguf.quantize import quantize_gguf
from export.onnx.decoder import write_onnx_over_gguf
from export.onnx.facts import onnx_facts
from export.onnx.gguf_weights import transformers_names
from export.targets import parse_targets
from runtime.engines.engine import Decoding
from runtime.engines.onnx.weights import PLAN_FILE, WEIGHTS_FILE
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from runtime.values.manifest import read_manifest
from tests.tiny import tiny_checkpoint, tiny_qwen

Q4_0, Q8_0, IQ4_NL = 2, 8, 20  # `ggml_type`
STUDENTS: dict[str, tuple[Callable[..., Path], dict[str, Any], int]] = {
    "a Qwen2 with biases": (tiny_qwen, {}, IQ4_NL),
    "a tied Llama": (tiny_checkpoint, {"tied": True}, IQ4_NL),
    "an untied Llama with its tables in eight bits": (tiny_checkpoint, {"tied": False}, Q8_0),
    "a tied Qwen2 with its table in four bits": (tiny_qwen, {"tied": True}, Q4_0),
}


@pytest.fixture(scope="module", params=STUDENTS)
def artifacts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a checkpoint and both artifacts, each past the gate."""
    make, settings, table_type = STUDENTS[request.param]
    folder = tmp_path_factory.mktemp("q4_0")
    checkpoint = make(folder / "checkpoint", spread=0.1, **settings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(quantize.HEAD_TYPES, "q4_0", table_type)
        # The GGUF is taken from its folder, whatever the order.
        export_checkpoint(checkpoint, parse_targets("onnx:q4_0,gguf:q4_0"), folder)
    return folder


def gguf_values(folder: Path) -> dict[str, Any]:
    """Every tensor of the GGUF in float32, by transformers' name and in its layout."""
    config = read_config(folder / "checkpoint")
    architecture = check_plain(config, folder)
    names = architecture.names(config["num_hidden_layers"], tied=config["tie_word_embeddings"])
    tensors = {tensor.name: tensor for tensor in GGUFReader(folder / "gguf-q4_0/model.gguf").tensors}
    return {
        theirs: architecture.from_gguf(
            theirs, dequantize(tensors[ours].data, tensors[ours].tensor_type), config
        )
        for theirs, ours in names.items()
    }


def test_every_number_is_the_ggufs_bit_for_bit(artifacts: Path) -> None:
    expected, seen = gguf_values(artifacts), set()
    for tensor in onnx_facts(artifacts / "onnx-q4_0").values():
        whole = np.concatenate([expected[name] for name in tensor.names])
        assert np.array_equal(tensor.values, whole), tensor.names
        seen |= set(tensor.names)
    assert seen == expected.keys()


def test_onnxruntime_computes_with_these_very_numbers(artifacts: Path) -> None:
    """What its own operators make of the embedding, widening nodes included."""
    import onnxruntime

    expected = gguf_values(artifacts)
    model = onnx.load(artifacts / "onnx-q4_0/model.onnx")
    normed = next(node.input[0] for node in model.graph.node if node.op_type.endswith("LayerNormalization"))
    model.graph.output.extend([onnx.helper.make_tensor_value_info(normed, onnx.TensorProto.FLOAT, None)])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = np.arange(200)[None]
    config = read_config(artifacts / "checkpoint")
    cache = np.zeros((1, config["num_key_value_heads"], 0, 32), np.float32)
    given = {entry.name: cache for entry in session.get_inputs() if entry.name.startswith("past")}
    (embedded,) = session.run(
        [normed], {"input_ids": rows, "attention_mask": np.ones((1, 200), np.int64), **given}
    )
    assert np.array_equal(embedded[0], expected["model.embed_tokens.weight"][:200])


def test_both_engines_run_the_same_student(artifacts: Path) -> None:
    engines = [open_engine(artifacts / name, 1) for name in ("gguf-q4_0", "onnx-q4_0")]
    prompts = [np.random.default_rng(seed).integers(3, 200, 20).tolist() for seed in range(8)]
    # Each at most as far from the other as rounding of activations to eight bits takes a width of 64.
    for prompt in prompts:
        ours, theirs = (engine.logits(prompt, 5) for engine in engines)
        assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max() + 0.15
    first = [[next(engine.generate(prompt, Decoding(1)), None) for prompt in prompts] for engine in engines]
    assert sum(one == other for one, other in zip(*first, strict=True)) >= 6
    for engine in engines:
        engine.close()


def test_the_weights_are_made_from_the_gguf_at_the_first_load(artifacts: Path, tmp_path: Path) -> None:
    package = shutil.copytree(artifacts, tmp_path / "package")
    weights = package / "onnx-q4_0" / WEIGHTS_FILE
    before = weights.read_bytes()
    weights.unlink()
    open_engine(package / "onnx-q4_0", 1).close()
    assert weights.read_bytes() == before
    manifest = read_manifest(package / "onnx-q4_0")
    assert {PLAN_FILE, WEIGHTS_FILE} < set(manifest.files)
    assert list(manifest.accuracy_levels) == ["4", "1"]


@pytest.mark.parametrize(
    ("gguf", "message"),
    [(None, "has no model.onnx.data; expected: it, or the GGUF"), (b"GGUF", "is not the GGUF")],
)
def test_a_first_load_without_its_gguf_says_what_is_missing(
    artifacts: Path, tmp_path: Path, gguf: bytes | None, message: str
) -> None:
    folder = shutil.copytree(artifacts / "onnx-q4_0", tmp_path / "onnx-q4_0")
    (folder / WEIGHTS_FILE).unlink()
    if gguf is not None:
        (folder / "model.gguf").write_bytes(gguf)
    with pytest.raises(InputError, match=message):
        open_engine(folder, 1)
    assert not (folder / WEIGHTS_FILE).exists()


def test_a_type_that_has_no_product_is_named(tmp_path: Path) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    write_gguf(base, read_card(base), tmp_path / "exact.gguf")
    quantize_gguf(tmp_path / "exact.gguf", tmp_path / "model.gguf", "q5_0")
    with pytest.raises(InputError, match=r"as Q\w+; expected for onnx:q4_0: Q4_0 or IQ4_NL or Q8_0"):
        write_onnx_over_gguf(base, read_card(base), tmp_path / "onnx", tmp_path / "model.gguf")


@pytest.mark.parametrize(
    ("builders", "theirs"),
    [
        ("model.layers.3.attn.qkv_proj.MatMul.weight_Q4", ["q", "k", "v"]),
        ("model.layers.3.attn.q_norm.layernorm.weight", ["model.layers.3.self_attn.q_norm.weight"]),
        ("model.layers.24.final_norm_layernorm.weight", ["model.norm.weight"]),
        ("model.layers.3.mlp.up_proj.MatMul.weight_scales", ["model.layers.3.mlp.up_proj.weight"]),
        ("lm_head.MatMul.weight", ["lm_head.weight"]),
    ],
)
def test_the_builders_names_are_read_as_transformers(builders: str, theirs: list[str]) -> None:
    if len(theirs) == 3:
        theirs = [f"model.layers.3.self_attn.{part}_proj.weight" for part in theirs]
    assert transformers_names(builders) == theirs
