"""Bench scores every artifact on the same problems, goes on where it stopped, and writes its six files."""

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Unpack

import pytest

from benchmarks.bench import Progress, bench, parse_tasks, run, settings_for, with_originals
from benchmarks.report.entries import entries_of
from benchmarks.report.findings import Entry
from benchmarks.scoring.external.baselines import Exemplar
from benchmarks.scoring.job import BenchSettings, BenchTask, Job, ModelSpec, read_job
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.prompt_modes import Answerer, opened
from benchmarks.scoring.samples import read_samples
from benchmarks.scoring.scoring_job import job_problems, subsample
from benchmarks.tasks.loading import load_scoring
from benchmarks.tasks.splits import DEV, TEST
from runtime.answering.modes import AnswerOptions
from runtime.engines.engine import Decoding
from runtime.values.errors import InputError, WorkFailed
from runtime.values.solution import Solution
from tests.benchmarks.fakes import FakeModel, fake_artifact, model_right_on, problems, solved


class Shelf:
    """Loads fake models by artifact; remembers them."""

    def __init__(self, right: dict[str, int]) -> None:
        self.right = right
        self.loaded: list[FakeModel] = []

    def __call__(self, artifact: Path, threads: int | None) -> AbstractContextManager[Answerer]:
        self.loaded.append(model_right_on(self.right[artifact.name]))
        return self.loaded[-1]


def test_bench_writes_its_six_files_and_compares(tmp_path: Path, mine: BenchTask) -> None:
    artifacts = [fake_artifact(tmp_path / name, name, name.encode()) for name in ("base", "student")]
    seen: list[Progress] = []
    shelf = Shelf({"base": 2, "student": 16})
    report = bench(
        artifacts, [mine], out=tmp_path / "out", baseline=artifacts[0], progress=seen.append, load=shelf
    )
    names = {path.name for path in (tmp_path / "out").iterdir()}
    pictures = {"frontier.png", "frontier.svg"}
    assert names == {"report.json", "report.md", "report.html", "samples.jsonl"} | pictures
    assert [entry.score.correct for entry in report.entries] == [2, 16]
    assert report.headlines[0].startswith("student, against base, gained +70.0 points on mine.jsonl: 10.0 %")
    assert seen[-1] == Progress("student", "mine.jsonl", 20, 20, 16)
    assert all(model.closed for model in shelf.loaded)


def score_once(folder: Path, task: BenchTask, out: Path, shelf: Shelf, limit: int | None = None) -> Entry:
    job = Job(folder, "student", (task,), out / "samples.jsonl", BenchSettings(limit=limit))
    run(job, load=shelf)
    (entry,) = entries_of(job)
    return entry


def test_a_second_run_asks_nothing_and_a_larger_limit_only_the_rest(tmp_path: Path, mine: BenchTask) -> None:
    artifact = fake_artifact(tmp_path / "student", "student")
    shelf = Shelf({"student": 16})
    for limit, asked in ((5, 6), (5, None), (12, 8), (None, 9)):
        loaded = len(shelf.loaded)
        assert score_once(artifact, mine, tmp_path, shelf, limit).score.n == (limit or 20)
        if asked is None:
            assert len(shelf.loaded) == loaded  # nothing to ask, so nothing is loaded
        else:
            assert len(shelf.loaded[-1].asked) == asked  # the warm-up and what was new
    assert len(list(read_samples(tmp_path / "samples.jsonl"))) == 20


def test_problems_without_an_answer_are_no_wrong_answers(tmp_path: Path, mine: BenchTask) -> None:
    artifact, shelf = fake_artifact(tmp_path / "student", "student"), Shelf({"student": 16})
    score_once(artifact, mine, tmp_path, shelf)
    job = Job(artifact, "student", (mine,), tmp_path / "samples.jsonl")
    lines = (tmp_path / "samples.jsonl").read_text().splitlines(keepends=True)
    for left in (19, 0):
        (tmp_path / "samples.jsonl").write_text("".join(lines[:left]))
        with pytest.raises(WorkFailed, match=f"student has {left} answers to the 20 problems of mine.jsonl"):
            list(entries_of(job))


def test_a_solver_that_does_not_load_ends_a_bench_without_a_score(tmp_path: Path, mine: BenchTask) -> None:
    class Broken(FakeModel):
        def answer(self, question: str, **options: Unpack[AnswerOptions]) -> Solution:
            raise WorkFailed("the solver's worker does not start: exit status 1, ImportError: no sympy")

    artifact = fake_artifact(tmp_path / "student", "student")
    with pytest.raises(WorkFailed, match="ImportError: no sympy"):
        bench([artifact], [mine], out=tmp_path / "out", load=lambda artifact, threads: Broken({}))
    assert not (tmp_path / "out/report.json").exists()


