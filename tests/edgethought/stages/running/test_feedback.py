"""Feedback-driven distillation: new problems by what a student could do, learned from for as long as that helps."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import bench
from benchmarks.scoring.prompt_modes import load_model
from distill.labeling.rationale_set import read_rationales
from distill.recipes.rounds import RoundSettings
from distill.recipes.sampling import SampleReport
from edgethought.stages.asking.agree import Agreement
from edgethought.stages.recipe import Recipe, read_recipe
from edgethought.stages.running import feedback, rounds
from edgethought.stages.running.feedback import feedback_sets, sort_problems, write_feedback
from edgethought.stages.running.pipeline import run_recipe, stages_of
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from tests.tiny import tiny_checkpoint

THINGS = ["pens", "cups", "eggs", "hats", "cars", "cats", "dogs", "bags", "keys", "nuts", "figs", "maps"]
FDD = "rounds=[{method: fdd, samples: 2}, {method: fdd, samples: 2, start: student}]"
SMALL = [
    *("targets=gguf:q8_0", "train.epochs=1", "train.batch_size=8", "train.threads=1", "score.limit=2"),
    *("train.vocabulary=trimmed", "score.baselines=", "score.tasks=stories", "train.dev_task=stories"),
]


def box_row(number: int) -> dict[str, str]:
    thing, a, b = THINGS[number % len(THINGS)], 3 + number % 7, 4 + number % 5
    return {
        "id": f"mine-{number}",
        "question": f"Tom has {a} boxes with {b} {thing} each. How many {thing} does Tom have?",
        "answer": str(a * b),
        "solution": f"Tom has {a}*{b} = <<{a}*{b}={a * b}>>{a * b} {thing}.\n#### {a * b}",
        "license": "MIT",
    }


def problem_of(row: dict[str, str]) -> Problem:
    return Problem(row["id"], row["question"], row["answer"], row["solution"], license=row["license"])


def draw(model: Any, problems: Sequence[Problem], out: Path, *, samples: int, **others: Any) -> SampleReport:
    """Samples as of a student that solves every other problem."""
    rows = [
        {
            "id": problem.id,
            "question": problem.question,
            "answer": problem.answer,
            "license": problem.license,
            "thought": "eot",
            "text": f"ans = {problem.answer} + {number}",
            "right": index % 2 == 0 and number == 0,
            "teacher": model.manifest.name,
            "artifact": "0",
        }
        for index, problem in enumerate(problems)
        for number in range(samples)
    ]
    write_jsonl(out, rows)
    return SampleReport(len(rows), sum(bool(row["right"]) for row in rows), 0)


def student() -> Any:
    return SimpleNamespace(manifest=SimpleNamespace(name="student"))


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    """A round's folder with samples of twelve problems, of which six are solved."""
    problems = [problem_of(box_row(number)) for number in range(12)]
    draw(student(), problems, tmp_path / "round/samples.jsonl", samples=2)
    # One that was not asked is neither.
    asked = [*problems, problem_of(box_row(40))]
    counts = sort_problems(asked, tmp_path / "round/samples.jsonl", tmp_path / "round", 0.5)
    assert counts == {"solved": 6, "failed": 6}
    assert sort_problems(asked, tmp_path / "round/samples.jsonl", tmp_path / "strict", 1.0)["solved"] == 0
    return tmp_path / "round"


def written(folder: Path, kind: str) -> list[tuple[str, str]]:
    return [(row.problem.id, row.problem.question) for row in read_rationales(folder / kind)]


def test_solved_problems_become_harder_and_failed_ones_similar(folder: Path) -> None:
    recipe = read_recipe("etd", ["thoughts=eot,pot", "policy=research", "score.tasks=stories"])
    told = write_feedback(recipe, RoundSettings(method="fdd", variants=2), 1, folder)
    assert told["harder"] > 6 and told["similar"] > 6
    solved = {row["id"] for row in read_jsonl(folder / "solved.jsonl")}
    harder, similar = written(folder, "harder"), written(folder, "similar")
    assert len(harder) == told["harder"] and {id.partition("+")[0].partition("~")[0] for id, _ in harder}
    assert all(any(parent in id for parent in solved) for id, _ in harder)
    assert not any(any(parent in id.split("/") for parent in solved) for id, _ in similar)
    assert feedback_sets(folder) == [folder / "harder", folder / "similar"]
    # Another round draws other numbers.
    for file in ("solved", "failed"):
        (folder.parent / "next").mkdir(exist_ok=True)
        (folder.parent / f"next/{file}.jsonl").write_bytes((folder / f"{file}.jsonl").read_bytes())
    write_feedback(recipe, RoundSettings(method="fdd", variants=2), 2, folder.parent / "next")
    assert {question for _, question in written(folder.parent / "next", "similar")} != {
        question for _, question in similar
    }


