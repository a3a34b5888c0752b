"""An encoder-decoder checkpoint keeps its answers on the way to ONNX, and the gate notices when it does not."""

import json
import shutil
from pathlib import Path

import pytest

from export.building.build import export_checkpoint
from export.checkpoint import is_encoder_decoder
from export.targets import parse_targets
from export.tokenizer import end_token
from runtime.values.errors import GateRefused, InputError
from runtime.values.manifest import file_sha256, read_manifest
from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import one_thread, tiny_t5


@pytest.mark.parametrize(
    ("target", "mean_kl", "same_text"), [("onnx-fp32", 1e-4, 31), ("onnx-int8", 0.05, 0)]
)
def test_an_artifact_answers_as_its_checkpoint_and_carries_every_hash(
    t5_artifacts: Path, target: str, mean_kl: float, same_text: int
) -> None:
    folder = t5_artifacts / target
    manifest = read_manifest(folder)
    assert manifest.architecture == "encoder-decoder"
    assert manifest.end_tokens == (1,)
    assert manifest.files == {
        path.name: file_sha256(path) for path in folder.iterdir() if path.name != "manifest.json"
    }
    assert next(iter(manifest.files)) == "decoder_model_merged.onnx"
    assert manifest.gate["probes"] == 32
    assert manifest.gate["token_ids_differ"] == manifest.gate["prompts_differ"] == 0
    assert manifest.gate["mean_kl"] < mean_kl
    assert manifest.gate["same_greedy_text"] >= same_text
    assert not manifest.gate["broken"]


def test_int8_is_int8_and_smaller(t5_artifacts: Path) -> None:
    exact, small = (read_manifest(t5_artifacts / name) for name in ("onnx-fp32", "onnx-int8"))
    assert "MatMulInteger" not in exact.tensor_types
    assert small.tensor_types["MatMulInteger"] == 56
    assert small.bytes < exact.bytes


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("weights", "mean KL"),
        ("template", "rendered prompt"),
        ("end", "end tokens"),
        ("tokenizer", "token ids"),
    ],
)
def test_the_gate_refuses_an_artifact_that_answers_otherwise(
    t5_artifacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, complaint: str
) -> None:
    import export.building.build as build

    checkpoint = t5_artifacts / "checkpoint"
    if damage == "weights":
        checkpoint = tiny_t5(tmp_path / "other", seed=1)
        shutil.copy(t5_artifacts / "checkpoint/tokenizer.json", checkpoint / "tokenizer.json")

    def damaged(source: build.Source, target: object, folder: Path) -> None:
        for name in ("decoder_model_merged.onnx", "encoder_model.onnx", "config.json"):
            shutil.copy(t5_artifacts / "onnx-fp32" / name, folder / name)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(t5_artifacts / "onnx-fp32" / name, folder / name)
        if damage == "template":
            change(folder / "tokenizer_config.json", chat_template="{{ messages[-1].content }}")
        if damage == "end":
            change(folder / "config.json", eos_token_id=2)
        if damage == "tokenizer":
            change(
                folder / "tokenizer.json",
                pre_tokenizer={
                    "type": "ByteLevel",
                    "add_prefix_space": True,
                    "trim_offsets": True,
                    "use_regex": True,
                },
            )

    monkeypatch.setattr(build, "_write", damaged)
    with one_thread(), pytest.raises(GateRefused, match=complaint):
        export_checkpoint(checkpoint, parse_targets("onnx:fp32"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def change(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.mark.parametrize("target", ["gguf:q4_0", "onnx:int4", "onnx:fp32,gguf:bf16"])
def test_a_target_that_an_encoder_decoder_has_not_is_refused(
    t5_artifacts: Path, tmp_path: Path, target: str
) -> None:
    with pytest.raises(InputError, match="encoder-decoder student; expected: onnx:int8, onnx:fp32"):
        export_checkpoint(t5_artifacts / "checkpoint", parse_targets(target), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_target_that_a_decoder_has_not_is_refused(tmp_path: Path) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    with pytest.raises(InputError, match=r"decoder-only student; expected: .*onnx:int4, onnx:fp32$"):
        export_checkpoint(base, parse_targets("onnx:int8"), tmp_path / "out")


def test_a_checkpoint_says_what_it_is_and_how_it_ends(t5_artifacts: Path, tmp_path: Path) -> None:
    decoder = tiny_checkpoint(tmp_path / "base")
    assert is_encoder_decoder(t5_artifacts / "checkpoint")
    assert not is_encoder_decoder(decoder)
    assert (end_token(t5_artifacts / "checkpoint"), end_token(decoder)) == (1, 2)
    change(decoder / "tokenizer_config.json", eos_token="<nothing>")
    with pytest.raises(InputError, match="no end token '<nothing>'"):
        end_token(decoder)