def test_a_task_without_problems_ends_a_bench_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    artifact, shelf = fake_artifact(tmp_path / "student", "student"), Shelf({"student": 1})
    with pytest.raises(InputError, match=r"empty\.jsonl has no problems; expected: one or more"):
        bench([artifact], [BenchTask(str(tmp_path / "empty.jsonl"))], out=tmp_path / "out", load=shelf)
    assert not shelf.loaded and not (tmp_path / "out/report.json").exists()


def test_what_a_bench_was_asked_for_is_in_its_report(tmp_path: Path, mine: BenchTask) -> None:
    artifact = fake_artifact(tmp_path / "student", "student")
    bench([artifact], [mine], out=tmp_path, config={"tasks": "mine"}, load=Shelf({"student": 1}))
    details = json.loads((tmp_path / "report.json").read_text())["details"]
    assert details["config"] == {"tasks": "mine"} and details["seed"] == 0


def test_an_answer_that_was_judged_by_another_gold_answer_is_asked_again(tmp_path: Path) -> None:
    artifact, shelf = fake_artifact(tmp_path / "student", "student"), Shelf({"student": 16})
    file = tmp_path / "own.jsonl"
    rows = [
        {"id": "a", "question": "How many?", "answer": "7"},
        {"id": "b", "question": "And?", "answer": "8"},
    ]
    for answer in ("7", "9", "9"):
        rows[0]["answer"] = answer
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        entry = score_once(artifact, BenchTask(str(file)), tmp_path, shelf)
        assert [sample.gold for sample in entry.samples] == [answer, "8"]
    assert [len(model.asked) for model in shelf.loaded] == [3, 2]  # the warm-up and what was new


@pytest.mark.parametrize("ways", [{"mode": "vote"}, {"deadline_ms": 100.0}])
def test_ways_of_answering_are_students(tmp_path: Path, mine: BenchTask, ways: dict[str, Any]) -> None:
    artifact = fake_artifact(tmp_path / "student", "student")
    settings = BenchSettings(**ways)
    with pytest.raises(InputError, match="no model that is asked as a student; expected: one, or neither"):
        bench([ModelSpec(artifact, "chat")], [mine], out=tmp_path / "out", settings=settings)
    assert settings_for(settings, ModelSpec(artifact, "chat")) == BenchSettings(prompt_mode="chat")
    assert settings_for(settings, ModelSpec(artifact, "student")) == settings


def test_a_changed_artifact_is_scored_afresh(tmp_path: Path, mine: BenchTask) -> None:
    for weights in (b"old", b"new"):
        folder = fake_artifact(tmp_path / weights.decode() / "student", "student", weights)
        shelf = Shelf({"student": 3})
        score_once(folder, mine, tmp_path, shelf)
        assert len(shelf.loaded[0].asked) == 21


def test_an_artifact_that_is_not_what_its_manifest_says_is_refused(tmp_path: Path, mine: BenchTask) -> None:
    folder = fake_artifact(tmp_path / "student", "student")
    (folder / "model.gguf").write_bytes(b"other")
    with pytest.raises(InputError, match="not the file that its manifest describes"):
        bench([folder], [mine], out=tmp_path / "out", load=Shelf({"student": 1}))


def test_in_a_process_of_its_own_a_broken_artifact_is_one_line(tmp_path: Path, mine: BenchTask) -> None:
    folder = fake_artifact(tmp_path / "student", "student")
    with pytest.raises((WorkFailed, InputError)) as raised:
        bench([folder], [mine], out=tmp_path / "out")
    assert "\n" not in str(raised.value)


def test_a_model_that_fails_late_does_not_take_the_report_of_the_others(
    tmp_path: Path, mine: BenchTask
) -> None:
    """The second artifact is loaded by nobody: its process ends badly, after the first one was scored."""
    good, bad = (fake_artifact(tmp_path / name, name, name.encode()) for name in ("good", "bad"))

    class Failing(Shelf):
        def __call__(self, artifact: Path, threads: int | None):  # type: ignore[no-untyped-def]
            if artifact.name == "bad":
                raise WorkFailed("scoring bad ended with signal 9")
            return super().__call__(artifact, threads)

    with pytest.raises(
        WorkFailed, match=r"bad was not finished: .* signal 9. .* has the report of the others"
    ):
        bench([good, bad], [mine], out=tmp_path / "out", load=Failing({"good": 16}))
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [entry["label"] for entry in report["entries"]] == ["good"]
    assert report["notes"][0].startswith("bad was not finished: ")


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / place / "p.jsonl" for place in ("a/x", "b/x", "c")]
    labels = [task.label for task in parse_tasks(",".join(map(str, paths)))]
    assert labels == [f"{place}/p.jsonl" for place in ("a/x", "b/x", f"{tmp_path.name}/c")]
    assert [task.label for task in parse_tasks(f"{paths[0]},gsm8k")] == ["p.jsonl", "gsm8k test"]
    with pytest.raises(InputError, match="name one twice"):
        parse_tasks(f"{paths[0]},{paths[0]}")


