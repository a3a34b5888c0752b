"""What one bench says of one model on one task, as every export needs it: samples, and each way of reading them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from typing import Any

from benchmarks.compare import read_bench
from benchmarks.report.build import SAMPLES_FILE
from benchmarks.scoring.external.lm_eval import as_filtered
from benchmarks.scoring.model_info import LM_EVAL_SETTINGS
from benchmarks.scoring.samples import Sample
from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.loading import FILE_ENDINGS
from benchmarks.tasks.splits import TEST, Split
from benchmarks.tasks.task import SplitFile
from runtime.values.prompt import THOUGHTS, render_prompt

SOLVER, STRICT, FLEXIBLE = "solver", "strict-match", "flexible-extract"
PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one way of reading made of a reply: the answer as printed, and whether it is right."""

    answer: str | None
    correct: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of right answers, and its standard error: sample deviation over the root of n, None of one answer."""

    value: float
    stderr: float | None


@dataclass(frozen=True, slots=True)
class ScoredTask:
    """One model's latest answers to one task, all that the log holds; `made` is when the report was written.

    `report` is empty where only a log was found.
    """

    label: str
    task: str
    samples: tuple[Sample, ...]
    made: datetime
    report: Mapping[str, Any]

    @property
    def settings(self) -> str:
        """How the model was asked."""
        return self.samples[0].settings

    @property
    def sha256(self) -> str:
        """The hash of the artifact's files."""
        return self.samples[0].artifact_sha256

    @property
    def external(self) -> bool:
        """Whether replies are read twice, strict and flexible, as those of models that are none of ours."""
        return self.samples[0].strict_correct is not None

    @property
    def way(self) -> str:
        """`eot`, `pot`, `cot`, `plain` for the question alone; empty for all other ways of asking."""
        asked = self.settings.partition(",")[0]
        return PLAIN if asked == "zero-shot chat" else asked if asked in THOUGHTS else ""

    @property
    def name(self) -> str:
        """What lm-evaluation-harness calls it: `edgethought_gsm8k_dev_pot`."""
        return task_name(self.task) + (f"_{self.way}" if self.way else "")

    @property
    def shots(self) -> int:
        """Worked examples before a question."""
        found = re.search(r"(\d+)-shot", self.settings)
        return int(found[1]) if found else 0

    @property
    def readings(self) -> tuple[str, ...]:
        """The names of the ways in which replies were read."""
        return (STRICT, FLEXIBLE) if self.external else (SOLVER,)

    @property
    def problems(self) -> int:
        """How many problems the task's split has, where the catalogue says it; else how many were answered."""
        name, _, split = self.task.rpartition(" ")
        counts = {part.value: file.rows for part, file in _splits(name).items()}
        return max(counts.get(split, 0), len(self.samples))

    def accuracy(self, reading: str) -> Accuracy:
        """The share of right answers by one way of reading."""
        n = len(self.samples)
        value = sum(judgement(sample, reading).correct for sample in self.samples) / n
        return Accuracy(value, sqrt(value * (1 - value) / (n - 1)) if n > 1 else None)

    def prompt(self, sample: Sample) -> str:
        """The prompt's bytes where a single thought was asked for, else the question: other prompts are not logged."""
        return render_prompt(sample.question, sample.thought) if self.way in THOUGHTS else sample.question


def _splits(name: str) -> Mapping[Split, SplitFile]:
    return TASKS[name].splits if name in TASKS else {}


def judgement(sample: Sample, reading: str) -> Judgement:
    """What one way of reading made of a sample."""
    if reading == STRICT:
        return Judgement(sample.strict_value, bool(sample.strict_correct))
    return Judgement(sample.value, sample.correct)


def bracketed(sample: Sample, reading: str) -> str:
    """The answer as printed, or the status in brackets where there is none."""
    answer = judgement(sample, reading).answer
    if answer is not None:
        return answer
    return f"[{sample.status if sample.status != 'solved' else 'no_thought'}]"


def task_name(label: str) -> str:
    """A task as lm-evaluation-harness names ours, from what reports call it; the test split goes without saying."""
    for ending in (*reversed(FILE_ENDINGS), f" {TEST.value}"):
        label = label.removesuffix(ending)
    return "edgethought_" + re.sub(r"\W+", "_", label)


def scored_tasks(bench: Path) -> Iterator[ScoredTask]:
    """Every model and task of a bench's folder, or of its samples.jsonl; raises InputError where there are no samples."""
    found = read_bench(bench)
    made = _made(found.report, bench)
    for label, tasks in found.answers.items():
        for task, samples in tasks.items():
            yield ScoredTask(label, task, _judged(list(samples.values())), made, found.report)


def _judged(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """The samples, those that answer lm-eval's prompts as its two filters have them, which is how reports count them."""
    return tuple(
        as_filtered(sample) if sample.settings.startswith(LM_EVAL_SETTINGS) else sample for sample in samples
    )


def _made(report: Mapping[str, Any], bench: Path) -> datetime:
    if report:
        return datetime.fromisoformat(report["made"]).astimezone(UTC)
    log = bench / SAMPLES_FILE if bench.is_dir() else bench
    return datetime.fromtimestamp(int(log.stat().st_mtime), UTC)


def beside(sample: Sample) -> dict[str, Any]:
    """What other formats have no place for: hashes, settings, status, tokens, times in milliseconds, votes, confidence.

    Votes are a list of pairs, since readers of tables make a column of every key.
    """
    return {
        "artifact": sample.artifact,
        "artifact_sha256": sample.artifact_sha256,
        "settings": sample.settings,
        "thought": sample.thought,
        "status": sample.status,
        "reason": sample.reason,
        "question_hash": sample.question_hash,
        "tokens": sample.tokens,
        "timings_ms": sample.timings_ms,
        "votes": [{"value": value, "count": count} for value, count in sample.votes.items()],
        "peak_rss_bytes": sample.peak_rss_bytes,
        "confidence": sample.confidence,
        "score": sample.score,
    }
