"""Scoring: put problems to anything that solves, log every answer, and count honestly."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from benchmarks.devices.metered import metered
from benchmarks.devices.meters import Meters, Spent
from benchmarks.scoring.external.replies import ExternalSolution
from benchmarks.scoring.machine import peak_rss_bytes
from benchmarks.scoring.samples import Sample, SampleKey, SampleLog, question_hash
from benchmarks.scoring.statistics import Interval, percentile, wilson
from runtime.values.answers import Tolerance, format_value, matches_gold
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.solution import Solution

STAGES = ("load", "prefill", "decode", "solve", "total")
WRONG = "wrong"
RIGHT = "right"
DEADLINES_MS = (250, 500, 1000, 2000, 5000, 10_000, 30_000)
WARM_UP_QUESTION = "Ann has 3 apples and buys 4 more. How many apples does she have?"


class Answers(Protocol):
    """Anything that answers a question: a loaded model, a vote, a baseline."""

    def answer(self, question: str) -> Solution:
        """Answer one question."""
        ...


@runtime_checkable
class AnswersBatch(Protocol):
    """What answers several questions at a time, in their order."""

    def answer_batch(self, questions: Iterable[str]) -> Iterator[Solution]:
        """Answer the questions, reading them as they are needed."""
        ...


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is being scored: a label for people, the artifact's hash, and the settings it answers under.

    A change of `sha256` or `settings` makes it another subject: nothing that was logged before counts for it.
    `remote` says that it runs elsewhere: this process's memory is not its own. `profile` is the device profile that its
    process is held to.
    """

    label: str
    sha256: str
    settings: str = ""
    bytes: int = 0
    notes: str = ""
    remote: bool = False
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one stage over many answers: the median, the 95th and the 99th percentile."""

    p50: float
    p95: float
    p99: float


def latency(milliseconds: Sequence[float]) -> Latency:
    """The percentiles of these times; zeros when nothing was measured."""
    return Latency(*(percentile(milliseconds, share) for share in (0.5, 0.95, 0.99)))


@dataclass(frozen=True, slots=True)
class Score:
    """What a set of samples says. Times in milliseconds, rates per second; shares are fractions of one.

    `ledger` counts `right`, `wrong` (solved, but not to the gold answer) and every status that is no answer.
    `by_deadline` maps a deadline in milliseconds to the share answered rightly within it. All of these count flexible
    readings. `cpu_ms` and `energy_j` are means of an answer, `waited` is the share of time in which the process waited
    for a processor that others had, `mhz` the median clock, `throttled` how often it was in all; None where no machine
    says. `strict_correct` and its interval are of strict ones, None for our own artifacts, which have no two.
    """

    n: int
    correct: int
    interval: Interval
    ledger: dict[str, int]
    latency: dict[str, Latency]
    prefill_tokens_per_s: float
    decode_tokens_per_s: float
    generated_tokens: float
    correct_per_s: float
    by_deadline: dict[int, float]
    peak_rss_bytes: int
    cpu_ms: float = 0.0
    cores_busy: float = 0.0
    waited: float | None = None
    energy_j: float | None = None
    correct_per_wh: float | None = None
    mhz: float | None = None
    throttled: int | None = None
    strict_correct: int | None = None
    strict_interval: Interval | None = None

    @property
    def strict_accuracy(self) -> float | None:
        """Share of right answers by strict reading; None where nothing is read in two ways."""
        return None if self.strict_correct is None else self.strict_correct / self.n

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.correct / self.n

    def to_row(self) -> dict[str, Any]:
        """The score as a JSON object; strict figures only where there are any."""
        row = {"accuracy": self.accuracy, **asdict(self)}
        if self.strict_correct is None:
            return {name: value for name, value in row.items() if not name.startswith("strict_")}
        return row | {"strict_accuracy": self.strict_accuracy}


def score_samples(
    solver: Answers,
    problems: Iterable[Problem],
    subject: ModelInfo,
    *,
    task: str,
    log: SampleLog | None = None,
    tolerance: Tolerance = "exact",
    load_ms: float = 0.0,
) -> Iterator[Sample]:
    """Yield one sample a problem, in order: from the log if it is finished, else solved and logged.

    `load_ms` is what loading took, where a warm-up has used it up; the first new sample carries it.
    """
    waiting: deque[tuple[Problem, SampleKey, Sample | None]] = deque()

    def questions() -> Iterator[str]:
        for problem in problems:
            key = sample_key(problem, subject, task)
            sample = log.finished(key, problem.answer or "") if log else None
            waiting.append((problem, key, sample))
            if sample is None:
                yield problem.question

    meters = None if subject.remote else Meters()
    for solution in _answers(solver, questions()):
        spent = meters.lap() if meters else Spent()
        yield from _finished(waiting)
        problem, key, _ = waiting.popleft()
        sample = _judge(solution, problem, subject, key, tolerance, load_ms, spent)
        load_ms = 0.0
        if log:
            log.append(sample)
        yield sample
    yield from _finished(waiting)


def _answers(solver: Answers, questions: Iterator[str]) -> Iterator[Solution]:
    """Solutions in the order of the questions: together where the solver can, else one after the other."""
    if isinstance(solver, AnswersBatch):
        return solver.answer_batch(questions)
    return map(solver.answer, questions)


def _finished(waiting: deque[tuple[Problem, SampleKey, Sample | None]]) -> Iterator[Sample]:
    """Take the samples of an earlier run from the front, up to the first problem that has none."""
    while waiting and (sample := waiting[0][2]):
        waiting.popleft()
        yield sample


def sample_key(problem: Problem, subject: ModelInfo, task: str) -> SampleKey:
    """The key of a subject's answer to a problem; raises InputError for a problem without a gold answer."""
    if problem.answer is None:
        raise InputError(f"problem {problem.id!r} has no gold answer; expected: problems with one")
    return SampleKey(subject.sha256, subject.settings, task, problem.id, question_hash(problem.question))