def test_a_model_that_is_named_twice_is_told(tmp_path: Path, mine: BenchTask) -> None:
    folder = fake_artifact(tmp_path / "student", "student")
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(InputError, match=f"{folder} is named twice; expected: each model once"):
        bench([folder, tmp_path / "link"], [mine], out=tmp_path / "out")


@pytest.mark.skipif(not os.environ.get("EDGETHOUGHT_DATA"), reason="EDGETHOUGHT_DATA is not set")
def test_a_limit_that_leaves_a_robustness_set_nothing_is_told(tmp_path: Path) -> None:
    task = BenchTask("gsm8k~units", DEV)
    job = Job(tmp_path, "student", (task,), tmp_path / "log", BenchSettings(limit=1))
    with pytest.raises(
        InputError, match=r"none of 1 original can be rewritten .*; expected: a larger --limit"
    ):
        job_problems(job, task)


def test_a_job_survives_its_json(tmp_path: Path) -> None:
    settings = BenchSettings(
        limit=5,
        seed=3,
        thought="pot",
        threads=2,
        deadline_ms=500,
        tolerance="paper",
        mode="fallback",
        prompt_mode="few-shot",
        exemplars=(Exemplar("Half of 8?", "ans = 8 / 2"),),
    )
    tasks = (BenchTask("gsm8k", DEV), BenchTask("stories.jsonl", title="held-out stories"))
    job = Job(tmp_path, "student", tasks, tmp_path / "log", settings)
    assert read_job(job.to_json()) == job


def test_settings_that_change_answers_change_the_subject_and_a_limit_does_not(tmp_path: Path) -> None:
    folder = fake_artifact(tmp_path / "student", "student")

    def settings_text(settings: BenchSettings) -> str:
        return subject_of(Job(folder, "student", (), tmp_path / "log", settings)).settings

    usual = settings_text(BenchSettings())
    assert usual == settings_text(BenchSettings(limit=7, seed=2))
    others = [
        BenchSettings(thought="pot"),
        BenchSettings(threads=1),
        BenchSettings(deadline_ms=100),
        BenchSettings(tolerance="paper"),
        BenchSettings(mode="fallback"),
        BenchSettings(grammar=True),
        BenchSettings(prompt_mode="chat"),
        BenchSettings(prompt_mode="chat", tolerance="paper"),
        BenchSettings(prompt_mode="chat", threads=1),
        BenchSettings(prompt_mode="few-shot", exemplars=(Exemplar("1?", "ans = 1"),)),
        BenchSettings(prompt_mode="few-shot", exemplars=(Exemplar("2?", "ans = 2"),)),
        BenchSettings(prompt_mode="few-shot", thought="pot", exemplars=(Exemplar("2?", "ans = 2"),)),
    ]
    assert len({usual, *map(settings_text, others)}) == len(others) + 1


@pytest.mark.parametrize("limit", [0, 1, 7, 20, 99])
def test_subsamples_nest_and_keep_their_order(limit: int) -> None:
    chosen = subsample(problems(20), limit, seed=1)
    assert len(chosen) == min(limit, 20)
    assert [p.id for p in chosen] == [p.id for p in problems(20) if p in chosen]
    assert {p.id for p in chosen} <= {p.id for p in subsample(problems(20), limit + 3, seed=1)}
    assert subsample(problems(20), 7, seed=1) != subsample(problems(20), 7, seed=2)


