"""Layer by layer a checkpoint becomes blocks: under its own masks, for its own inputs, in llama.cpp's order of rows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import torch

from export.building.build import export_checkpoint
from export.checkpoint import EMBEDDING, HEAD, load_student, padded, read_card
from export.gate.parity import divergence
from export.gguf.facts import blocks_otherwise, gguf_facts
from export.gguf.gguf_file import write_gguf
from export.gguf.importance import draw_calibration, importance_matrix, token_ids
from export.gguf.layerwise import Decoder, missing_products, round_weights
from export.gguf.quantize import gguf_tensor_types, quantize_gguf
from export.targets import parse_targets
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.engines.onnx.weights import read_plan
from runtime.values.manifest import file_sha256
from tests.export.gguf.test_quantize import rationales
from tests.runtime.fake_engine import fake_manifest
from tests.tiny import tiny_checkpoint, tiny_decoder

Maker = Callable[[Path], Path]
STUDENTS: dict[str, Maker] = {
    "a tied Llama": lambda folder: tiny_checkpoint(folder, spread=0.1),
    "a Qwen2 with biases": lambda folder: tiny_decoder(folder, "qwen2", spread=0.1),
    "a tied Qwen3": lambda folder: tiny_decoder(folder, "qwen3", tied=True, spread=0.1),
    "a Gemma 3": lambda folder: tiny_decoder(folder, "gemma3_text", spread=0.1),
}


@pytest.fixture(scope="module", params=STUDENTS)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return STUDENTS[request.param](tmp_path_factory.mktemp("base") / "base")


def test_layers_that_run_one_by_one_are_the_model(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks, windows and positions are the model's own, whatever padding stands behind a text."""
    model = load_student(checkpoint)
    decoder = Decoder(model)
    texts = [list(range(3, 60)), list(range(9, 30))]
    with torch.inference_mode():
        (ids, counted) = next(padded(texts, 2))
        hidden = model.model.embed_tokens(ids)
        for layer in decoder.layers:
            # As the rounding does it, what is known is not computed again.
            groups = decoder.groups(layer, hidden)
            known = {
                module: module(decoder.inputs(layer, [group[0]], hidden)[0])
                for group in groups
                for module in group
            }
            with monkeypatch.context() as patched:
                patched.setattr(torch.nn.functional, "linear", None)
                (again,) = decoder.inputs(layer, [decoder.norm], hidden, known)
            (hidden,) = decoder.inputs(layer, [decoder.norm], hidden)
            assert torch.equal(again, hidden)
        for row, text in enumerate(texts):
            expected = model.model(torch.tensor([text]), use_cache=False).last_hidden_state[0]
            assert torch.allclose(decoder.norm(hidden[row])[counted[row]], expected, atol=1e-4)


def test_matrices_that_are_given_the_same_stand_together(checkpoint: Path) -> None:
    model = load_student(checkpoint)
    names = {module: name.rpartition(".")[2] for name, module in model.named_modules()}
    with torch.inference_mode():
        hidden = model.model.embed_tokens(torch.tensor([[5, 6, 7]]))
        groups = Decoder(model).groups(model.model.layers[0], hidden)
    assert [[names[module] for module in group] for group in groups] == [
        ["q_proj", "k_proj", "v_proj"],
        ["o_proj"],
        ["gate_proj", "up_proj"],
        ["down_proj"],
    ]


@pytest.mark.parametrize("quantization", ["q4_0", "iq4_nl"])
def test_llama_cpp_computes_with_the_very_numbers_of_the_blocks(
    checkpoint: Path, tmp_path: Path, quantization: str
) -> None:
    rounded = round_weights(checkpoint, draw_calibration(rationales(), "set"), quantization)
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "model.gguf", rounded=rounded)
    model = with_numbers_of(tmp_path / "model.gguf", checkpoint)
    engine = LlamaCppEngine(tmp_path / "model.gguf", replace(fake_manifest(), context_tokens=512), 1)
    prompt = np.random.default_rng(0).integers(3, 100, 40).tolist()
    with torch.inference_mode():
        expected = torch.log_softmax(model(torch.tensor([prompt])).logits[0], dim=-1).numpy()
    # Its products take eight bits of what they are given.
    assert divergence(engine.logits(prompt, len(prompt)), expected)[0] < 0.01
    engine.close()


