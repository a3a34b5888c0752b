"""Rounds of a recipe: samples drawn, kept and learned from, one round after the other, through kills."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from distill.labeling.rationale_set import read_rationales
from distill.recipes.judged import kept_samples
from distill.recipes.rounds import RoundSettings
from distill.recipes.sampling import SampleReport
from edgethought.stages.recipe import Recipe, read_recipe
from edgethought.stages.running.pipeline import run_recipe, stages_of
from edgethought.stages.running.preflight import check_recipe
from edgethought.stages.running.rounds import round_problems
from export.checkpoint import read_card, save_card
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from tests.tiny import tiny_checkpoint, tiny_decoder

CHANGES = [
    "limit=24",
    "targets=gguf:q8_0",
    "train.epochs=1",
    "train.batch_size=8",
    "train.threads=1",
    "train.vocabulary=trimmed",
    "score.limit=2",
    "score.baselines=",
    "rounds=[{method: rft, samples: 4, most: 2, limit: 10}, {method: prefer, samples: 4, limit: 10}]",
]


@pytest.fixture
def recipe(tmp_path: Path, home: Path) -> Recipe:
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)
    return read_recipe("quickstart", [*CHANGES, f"train.base={base}"])


class Stopped(Exception):
    """A kill."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Samples as of a student that is right every other time, in place of a tiny one that never is; what was asked."""
    names: list[str] = []

    def draw(
        model: Any, problems: Sequence[Problem], out: Path, *, samples: int, **others: Any
    ) -> SampleReport:
        names.append(model.manifest.parent)
        rows = [
            {
                "id": problem.id,
                "question": problem.question,
                "answer": problem.answer,
                "license": problem.license,
                "thought": ("pot", "eot")[number % 2],
                "text": f"a = {problem.answer} + {number // 2}\nans = a",
                "right": number < 2,
                "teacher": model.manifest.name,
                "artifact": "0",
            }
            for problem in problems
            for number in range(samples)
        ]
        write_jsonl(out, rows)
        return SampleReport(len(rows), sum(bool(row["right"]) for row in rows), 0)

    monkeypatch.setattr("distill.recipes.sampling.draw_samples", draw)
    return names


def run_json(out: Path) -> dict[str, Any]:
    stages: dict[str, Any] = json.loads((out / "run.json").read_text())["stages"]
    return stages


@pytest.mark.torch
def test_each_round_learns_from_the_student_before_it(
    recipe: Recipe, tmp_path: Path, asked: list[str]
) -> None:
    out = tmp_path / "run"
    run_recipe("mine", recipe, out)
    stages = run_json(out)
    assert list(stages) == [
        *("label", "train", "sample 1", "learn 1", "sample 2", "learn 2", "export", "score", "report"),
    ]
    assert stages["sample 1"]["problems"] == 10 and stages["sample 1"]["samples"] == 40
    assert len(set(asked)) == 2
    kept = list(read_jsonl(out / "rounds/1/kept.jsonl"))
    assert stages["learn 1"]["kept"] == len(kept) == 20
    first, second = (list(read_rationales(out / part)) for part in ("rationales", "rounds/1/rationales"))
    texts = {row.text for row in second}
    assert {row.text for row in first} < texts and {row["text"] for row in kept} <= texts
    assert stages["learn 2"]["right"] == stages["learn 2"]["wrong"] == 20
    # The adapter of the last round is one over the trimmed base, as the first was.
    assert (out / "rounds/2/student/adapter/adapter_model.safetensors").is_file()
    manifest = json.loads((out / "artifacts/gguf-q8_0/manifest.json").read_text())
    readme = (out / "rounds/2/student/checkpoint/README.md").read_text()
    assert "20 of them wrong ones" in readme and "started from" in readme
    from export.checkpoint import checkpoint_sha256

    assert manifest["parent"] == checkpoint_sha256(out / "rounds/2/student/checkpoint")


