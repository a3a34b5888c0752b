"""Two benches beside each other: what changed, whether a difference is more than noise, which problems flipped."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.report.build import REPORT_JSON, SAMPLES_FILE
from benchmarks.scoring.samples import Sample, read_samples
from benchmarks.scoring.statistics import Paired, Ratio, compare, time_ratio
from runtime.values.errors import InputError
from runtime.values.schema import migrated

# What is compared of two machines; versions of packages follow one by one.
MACHINE_FACTS = ("cpu", "cores", "memory_bytes", "system", "python")
# One artifact in one bench: samples by task, then by problem.
Answers = Mapping[str, Mapping[tuple[str, str], Sample]]


@dataclass(frozen=True, slots=True)
class BenchFolder:
    """What one bench left: each artifact's answers by label, and its report where there is one."""

    path: Path
    answers: Mapping[str, Answers]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same on both sides."""

    what: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem that one side got right and the other did not; values are None where there was no answer."""

    id: str
    question: str
    gold: str
    first: str | None
    second: str | None
    gained: bool


@dataclass(frozen=True, slots=True)
class TaskComparison:
    """Two artifacts on the problems of a task that both answered.

    `time` is second by first, None where none was measured; `mean_ms` are both means.
    """

    task: str
    first: str
    second: str
    paired: Paired
    time: Ratio | None
    mean_ms: tuple[float, float]
    flips: tuple[Flip, ...]
    changes: tuple[Change, ...]

    def to_row(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return {**asdict(self), "significant": self.paired.significant}


@dataclass(frozen=True, slots=True)
class BenchComparison:
    """All tasks that two benches share; `changes` are those of machine and versions."""

    tasks: tuple[TaskComparison, ...]
    changes: tuple[Change, ...]

    def to_row(self) -> dict[str, Any]:
        """What `bench-compare --json` prints."""
        return {
            "tasks": [task.to_row() for task in self.tasks],
            "changes": [asdict(change) for change in self.changes],
        }


def read_bench(path: Path) -> BenchFolder:
    """A bench's folder, its samples.jsonl or its report.json.

    An artifact that the log has under one label with several hashes or settings is the one that answered last. Raises
    InputError where there are no samples.
    """
    if not path.exists():
        raise InputError(
            f"no file or folder {path}; expected: a bench's folder, its samples.jsonl or report.json"
        )
    folder = path if path.is_dir() else path.parent
    log = path if path.suffix == ".jsonl" else folder / SAMPLES_FILE
    latest: dict[tuple[str, str], tuple[str, str]] = {}
    found: dict[tuple[str, str, str, str], dict[tuple[str, str], Sample]] = {}
    for sample in read_samples(log):
        subject = (sample.artifact_sha256, sample.settings)
        latest[sample.artifact, sample.task] = subject
        key = (sample.artifact, sample.task, *subject)
        found.setdefault(key, {})[sample.id, sample.question_hash] = sample
    answers: dict[str, dict[str, Mapping[tuple[str, str], Sample]]] = {}
    for (label, task), subject in latest.items():
        answers.setdefault(label, {})[task] = found[label, task, *subject]
    if not answers:
        raise InputError(f"{log} has no answers; expected: a bench that answered some")
    return BenchFolder(
        path, answers, read_report(folder / REPORT_JSON) if (folder / REPORT_JSON).is_file() else {}
    )


def read_report(path: Path) -> Mapping[str, Any]:
    """A report.json of this or an earlier version; raises InputError where it is none."""
    try:
        report = migrated(json.loads(path.read_text(encoding="utf-8")), path)
    except FileNotFoundError as error:
        raise InputError(f"no file {path}; expected: a report.json that bench wrote") from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON ({error}); expected: a report.json that bench wrote") from error
    if not isinstance(report, dict) or "entries" not in report:
        raise InputError(f"{path} is no report; expected: a report.json that bench wrote")
    return report


def compare_benches(
    first: BenchFolder, second: BenchFolder, label: str | None = None, other: str | None = None
) -> BenchComparison:
    """Pair the artifacts of two benches: those named, those of one label, or the only one of each.

    Raises InputError where that leaves nothing to pair, or no problem that both answered.
    """
    tasks = tuple(
        _compare_task(task, (one, two), pairs)
        for one, two in _pairs(first, second, label, other)
        for task in first.answers[one]
        if (pairs := _shared(first.answers[one][task], second.answers[two].get(task, {})))
    )
    if not tasks:
        raise InputError(
            f"no problem was answered in both {first.path} and {second.path}; expected: benches of the same tasks"
        )
    return BenchComparison(tasks, tuple(_machine_changes(first.report, second.report)))


def _pairs(
    first: BenchFolder, second: BenchFolder, label: str | None, other: str | None
) -> list[tuple[str, str]]:
    for name, bench in ((label, first), (other, second)):
        if name is not None and name not in bench.answers:
            raise InputError(f"no artifact {name!r} in {bench.path}; expected: {', '.join(bench.answers)}")
    ones, twos = [label] if label else list(first.answers), [other] if other else list(second.answers)
    if len(ones) == len(twos) == 1:
        return [(ones[0], twos[0])]
    shared = [(one, one) for one in ones if one in twos]
    if not shared:
        raise InputError(
            f"{first.path} has {', '.join(ones)}, {second.path} has {', '.join(twos)}; expected: artifacts of one "
            "label, or --first and --second"
        )
    return shared


def _shared(
    first: Mapping[tuple[str, str], Sample], second: Mapping[tuple[str, str], Sample]
) -> list[tuple[Sample, Sample]]:
    return [(first[key], second[key]) for key in first if key in second]


def _compare_task(
    task: str, labels: tuple[str, str], pairs: Sequence[tuple[Sample, Sample]]
) -> TaskComparison:
    ours, theirs = ([sample.timings_ms["total"] for sample in side] for side in zip(*pairs, strict=True))
    return TaskComparison(
        task,
        *labels,
        paired=compare([one.correct for one, _ in pairs], [two.correct for _, two in pairs]),
        time=time_ratio(ours, theirs),
        mean_ms=(fmean(ours), fmean(theirs)),
        flips=tuple(
            Flip(one.id, one.question, one.gold, one.value, two.value, gained=two.correct)
            for one, two in pairs
            if one.correct != two.correct
        ),
        changes=tuple(_artifact_changes(pairs)),
    )


def _artifact_changes(pairs: Sequence[tuple[Sample, Sample]]) -> Iterator[Change]:
    facts: dict[str, Callable[[Sample], str]] = {
        "label": lambda sample: sample.artifact,
        "artifact": lambda sample: sample.artifact_sha256[:16],
        "settings": lambda sample: sample.settings,
    }
    one, two = pairs[0]
    for what, fact in facts.items():
        yield from _change(what, fact(one), fact(two))


def _machine_changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Change]:
    if not first or not second:
        return
    machines = first["machine"], second["machine"]
    for fact in MACHINE_FACTS:
        yield from _change(fact, *(str(machine[fact]) for machine in machines))
    for package in sorted({name for machine in machines for name in machine["packages"]}):
        yield from _change(package, *(machine["packages"].get(package, "–") for machine in machines))


def _change(what: str, first: str, second: str) -> Iterator[Change]:
    if first != second:
        yield Change(what, first, second)
