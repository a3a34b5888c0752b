"""Every quantisation is written, what falls back is named, and a calibrated file is the same one every time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from export.building.build import export_checkpoint
from export.checkpoint import load_student, read_card, save_student
from export.gguf.gguf_file import write_gguf
from export.gguf.importance import draw_calibration, importance_matrix
from export.gguf.quantize import WEIGHED, fallbacks, gguf_tensor_types, quantize_gguf
from export.targets import GGUF_QUANTIZATIONS, parse_targets
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256, read_manifest
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale
from tests.runtime.fake_engine import fake_manifest
from tests.tiny import tiny_checkpoint, tiny_qwen

TINY = {"llama": tiny_checkpoint, "qwen2": tiny_qwen}


@pytest.fixture(scope="module", params=TINY)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield TINY[request.param](tmp_path_factory.mktemp(request.param) / "base")


def metadata(model: Path) -> dict[str, Any]:
    import gguf

    return {name: field.contents() for name, field in gguf.GGUFReader(model).fields.items()}


def rationales(count: int = 12) -> list[Rationale]:
    return [
        Rationale(
            Problem(str(number), f"How many are {number} and 3?", "5"), "eot", f"ans = {number} + 3", "gold"
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("quantization", [name for name in GGUF_QUANTIZATIONS if name != "bf16"])
def test_every_quantization_opens_and_keeps_what_a_program_asks_for(
    checkpoint: Path, tmp_path: Path, quantization: str
) -> None:
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    model = tmp_path / "model.gguf"
    quantize_gguf(tmp_path / "exact.gguf", model, quantization)
    exact, found = metadata(tmp_path / "exact.gguf"), metadata(model)
    for key in ("eos_token_id", "eot_token_id", "bos_token_id", "add_bos_token", "pre"):
        assert found[f"tokenizer.ggml.{key}"] == exact[f"tokenizer.ggml.{key}"], key
    assert found["tokenizer.chat_template"] == exact["tokenizer.chat_template"]
    engine = LlamaCppEngine(model, fake_manifest(), 1)
    assert engine.logits([5, 6, 7], 1).shape == (1, len(found["tokenizer.ggml.tokens"]))
    engine.close()


@pytest.mark.parametrize(
    ("quantization", "changes"),
    [
        ("q4_0", {}),
        ("q8_0", {}),
        ("q4_k_m", {"Q4_K to Q5_0", "Q6_K to Q8_0"}),
        ("q5_k_m", {"Q5_K to Q5_1", "Q6_K to Q8_0"}),
        ("q6_k", {"Q6_K to Q8_0"}),
    ],
)
def test_rows_that_no_k_block_fits_are_named(
    checkpoint: Path, tmp_path: Path, quantization: str, changes: set[str]
) -> None:
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    quantize_gguf(tmp_path / "exact.gguf", tmp_path / "model.gguf", quantization)
    found = fallbacks(tmp_path / "model.gguf", quantization)
    assert {fallback.change for fallback in found} == set(changes)
    types = gguf_tensor_types(tmp_path / "model.gguf")
    named = [name for fallback in found for name in fallback.tensors]
    if changes:
        assert len(named) == len(set(named)) == sum(types.values()) - types["F32"]
        assert any("blk.1.ffn_down.weight" in str(fallback) for fallback in found)


def test_importance_is_the_mean_square_of_what_a_layer_is_given(checkpoint: Path) -> None:
    found = importance_matrix(checkpoint, draw_calibration(rationales(), "set"))
    widths = {name: len(values) for name, values in found.items()}
    assert widths["blk.0.attn_q.weight"] == widths["blk.1.ffn_gate.weight"] == 64
    assert widths["blk.1.ffn_down.weight"] == 128
    # The embedding goes by what the head is given, whose weights it may have.
    assert len(widths) == 16
    assert (found["token_embd.weight"] == found["output.weight"]).all()
    assert all((values > 0).all() for values in found.values())
    # Queries, keys and values are given the same.
    assert (found["blk.0.attn_q.weight"] == found["blk.0.attn_v.weight"]).all()


def test_texts_are_drawn_whatever_their_order() -> None:
    rows = rationales(400)
    one, other = draw_calibration(rows, "a"), draw_calibration(reversed(rows), "b")
    assert one.texts == other.texts and one.sha256 == other.sha256
    assert len(one.texts) == 64
    assert one.texts[0][0].startswith("Question: How many are ")
    with pytest.raises(InputError, match="a has no rationales"):
        draw_calibration([], "a")


# At this width q6_k is q8_0, which nothing weighs.
@pytest.mark.parametrize("quantization", [name for name in WEIGHED if name != "q6_k"])
def test_weighed_rounding_is_closer_where_it_counts(
    checkpoint: Path, tmp_path: Path, quantization: str
) -> None:
    """A channel that carries a thousand times as much as the others is rounded better for it."""
    import gguf
    import numpy as np

    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    importance = importance_matrix(checkpoint, draw_calibration(rationales(), "set"))
    heavy = importance["blk.0.attn_q.weight"].copy()
    heavy[:32] = heavy.mean() * 1e-3
    heavy[3] = heavy.max() * 1e4
    importance["blk.0.attn_q.weight"] = heavy
    errors = []
    for weights in (None, importance):
        quantize_gguf(tmp_path / "exact.gguf", tmp_path / "model.gguf", quantization, weights)
        pair = [
            next(tensor for tensor in gguf.GGUFReader(path).tensors if tensor.name == "blk.0.attn_q.weight")
            for path in (tmp_path / "exact.gguf", tmp_path / "model.gguf")
        ]
        exact, found = (gguf.dequantize(tensor.data, tensor.tensor_type) for tensor in pair)
        errors.append(float(np.square(exact - found)[:, 3].mean()))
    assert errors[1] < errors[0]


@pytest.mark.parametrize(
    ("quantization", "rounding", "told"),
    [
        ("q4_0", "gptq", "the checkpoint is rounded to q4_0 for 12 rationales of set"),
        ("q5_0", "imatrix", "the checkpoint reads 12 rationales of set"),
    ],
)
def test_a_calibrated_export_says_so_and_is_byte_identical(
    checkpoint: Path, tmp_path: Path, quantization: str, rounding: str, told: str
) -> None:
    def model(out: Path) -> Path:
        return out / f"gguf-{quantization}/model.gguf"

    targets = parse_targets(f"gguf:{quantization}")
    calibration = draw_calibration(rationales(), "set")
    hashes = []
    for out in (tmp_path / "one", tmp_path / "two"):
        notes: list[str] = []
        export_checkpoint(
            checkpoint,
            targets,
            out,
            calibration=calibration,
            force=True,
            progress=notes.append,
        )
        manifest = read_manifest(model(out).parent)
        row = {"source": "set", "texts": 12, "sha256": calibration.sha256, "rounding": rounding}
        assert manifest.calibration == row
        assert told in notes
        hashes.append(file_sha256(model(out)))
    assert hashes[0] == hashes[1]
    # Other texts, or none, are another artifact; the same ones are kept.
    written = model(tmp_path / "one").stat().st_mtime_ns
    for texts, kept in ((calibration, True), (None, False)):
        export_checkpoint(checkpoint, targets, tmp_path / "one", calibration=texts, force=True)
        assert (model(tmp_path / "one").stat().st_mtime_ns == written) is kept
    assert read_manifest(model(tmp_path / "one").parent).calibration == {}
    assert file_sha256(model(tmp_path / "one")) != hashes[0]


def test_fallbacks_are_told_and_counted(checkpoint: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    (manifest,) = export_checkpoint(checkpoint, parse_targets("gguf:q6_k"), tmp_path, progress=notes.append)
    assert manifest.fallbacks == {"Q6_K to Q8_0": manifest.tensor_types["Q8_0"]}
    (told,) = [note for note in notes if "blk.0.attn_q.weight" in note]
    assert "Q6_K to Q8_0, rows of 64 being no multiple of 256" in told


@pytest.mark.parametrize(("noise", "shared"), [(0.03, True), (0.2, False)])
def test_two_roundings_of_one_matrix_are_one_tensor_in_four_bits_alone(
    tmp_path: Path, noise: float, shared: bool
) -> None:
    import torch

    folder = tiny_qwen(tmp_path / "base")
    model = load_student(folder)
    with torch.no_grad():
        embedding = model.model.embed_tokens.weight
        model.lm_head.weight.copy_(embedding * (1 + noise * torch.randn_like(embedding)))
    save_student(model, folder)
    notes: list[str] = []
    targets = parse_targets("gguf:q4_0,gguf:q8_0,onnx:q4_0")
    four, eight, onnx = export_checkpoint(
        folder, targets, tmp_path / "out", force=True, progress=notes.append
    )
    assert (four.shared_head, eight.shared_head, onnx.shared_head) == (shared, False, shared)
    # The table is the head's own rounding, not the other of the two.
    assert not [fault for fault in onnx.gate["broken"] if "tied head" in fault or "damaged" in fault]
    assert sum(four.tensor_types.values()) == sum(eight.tensor_types.values()) - shared
    assert any("one tensor for both" in note for note in notes) is shared
    assert four.gate["mean_kl"] < 0.35