@pytest.mark.torch
def test_a_killed_round_goes_on_and_a_moved_run_too(
    recipe: Recipe, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"

    def killed(*given: Any, **others: Any) -> None:
        raise Stopped

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr("edgethought.stages.running.rounds.train_rows", killed)
        run_recipe("mine", recipe, out)
    assert list(run_json(out)) == ["label", "train", "sample 1", "learn 1", "sample 2"]
    moved = out.rename(tmp_path / "elsewhere")
    run_recipe("mine", recipe, moved)
    assert len(asked) == 2 and list(run_json(moved)) == list(stages_of(recipe))


@pytest.mark.torch
def test_rounds_of_a_student_that_is_never_right_are_left_out(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    run_recipe("mine", recipe, out)
    told = capsys.readouterr().err
    assert "round 1 is left out: none of its samples is right" in told
    assert "round 2 is left out: no prompt has right and wrong samples" in told
    assert run_json(out)["learn 1"]["left out"] == "none of its samples is right"
    assert not (out / "rounds/1/student").exists() and (out / "report.md").is_file()


def test_a_round_is_trained_as_before_but_for_what_it_says() -> None:
    rounds = "rounds=[{method: prefer, train: {learning_rate: 1.0e-4, epochs: 1}}]"
    recipe = read_recipe("etd", ["train.method=lora", "train.batch_size=64", rounds])
    found = recipe.trained_in(recipe.rounds[0], adapter="a")
    assert (found.loss, found.learning_rate, found.epochs) == ("preference", 1e-4, 1)
    assert (found.batch_size, found.adapter) == (64, "a") and "rank" not in found.model_fields_set


def test_what_a_student_can_do_already_is_kept_less_often() -> None:
    def rows(question: str, right: int, wrong: int) -> list[dict[str, Any]]:
        row = {"id": question, "question": question, "answer": "3", "license": "MIT", "teacher": "me"}
        texts = [f"ans = {n + 3} - {n}" for n in range(right)] + ["ans = 9"] * wrong
        return [{**row, "thought": "pot", "text": text, "right": n < right} for n, text in enumerate(texts)]

    drawn = [
        *rows("hard", 2, 6),
        *rows("half", 4, 4),
        *rows("easy", 7, 1),
        *rows("sure", 8, 0),
        *rows("never", 0, 8),
    ]
    kept = list(kept_samples([*drawn, *drawn[:1]], most=4, license="Apache-2.0", seed=0))
    counts = {
        name: sum(row["id"] == name for row in kept) for name in ("hard", "half", "easy", "sure", "never")
    }
    assert counts == {"hard": 2, "half": 4, "easy": 1, "sure": 1, "never": 0}
    assert all(row["text_license"] == "Apache-2.0" and row["license"] == "MIT" for row in kept)
    assert kept == list(kept_samples(drawn[::-1], most=4, license="Apache-2.0", seed=0))


@pytest.mark.torch
def test_a_teachers_logits_correct_what_the_student_writes(recipe: Recipe, tmp_path: Path) -> None:
    """It goes on from the adapter that the first training left; killed in the middle, it goes on again."""
    teacher = tiny_decoder(tmp_path / "teacher", "gemma3_text", seed=2)
    train = {
        "teacher": str(teacher),
        "teacher_shots": 1,
        "sample_tokens": 8,
        "learning_rate": 1e-2,
        "epochs": 2,
    }
    rounds = [RoundSettings(method="on_policy", train=train)]
    recipe = Recipe.model_validate({**recipe.model_dump(exclude_unset=True), "rounds": rounds, "limit": 12})
    out = tmp_path / "run"
    run_recipe("mine", recipe, out)
    stages = run_json(out)
    assert list(stages) == ["label", "train", "learn 1", "export", "score", "report"]
    metrics = list(read_jsonl(out / "rounds/1/student/metrics.jsonl"))
    assert metrics and all(row["samples"] and 0 < row["loss"] < 1 for row in metrics)
    readme = (out / "rounds/1/student/checkpoint/README.md").read_text()
    assert "started from" in readme
    assert (
        "| logits of | teacher, worked examples before each prompt: 1; jensen_shannon, 100 % of the steps"
        in readme
    )


def test_a_teacher_that_is_not_here_is_told_before_anything_starts(recipe: Recipe, tmp_path: Path) -> None:
    rounds = (RoundSettings(method="on_policy", train={"teacher": str(tmp_path / "nobody")}),)
    with pytest.raises(InputError, match="nobody"):
        check_recipe(recipe.model_copy(update={"rounds": rounds}))
    other = tiny_checkpoint(tmp_path / "other")
    save_card(replace(read_card(other), license="Gemma"), other)
    rounds = (RoundSettings(method="on_policy", train={"teacher": str(other)}),)
    with pytest.raises(InputError, match="is under 'Gemma', which trains no student that is shipped"):
        check_recipe(recipe.model_copy(update={"rounds": rounds}))
    check_recipe(recipe.model_copy(update={"rounds": rounds, "policy": "research"}))


def test_a_model_that_writes_new_problems_is_checked_before_anything_starts(recipe: Recipe) -> None:
    for writer, message in (
        ("local", "teacher local without a model"),
        ("openai", "teacher openai without a model"),
    ):
        rounds = (RoundSettings(method="fdd", writer=writer),)  # type: ignore[arg-type]
        with pytest.raises(InputError, match=message):
            check_recipe(recipe.model_copy(update={"rounds": rounds}))


def test_a_round_has_the_problems_of_its_recipe_unless_it_says_otherwise(recipe: Recipe) -> None:
    counts = [
        len(round_problems(recipe, RoundSettings.model_validate({"method": "rft", **given})))
        for given in ({}, {"limit": 5}, {"data": "stories", "limit": 7})
    ]
    assert counts == [24, 5, 7]
