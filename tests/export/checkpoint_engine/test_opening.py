"""Where an artifact is taken, so is a checkpoint; other folders are refused in one line."""

from dataclasses import replace
from pathlib import Path

import pytest

from export.adapters.merge import merge_adapter
from export.checkpoint import read_card, save_card
from export.checkpoint_engine.opening import is_checkpoint, load_model, model_manifest
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest, artifact_key, read_manifest
from tests.tiny import tiny_checkpoint, tiny_decoder, tiny_qwen
from tests.tiny_adapter import tiny_adapter
from tests.tiny_seq2seq import tiny_t5


def test_a_checkpoint_answers_questions_together_and_alone(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path / "student")
    save_card(replace(read_card(folder), thoughts=("eot",), default_thought="eot", name="tiny"), folder)
    with load_model(folder, threads=1) as model:
        questions = ["How many are 2 and 2?", "Ann has 3 pens. How many?"]
        together = [solution.text for solution in model.answer_batch(questions)]
        assert together == [model.answer(question).text for question in questions]
        assert model.answer(questions[0]).model == model.manifest.name == "tiny checkpoint"
        assert (model.manifest.format, model.manifest.thoughts) == ("checkpoint", ("eot",))


def test_a_checkpoint_that_becomes_an_artifact_is_one(tmp_path: Path, gguf_artifact: Path) -> None:
    folder = tiny_checkpoint(tmp_path / "student")
    assert is_checkpoint(folder) and not is_checkpoint(gguf_artifact)
    assert isinstance(model_manifest(gguf_artifact), Manifest)
    (folder / "manifest.json").write_text("{}")
    assert not is_checkpoint(folder)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected: a folder that `edgethought export` wrote"):
        model_manifest(tmp_path)
    with pytest.raises(InputError, match=r"nothing is there\); expected: an artifact, checkpoint or student"):
        model_manifest(tmp_path / "nowhere")
    base = tiny_qwen(tmp_path / "base")
    with pytest.raises(InputError, match="is an adapter; expected: `edgethought distill merge`"):
        model_manifest(tiny_adapter(base, tmp_path / "adapter"))
    with pytest.raises(InputError, match="is a checkpoint; expected: an artifact"):
        read_manifest(base)
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(
        InputError, match=r"model\.safetensors is damaged .*expected: the file as it was written"
    ):
        load_model(base)
    with pytest.raises(InputError, match=r"encoder-decoder.*expected: a decoder's"):
        load_model(tiny_t5(tmp_path / "t5"))


def test_an_adapter_beside_its_base_writes_what_the_two_merged_write(tmp_path: Path) -> None:
    base = tiny_qwen(tmp_path / "base")
    adapter = tiny_adapter(base, tmp_path / "adapter")
    merge_adapter(adapter, base, tmp_path / "merged")
    questions = ["How many are 2 and 2?", "Ann has 3 pens. How many?", "Tom has 5."]
    with load_model(tmp_path / "merged", threads=1) as merged:
        expected = [solution.text for solution in merged.answer_batch(questions, thought="eot")]
    with load_model(base, threads=1) as alone:
        without = [solution.text for solution in alone.answer_batch(questions, thought="eot")]
        key = artifact_key(alone.manifest)
    with load_model(base, threads=1, adapter=adapter) as beside:
        assert [solution.text for solution in beside.answer_batch(questions, thought="eot")] == expected
        assert beside.manifest.name == "tiny-qwen2-0+adapter checkpoint"
        assert artifact_key(beside.manifest) != key
    assert expected != without


def test_an_adapter_that_does_not_fit_is_refused(tmp_path: Path, gguf_artifact: Path) -> None:
    base, other = tiny_qwen(tmp_path / "base"), tiny_checkpoint(tmp_path / "other")
    adapter = tiny_adapter(tiny_decoder(tmp_path / "qwen3", "qwen3"), tmp_path / "adapter")
    for checkpoint in (base, other):
        with pytest.raises(InputError, match=r"is for a weight of .* expected: .* as .* has it"):
            load_model(checkpoint, adapter=adapter)
    with pytest.raises(
        InputError, match=r"is a folder; expected: a checkpoint .* or an artifact and a \.gguf"
    ):
        load_model(gguf_artifact, adapter=adapter)
