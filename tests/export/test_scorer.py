"""A scorer in an artifact: named and hashed in its manifest, refused where it does not fit the student."""

from dataclasses import replace
from pathlib import Path

import pytest

from edgethought.cli.app import export
from edgethought.cli.export import export_command
from export.adapters.merge import merge_adapter
from export.checkpoint import student_hashes
from export.scorer import add_scorer
from export.trim.base import trim_base
from runtime.answering.pipeline import load
from runtime.values.errors import InputError
from runtime.values.manifest import SCORER_FILE, file_sha256, read_manifest
from tests.runtime.answering.test_scorer import ABOUT, weights, write_tensors
from tests.tiny import tiny_checkpoint
from tests.tiny_adapter import tiny_adapter


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


def test_a_scorer_is_put_in_beside_the_model(checkpoint: Path, tmp_path: Path) -> None:
    out, folder = tmp_path / "out", tmp_path / "out" / "gguf-bf16"
    export_command(checkpoint, "gguf:bf16", out, calibration=None, force=False)
    before = read_manifest(folder)
    for seed in (0, 1):
        file = write_tensors(tmp_path / "mine.safetensors", weights(64, seed=seed), ABOUT)
        export_command(checkpoint, "gguf:bf16", out, calibration=None, scorer=file, force=False)
        manifest = read_manifest(folder)
        assert manifest.files == {**before.files, SCORER_FILE: file_sha256(file)}
        assert manifest.bytes == before.bytes + file.stat().st_size
        assert manifest.scorer["thoughts"] == ["pot", "eot"]
    answers = []
    for _ in range(2):
        with load(folder) as model:
            answers.append(
                model.answer("How many?", mode="best_of", samples=4, decoding=model.decoding(seed=3))
            )
    first, second = answers
    assert first.generated_tokens > 0
    assert (first.text, first.score, first.votes) == (second.text, second.score, second.votes)
    # Without its file the artifact answers as one that has no scorer.
    (folder / SCORER_FILE).unlink()
    with load(folder) as model:
        assert model.answer("How many?").generated_tokens > 0
        with pytest.raises(InputError, match="has no scorer, which mode best_of needs"):
            model.answer("How many?", mode="best_of")


def test_with_a_scorer_only_gguf_is_made_unless_targets_are_named(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("edgethought.cli.export.export_command", lambda _, to, *__, **___: asked.append(to))
    export(checkpoint)
    export(checkpoint, scorer=tmp_path / "mine.safetensors")
    assert asked == ["gguf:q4_0,onnx:int4", "gguf:q4_0"]


@pytest.mark.parametrize(
    ("width", "to", "message"),
    [
        (32, "gguf:bf16", "scores states of width 32; expected: the student's 64"),
        (64, "gguf:bf16,onnx:int4", "a scorer with onnx:int4, which gives no hidden states"),
    ],
)
def test_a_scorer_that_does_not_fit_is_refused_before_anything_is_made(
    checkpoint: Path, tmp_path: Path, width: int, to: str, message: str
) -> None:
    file = write_tensors(tmp_path / "mine.safetensors", weights(width))
    with pytest.raises(InputError, match=message):
        export_command(checkpoint, to, tmp_path / "out", calibration=None, scorer=file, force=False)
    assert not (tmp_path / "out").exists()


def test_a_scorer_of_another_student_is_refused_whatever_the_quantization(
    checkpoint: Path, tmp_path: Path
) -> None:
    other = tiny_checkpoint(tmp_path / "other", seed=5)
    about = {**ABOUT, "student": ",".join(student_hashes(other))}
    file = write_tensors(tmp_path / "mine.safetensors", weights(64), about)
    with pytest.raises(InputError, match=r"is the scorer of another student .* expected: one that"):
        export_command(checkpoint, "gguf:bf16", tmp_path / "out", calibration=None, scorer=file, force=False)
    assert not (tmp_path / "out").exists()
    export_command(checkpoint, "gguf:bf16", tmp_path / "out", calibration=None, force=False)
    with pytest.raises(InputError, match="is the scorer of another student"):
        add_scorer(tmp_path / "out/gguf-bf16", file)
    export_command(other, "gguf:bf16,gguf:q8_0", tmp_path, calibration=None, scorer=file, force=False)
    for name in ("gguf-bf16", "gguf-q8_0"):
        with load(tmp_path / name) as model:
            model.answer("How many?", mode="best_of", samples=2)
    foreign = replace(read_manifest(tmp_path / "gguf-bf16"), student=student_hashes(checkpoint))
    foreign.save(tmp_path / "gguf-bf16")
    with load(tmp_path / "gguf-bf16") as model, pytest.raises(InputError, match="of another student"):
        model.answer("How many?", mode="best_of", samples=2)


def test_a_trimmed_or_merged_student_is_the_same_student(checkpoint: Path, tmp_path: Path) -> None:
    trim_base(checkpoint, ["ans = 12"], tmp_path / "trimmed", first_merges=0)
    assert student_hashes(tmp_path / "trimmed") == student_hashes(checkpoint)
    adapter = tiny_adapter(checkpoint, tmp_path / "adapter")
    merge_adapter(adapter, checkpoint, tmp_path / "merged")
    merged = student_hashes(tmp_path / "merged")
    assert merged[1] == file_sha256(adapter / "adapter_model.safetensors")
    assert not set(merged) & set(student_hashes(checkpoint))


def test_a_damaged_scorer_is_told_at_loading(checkpoint: Path, tmp_path: Path) -> None:
    file = write_tensors(tmp_path / "mine.safetensors", weights(64))
    export_command(checkpoint, "gguf:bf16", tmp_path, calibration=None, scorer=file, force=False)
    damaged = tmp_path / "gguf-bf16" / SCORER_FILE
    damaged.write_bytes(damaged.read_bytes()[:-4])
    with pytest.raises(InputError, match=r"scorer\.safetensors has .* expected: the sha256"):
        load(tmp_path / "gguf-bf16")