@pytest.mark.parametrize("quantization", ["q4_0", "iq4_nl"])
def test_rounded_for_texts_a_student_answers_nearer_than_llama_cpp_rounds_it(
    tmp_path: Path, quantization: str
) -> None:
    """On texts that calibration did not see."""
    checkpoint = tiny_decoder(tmp_path / "base", "qwen2", spread=0.1)
    seen, others = rationales(200)[:150], rationales(200)[150:]
    calibration = draw_calibration(seen, "set")
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    importance = importance_matrix(checkpoint, calibration)
    quantize_gguf(tmp_path / "exact.gguf", tmp_path / "theirs.gguf", quantization, importance)
    rounded = round_weights(checkpoint, calibration, quantization)
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "ours.gguf", rounded=rounded)
    texts = token_ids(checkpoint, draw_calibration(others, "others"))
    found = [mean_divergence(checkpoint, tmp_path / name, texts) for name in ("ours.gguf", "theirs.gguf")]
    assert found[0] < 0.8 * found[1]


def mean_divergence(checkpoint: Path, file: Path, texts: Sequence[Sequence[int]]) -> float:
    """Of torch's own products over a file's numbers."""
    exact, rounded = load_student(checkpoint), with_numbers_of(file, checkpoint)
    with torch.inference_mode():
        pairs = [[model(torch.tensor([text])).logits[0] for model in (rounded, exact)] for text in texts]
    return fmean(
        divergence(ours.numpy(), torch.log_softmax(theirs, dim=-1).numpy())[0] for ours, theirs in pairs
    )


def with_numbers_of(file: Path, checkpoint: Path) -> Any:
    """The checkpoint's model with a GGUF's numbers in the place of its own."""
    model = load_student(checkpoint)
    weights = model.state_dict()
    for tensor in gguf_facts(file, checkpoint).values():
        weights[tensor.names[0]].copy_(torch.from_numpy(tensor.values.copy()))
    return model


def test_one_table_for_head_and_embedding_is_the_heads(tmp_path: Path) -> None:
    checkpoint = tiny_decoder(tmp_path / "base", "qwen2")
    rounded = round_weights(checkpoint, draw_calibration(rationales(), "set"), "q4_0", shared_head=True)
    assert HEAD in rounded.matrices and EMBEDDING not in rounded.matrices
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "model.gguf", shared_head=True, rounded=rounded)
    assert gguf_tensor_types(tmp_path / "model.gguf") == {"F32": 11, "IQ4_NL": 1, "Q4_0": 14}


def test_one_code_that_is_not_the_rounded_one_is_named(checkpoint: Path, tmp_path: Path) -> None:
    rounded = round_weights(checkpoint, draw_calibration(rationales(), "set"), "q4_0")
    file = tmp_path / "model.gguf"
    write_gguf(checkpoint, read_card(checkpoint), file, rounded=rounded)
    assert blocks_otherwise(file, checkpoint, rounded) == []
    name = "model.layers.1.mlp.down_proj.weight"
    rows = rounded.matrices[name].rows.copy()
    rows[0, 5] ^= 1
    others = {**rounded.matrices, name: replace(rounded.matrices[name], rows=rows)}
    assert blocks_otherwise(file, checkpoint, replace(rounded, matrices=others)) == [
        f"damaged tensor: {name}"
    ]


def test_both_formats_are_made_of_the_same_rounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GGUF that an ONNX artifact is written over is the very one that comes beside it, calibrated as it is."""
    checkpoint = tiny_decoder(tmp_path / "base", "qwen2", spread=0.1)
    calibration = draw_calibration(rationales(), "set")
    notes: list[str] = []
    monkeypatch.setattr("runtime.values.pace.LINE_EVERY_S", 0)
    for target in ("onnx:q4_0", "gguf:q4_0"):
        (manifest,) = export_checkpoint(
            checkpoint, parse_targets(target), tmp_path, calibration=calibration, progress=notes.append
        )
        assert manifest.calibration == {**calibration.to_row(), "rounding": "gptq"}
    plan = read_plan(tmp_path / "onnx-q4_0")
    assert plan.gguf_sha256 == file_sha256(tmp_path / "gguf-q4_0/model.gguf")
    told = ["the checkpoint is rounded to q4_0 for 12 rationales of set"]
    told += [f"  layers are rounded, {done}/2" for done in range(3)]
    assert [note.partition(" (")[0] for note in notes if "rounded" in note] == told * 2


@pytest.mark.parametrize("rows", [8, 200])
def test_what_is_missing_is_the_same_in_whichever_order_it_is_computed(rows: int) -> None:
    torch.manual_seed(0)
    weight, inputs, beside = torch.randn(rows, 64), torch.randn(50, 64), torch.randn(50, 64)
    exact = (weight.double() @ inputs.double().T) @ beside.double()
    found = missing_products(weight.bfloat16(), inputs.bfloat16(), beside.bfloat16())
    assert found.dtype == torch.float32
    assert (found - exact).norm() < 0.01 * exact.norm()