def test_tasks_are_read_from_one_line() -> None:
    assert parse_tasks("gsm8k, svamp:test,aqua:dev,x/mine.jsonl") == (
        BenchTask("gsm8k", TEST),
        BenchTask("svamp", TEST),
        BenchTask("aqua", DEV),
        BenchTask("x/mine.jsonl"),
    )
    assert [task.label for task in parse_tasks("gsm8k:dev,x/mine.jsonl")] == ["gsm8k dev", "mine.jsonl"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names with commas between"),
        ("gsm9k", "no task 'gsm9k'"),
        ("gsm8k:train", "split 'train' of task gsm8k; expected: dev, test"),
        ("mawps", "task 'mawps' is for training only"),
        ("svamp:dev", "no dev split to score on; expected: test"),
        ("svamp,svamp:test", "name one twice"),
    ],
)
def test_tasks_that_cannot_be_scored_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_tasks(text)
    assert message in str(raised.value)


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"deadline_ms": 0.0}, {"tolerance": "loose"}])
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="expected"):
        BenchSettings(**wrong)  # type: ignore[arg-type]


class Noting(FakeModel):
    """Notes how it was told to decode."""

    def __init__(self) -> None:
        super().__init__({})
        self.told: list[Decoding | None] = []

    def decoding(self, *, grammar: bool = False) -> Decoding:
        return Decoding(7, grammar="asked" if grammar else None)

    def answer(self, question: str, *, decoding: Decoding | None = None, **options: Any) -> Solution:
        self.told.append(decoding)
        return super().answer(question, **options)


@pytest.mark.parametrize(("grammar", "told"), [(True, Decoding(7, grammar="asked")), (False, None)])
@pytest.mark.parametrize("streams", [1, 4])
def test_a_student_is_held_to_its_grammar_only_when_that_is_asked_for(
    tmp_path: Path, grammar: bool, told: Decoding | None, streams: int
) -> None:
    model = Noting()
    job = Job(tmp_path, "student", (), tmp_path / "log", BenchSettings(grammar=grammar, streams=streams))
    with opened(job, [], lambda artifact, threads: model) as answers:
        answers.answer("What is 1 + 1?")
    assert model.told == [told]


class Solves:
    """Right on questions that name one of these words, wrong on the others."""

    def __init__(self, words: tuple[str, ...], answers: dict[str, str]) -> None:
        self.words, self.answers = words, answers

    def __call__(self, artifact: Path, threads: int | None) -> AbstractContextManager[Answerer]:
        return FakeModel(
            {
                question: solved(answer if any(word in question for word in self.words) else "-1")
                for question, answer in self.answers.items()
            }
        )


def test_a_robustness_set_is_paired_with_its_originals_which_are_asked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Tom", "Anna", "Paul", "Laura", "Peter", "Mary")
    rows = [
        {
            "id": f"svamp-{number}",
            "question": f"{name} has 6 pens and buys 8 more pens. How many pens does {name} have?",
            "answer": "14",
            "equation": "( 6.0 + 8.0 )",
        }
        for number, name in enumerate(names)
    ]
    rows.append({"id": "svamp-9", "question": "6 and 8 make how many?", "answer": "14", "equation": "6+8"})
    (tmp_path / "svamp_test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    wanted = parse_tasks("svamp~names")
    made = list(load_scoring("svamp~names"))
    answers = {problem.question: "14" for problem in [*made, *load_scoring("svamp")]}
    report = bench(
        [fake_artifact(tmp_path / "student", "student")],
        wanted,
        out=tmp_path / "out",
        load=Solves((*names, "make"), answers),
    )
    assert [(entry.task, entry.score.n, entry.score.correct) for entry in report.entries[:1]] == [
        ("svamp test", 7, 7)
    ]
    (drop,) = report.drops
    right = sum(any(name in problem.question for name in names) for problem in made)
    assert (drop.paired.n, drop.paired.only_first, drop.paired.both) == (6, 6 - right, right) and right < 6
    assert "student, svamp~names test against the originals: -" in report.headlines[-1]
    written = json.loads((tmp_path / "out/report.json").read_text())
    assert written["robustness"][0]["original"] == "svamp test" and written["robustness"][0]["n"] == 6
    for name in ("report.md", "report.html"):
        assert "Robustness" in (tmp_path / "out" / name).read_text()


def test_a_limit_of_a_robustness_set_is_that_of_its_originals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {
            "id": f"svamp-{n}",
            "question": f"{name} has 6 and 8 pens. How many is it?",
            "answer": "14",
            "equation": "6+8",
        }
        for n, name in enumerate(["Tom", "Nobody", "Anna", "Someone", "Paul", "Everyone"])
    ]
    (tmp_path / "svamp_test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    originals, rewritten_task = with_originals(parse_tasks("svamp~names"))
    job = Job(tmp_path, "student", (originals, rewritten_task), tmp_path / "log", BenchSettings(limit=4))
    asked, made = job_problems(job, originals), job_problems(job, rewritten_task)
    assert len(asked) == 4 and 0 < len(made) < 4
    assert {one.id for one in made} <= {one.id for one in asked}
