"""A solver whose answers are known: it plays back outcomes by question."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Self, Unpack

from benchmarks.report.build import build_findings
from benchmarks.report.findings import Entry, Findings, entry_of
from benchmarks.scoring.samples import SampleLog
from benchmarks.scoring.scores import Answers, ModelInfo, Score, score_samples, summarize
from runtime.answering.modes import AnswerOptions
from runtime.values.answers import Tolerance
from runtime.values.manifest import Manifest, file_sha256
from runtime.values.outcome import Outcome
from runtime.values.problem import Problem
from runtime.values.prompt import TAGS, chat_template
from runtime.values.solution import Solution, Timings


class FakeModel:
    """Answers by question; counts how often it was asked."""

    def __init__(self, outcomes: Mapping[str, Outcome], total_ms: float = 100.0) -> None:
        self.outcomes = outcomes
        self.total_ms = total_ms
        self.asked: list[str] = []
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.closed = True

    def answer(self, question: str, **options: Unpack[AnswerOptions]) -> Solution:
        self.asked.append(question)
        outcome = self.outcomes.get(question, Outcome("bad_syntax", reason="no number here"))
        load = 50.0 if len(self.asked) == 1 else 0.0
        timings = Timings(load, self.total_ms * 0.2, self.total_ms * 0.7, self.total_ms * 0.1, self.total_ms)
        return Solution("eot", f"ans = {outcome.value}", outcome, "fake", 40, 20, {}, timings)


def solved(value: Fraction | int | str) -> Outcome:
    return Outcome("solved", Fraction(value))


def problems(count: int) -> list[Problem]:
    return [Problem(f"p-{number}", f"What is {number} + 1?", str(number + 1)) for number in range(count)]


def model_right_on(right: int, wrong: int = 0, total_ms: float = 100.0) -> FakeModel:
    """Right on the first `right` problems, wrong on the next `wrong`, no answer to the others."""
    answers = {f"What is {number} + 1?": solved(number + 1) for number in range(right)}
    answers |= {f"What is {number} + 1?": solved(-1) for number in range(right, right + wrong)}
    return FakeModel(answers, total_ms)


def score(
    solver: Answers,
    asked: Iterable[Problem],
    subject: ModelInfo,
    log: SampleLog | None = None,
    tolerance: Tolerance = "exact",
) -> Score:
    """The score of a solver on these problems."""
    return summarize(list(score_samples(solver, asked, subject, task="mine", log=log, tolerance=tolerance)))


def scored(
    label: str, solver: Answers, *, task: str = "gsm8k test", n: int = 40, size: int = 92_000_000
) -> Entry:
    """One artifact's entry on `n` problems."""
    subject = ModelInfo(label, f"{len(label):02x}" * 32, "greedy", size)
    return entry_of(subject, task, score_samples(solver, problems(n), subject, task=task))


def findings(*entries: Entry, baseline: str | None = None) -> Findings:
    return build_findings(entries, title="bench", baseline=baseline, command="edgethought bench a b")


def hostile_findings(text: str) -> Findings:
    """A report in which every word of somebody else is `text`."""
    outcome = Outcome("bad_syntax", reason=text)
    model = FakeModel({problem.question: outcome for problem in problems(3)})
    entry = scored(text, model, n=5)
    samples = tuple(replace(sample, text=text, question=text) for sample in entry.samples)
    report = findings(
        replace(entry, samples=samples), scored("student", model_right_on(3), n=5), baseline=text
    )
    return replace(report, command=text, notes=(text,), title=text)


def fake_artifact(folder: Path, name: str, weights: bytes = b"weights") -> Path:
    """A folder that reads as an artifact; its model file holds nothing that runs."""
    folder.mkdir(parents=True)
    (folder / "model.gguf").write_bytes(weights)
    Manifest(
        name=name,
        format="gguf",
        quantization="q4_0",
        parameters=135_000_000,
        bytes=len(weights),
        files={"model.gguf": file_sha256(folder / "model.gguf")},
        parent="",
        license="Apache-2.0",
        default_thought="eot",
        thoughts=("eot", "pot"),
        end_tokens=(2,),
        prompt_template=chat_template("eot"),
        tags=dict(TAGS),
        max_tokens=320,
        context_tokens=2048,
        tensor_types={},
        tools={},
        gate={},
    ).save(folder)
    return folder