def test_a_model_writes_questions_and_votes_on_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str]] = []

    def write(kind: str, recipe: Recipe, out: Path) -> None:
        asked.append((kind, recipe.teacher, Path(recipe.data).name))
        write_jsonl(out, [{"question": "How many?", "license": "Apache-2.0"}])

    def agree(wanted: Agreement, recipe: Recipe, out: Path) -> Any:
        assert wanted.teachers == ("local",) and wanted.questions.is_file()
        return SimpleNamespace(labeled=SimpleNamespace(rows=3, dropped=1))

    monkeypatch.setattr(feedback, "write_stage", write)
    monkeypatch.setattr(feedback, "agree_stage", agree)
    recipe = read_recipe("etd", ["local.model=qwen2.5-coder-1.5b"])
    told = write_feedback(recipe, RoundSettings(method="fdd", writer="local"), 1, folder)
    assert asked == [("harder", "local", "solved.jsonl"), ("similar", "local", "failed.jsonl")]
    assert (told["harder"], told["similar: not"]) == (3, 1)


@pytest.fixture
def recipe(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    write_jsonl(tmp_path / "mine.jsonl", map(box_row, range(12)))
    monkeypatch.setattr("distill.recipes.sampling.draw_samples", draw)
    monkeypatch.setattr(rounds, "run_job", partial(bench.run, load=load_model))
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)
    return read_recipe(
        "quickstart",
        [*SMALL, FDD, f"data={tmp_path / 'mine.jsonl'}", f"train.base={base}", "limit=0", "mixture=every"],
    )


def run_json(out: Path) -> dict[str, Any]:
    stages: dict[str, Any] = json.loads((out / "run.json").read_text())["stages"]
    return stages


@pytest.mark.torch
def test_rounds_grow_the_set_and_train_from_the_base_or_the_student(recipe: Recipe, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run_recipe("mine", recipe, out)
    stages = run_json(out)
    assert [name for name in stages if name[-1] == "1"] == ["sample 1", "feedback 1", "learn 1"]
    assert (stages["feedback 1"]["solved"], stages["feedback 1"]["failed"]) == (6, 6)
    sizes = [stages["label"]["rationales"], *(stages[f"learn {n}"]["rationales"] for n in (1, 2))]
    assert sizes[0] < sizes[1] < sizes[2]
    cards = [(out / f"rounds/{n}/student/checkpoint/README.md").read_text() for n in (1, 2)]
    assert ["started from" in card for card in cards] == [False, True]
    assert (out / "report.md").is_file()


@pytest.mark.torch
def test_rounds_end_where_dev_is_no_better(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    recipe = recipe.model_copy(update={"round_dev": 4})
    run_recipe("mine", recipe, out)
    stages = run_json(out)
    assert list(stages) == list(stages_of(recipe))
    # A tiny student is right of none, before and after.
    assert (stages["dev 0"]["right"], stages["dev 0"]["better"]) == (0, True)
    assert (stages["dev 1"]["right"], stages["dev 1"]["better"]) == (0, False)
    assert stages["learn 2"] == {**stages["learn 2"], "left out": "round 1 was no better"}
    assert (
        not (out / "rounds/1/student").exists() and (out / "rounds/1/student.no-better/checkpoint").is_dir()
    )
    assert not (out / "rounds/2").exists()
    manifest = json.loads((out / "artifacts/gguf-q8_0/manifest.json").read_text())
    from export.checkpoint import checkpoint_sha256

    assert manifest["parent"] == checkpoint_sha256(out / "student/checkpoint")
    assert run_recipe("mine", recipe, out) == out / "report.md"