def _judge(
    solution: Solution,
    problem: Problem,
    subject: ModelInfo,
    key: SampleKey,
    tolerance: Tolerance,
    load_ms: float,
    spent: Spent,
) -> Sample:
    outcome, gold = solution.outcome, problem.answer or ""
    strict = _strict_value(solution)
    timings = solution.timings.to_row()
    # An answer's time is without loading, which happens once; the load is kept beside it.
    timings |= {"total": timings["total"] - timings["load"], "load": timings["load"] + load_ms}
    return Sample(
        id=problem.id,
        task=key.task,
        question=problem.question,
        question_hash=key.question_hash,
        gold=gold,
        artifact=subject.label,
        artifact_sha256=subject.sha256,
        settings=subject.settings,
        thought=solution.thought,
        text=solution.text,
        status=outcome.status,
        reason=solution.reason,
        value=solution.answer,
        correct=outcome.solved and matches_gold(solution.value, gold, tolerance),
        tokens={"prompt": solution.prompt_tokens, "generated": solution.generated_tokens},
        timings_ms=timings,
        votes=solution.votes,
        peak_rss_bytes=0 if subject.remote else peak_rss_bytes(),
        confidence=solution.confidence,
        score=solution.score,
        **asdict(spent),
        strict_value=None if strict is None else format_value(strict),
        strict_correct=matches_gold(strict, gold, tolerance)
        if isinstance(solution, ExternalSolution)
        else None,
    )


def _strict_value(solution: Solution) -> Fraction | None:
    """The value by strict reading, read as its question asks; None where there is none."""
    if not isinstance(solution, ExternalSolution) or solution.strict.value is None:
        return None
    return solution.expected.read(solution.strict.value)


def warm_up(solver: Answers) -> Solution:
    """Answer one easy question that is not counted, so that the first counted one is timed as the rest."""
    return solver.answer(WARM_UP_QUESTION)


def verdict(sample: Sample) -> str:
    """The sample's line in the ledger: `right`, `wrong`, or the status that says why there is no answer."""
    if sample.correct:
        return RIGHT
    return WRONG if sample.status == "solved" else sample.status


def summarize(samples: Sequence[Sample]) -> Score:
    """Everything that is counted from samples of one subject on one task; InputError without any: no score is not 0."""
    if not samples:
        raise InputError("no answers to count; expected: one or more")
    n, correct = len(samples), sum(sample.correct for sample in samples)
    by_strict = [sample.strict_correct for sample in samples if sample.strict_correct is not None]
    strict = sum(by_strict) if len(by_strict) == n else None
    # `load` is counted once, in the first answer after loading.
    stages = {stage: [sample.timings_ms[stage] for sample in samples] for stage in STAGES}
    stages["load"] = [ms for ms in stages["load"] if ms > 0]
    return Score(
        n=n,
        correct=correct,
        interval=wilson(correct, n),
        ledger=dict(Counter(map(verdict, samples)).most_common()),
        latency={stage: latency(values) for stage, values in stages.items()},
        prefill_tokens_per_s=_rate(sum(s.tokens["prompt"] for s in samples), stages["prefill"]),
        decode_tokens_per_s=_rate(sum(s.tokens["generated"] for s in samples), stages["decode"]),
        generated_tokens=sum(s.tokens["generated"] for s in samples) / n,
        correct_per_s=_rate(correct, stages["total"]),
        by_deadline={ms: _right_within(samples, ms) for ms in DEADLINES_MS},
        peak_rss_bytes=max(sample.peak_rss_bytes for sample in samples),
        **metered([_spent(sample) for sample in samples], stages["total"], correct),
        strict_correct=strict,
        strict_interval=None if strict is None else wilson(strict, n),
    )


def _spent(sample: Sample) -> Spent:
    return Spent(sample.cpu_ms, sample.waited_ms, sample.energy_j, sample.mhz, sample.throttled)


def _rate(count: int, milliseconds: Sequence[float]) -> float:
    total = sum(milliseconds)
    return 1000 * count / total if total else 0.0


def _right_within(samples: Sequence[Sample], deadline_ms: float) -> float:
    right = sum(sample.correct and sample.timings_ms["total"] <= deadline_ms for sample in samples)
    return right / len(samples)
