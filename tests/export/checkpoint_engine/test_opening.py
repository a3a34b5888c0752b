"""Where an artifact is taken, so is a checkpoint; other folders are refused in one line."""

from pathlib import Path

import pytest

from export.checkpoint import read_card, save_card
from export.checkpoint_engine.opening import is_checkpoint, load_model, model_manifest
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest
from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import tiny_t5


def test_a_checkpoint_answers_questions_together_and_alone(tmp_path: Path) -> None:
    from dataclasses import replace

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
    with pytest.raises(InputError, match=r"encoder-decoder.*expected: a decoder's"):
        load_model(tiny_t5(tmp_path / "t5"))
