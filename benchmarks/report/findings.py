"""Findings: what a set of scored artifacts says, before anybody prints it. Every kind of report reads these values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from benchmarks.devices.profiled import ProfiledRun
from benchmarks.scoring.attempts import Attempts
from benchmarks.scoring.machine import Machine
from benchmarks.scoring.problem_kinds import Group, groups_of
from benchmarks.scoring.risk_coverage import RiskCoverage, risk_coverage
from benchmarks.scoring.samples import Sample
from benchmarks.scoring.scores import ModelInfo, Score, summarize, verdict
from benchmarks.scoring.statistics import FEWEST_SIGNIFICANT, Paired, compare, spread
from benchmarks.tasks.robustness import original_label
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.schema import SCHEMA

# Times are worth less where a process waited for a processor for more of its time than this.
WAITED_AT_MOST = 0.05
# Above this many artifacts a task, only comparisons with the baseline are drawn up.
ALL_PAIRS_UP_TO = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One artifact on one task; `attempts` and `risk` are None where the samples do not hold them."""

    subject: ModelInfo
    task: str
    score: Score
    samples: tuple[Sample, ...] = ()
    groups: tuple[Group, ...] = ()
    attempts: Attempts | None = None
    risk: RiskCoverage | None = None

    @property
    def label(self) -> str:
        """The artifact's label."""
        return self.subject.label

    @property
    def empty(self) -> bool:
        """Whether the model wrote nothing in reply to any question: that says nothing about its answers."""
        return bool(self.samples) and not any(sample.text.strip() for sample in self.samples)

    def to_row(self) -> dict[str, Any]:
        """The entry as a JSON object, samples left out: they are in the log."""
        return {
            **asdict(self.subject),
            "task": self.task,
            **self.score.to_row(),
            "groups": [group.to_row() for group in self.groups],
            "attempts": self.attempts and asdict(self.attempts),
            "risk_coverage": self.risk and asdict(self.risk),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two artifacts on the problems of a task that both answered."""

    task: str
    first: Entry
    second: Entry
    paired: Paired

    def to_row(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return {
            "task": self.task,
            "first": self.first.label,
            "second": self.second.label,
            **asdict(self.paired),
        }


@dataclass(frozen=True, slots=True)
class Spread:
    """One recipe under several training seeds on one task: mean and standard deviation of the accuracies."""

    task: str
    name: str
    accuracies: tuple[float, ...]
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Findings:
    """A report's contents. `command` is what to type to get it again; `seed` chose the problems of a `limit`."""

    title: str
    entries: tuple[Entry, ...]
    comparisons: tuple[Comparison, ...]
    headlines: tuple[str, ...]
    machine: Machine
    command: str
    made: str
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    spreads: tuple[Spread, ...] = ()
    drops: tuple[Comparison, ...] = ()
    profiles: tuple[ProfiledRun, ...] = ()

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks, in the order they were scored."""
        return tuple(dict.fromkeys(entry.task for entry in self.entries))

    def on(self, task: str) -> list[Entry]:
        """The entries of one task."""
        return [entry for entry in self.entries if entry.task == task]

    def to_row(self) -> dict[str, Any]:
        """`report.json`."""
        return {
            "schema": SCHEMA,
            "title": self.title,
            "made": self.made,
            "headlines": list(self.headlines),
            "entries": [entry.to_row() for entry in self.entries],
            "comparisons": [comparison.to_row() for comparison in self.comparisons],
            "spreads": [asdict(spread) for spread in self.spreads],
            "robustness": [
                {
                    "artifact": drop.first.label,
                    "original": drop.first.task,
                    "task": drop.task,
                    **asdict(drop.paired),
                }
                for drop in self.drops
            ],
            "profiles": [profile.to_row() for profile in self.profiles],
            "machine": self.machine.to_row(),
            "command": self.command,
            "notes": list(self.notes),
            "details": self.details,
        }


def entry_of(
    subject: ModelInfo,
    task: str,
    samples: Iterable[Sample],
    problems: Iterable[Problem] = (),
    attempts: Attempts | None = None,
) -> Entry:
    """Count samples into an entry; `problems` have the gold working that kinds are told by."""
    kept = tuple(samples)
    return Entry(
        subject,
        task,
        summarize(kept),
        kept,
        groups=groups_of(kept, problems),
        attempts=attempts,
        risk=risk_coverage(kept),
    )


def compare_entries(first: Entry, second: Entry) -> Comparison:
    """Pair two entries on the questions that both answered; raises InputError when the tasks differ."""
    if first.task != second.task:
        raise InputError(
            f"{first.label} was scored on {first.task}, {second.label} on {second.task}; expected: one task"
        )
    answers = {(sample.id, sample.question_hash): sample.correct for sample in first.samples}
    shared = [sample for sample in second.samples if (sample.id, sample.question_hash) in answers]
    paired = compare(
        [answers[sample.id, sample.question_hash] for sample in shared], [sample.correct for sample in shared]
    )
    return Comparison(first.task, first, second, paired)


def comparisons_of(entries: Sequence[Entry], baseline: str | None = None) -> tuple[Comparison, ...]:
    """The baseline against each artifact, then each pair of artifacts where there are few."""
    found: list[Comparison] = []
    for task in dict.fromkeys(entry.task for entry in entries):
        here = [entry for entry in entries if entry.task == task]
        base = [entry for entry in here if entry.label == baseline]
        others = [entry for entry in here if entry.label != baseline]
        found += [compare_entries(first, second) for first in base for second in others]
        if len(others) <= ALL_PAIRS_UP_TO:
            found += [compare_entries(first, second) for first, second in combinations(others, 2)]
    return tuple(found)


def drops_of(entries: Sequence[Entry]) -> tuple[Comparison, ...]:
    """Each artifact on a robustness set against itself on the originals of the same problems, paired by id."""
    found: list[Comparison] = []
    by_task = {(entry.label, entry.task): entry for entry in entries}
    for entry in entries:
        original = by_task.get((entry.label, original_label(entry.task) or ""))
        if original is not None:
            right = {sample.id: sample.correct for sample in original.samples}
            shared = [sample for sample in entry.samples if sample.id in right]
            paired = compare([right[sample.id] for sample in shared], [sample.correct for sample in shared])
            found.append(Comparison(entry.task, original, entry, paired))
    return tuple(found)


def spreads_of(entries: Sequence[Entry], groups: Mapping[str, str]) -> tuple[Spread, ...]:
    """The spread of each group of labels on each task; `groups` maps a label to its group's name."""
    found: dict[tuple[str, str], list[float]] = {}
    for entry in entries:
        if entry.label in groups:
            found.setdefault((entry.task, groups[entry.label]), []).append(entry.score.accuracy)
    return tuple(
        Spread(task, name, tuple(accuracies), *spread(accuracies))
        for (task, name), accuracies in found.items()
    )


def smallest_told(paired: Paired) -> str:
    """The difference in points that so many problems would probably show, or `none`."""
    return f"{100 * paired.smallest:.1f}" if paired.n >= FEWEST_SIGNIFICANT else "none"


def points(share: float) -> str:
    """A difference of shares in percentage points, signed: `+41.5`."""
    return f"{100 * share:+.1f}"


def percent(share: float) -> str:
    """A share in percent: `53.5 %`."""
    return f"{100 * share:.1f} %"


def waiting_notes(entries: Iterable[Entry]) -> list[str]:
    """What must be known of times that something else on the machine made longer."""
    return [
        f"{entry.label} on {entry.task} waited {percent(entry.score.waited)} of its time for a processor that something "
        "else had: its times are too long"
        for entry in entries
        if entry.score.waited is not None and entry.score.waited > WAITED_AT_MOST
    ]


def p_value(p: float) -> str:
    """A p-value as people read it: `p = 0.031`, or `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def gain_headline(comparison: Comparison, what: str | None = None) -> str:
    """What the second gained over the first, in one sentence with n, interval and test, also when it gained nothing.

    `what` is who gained, such as `Distillation`; by default the second's label against the first's.
    """
    paired = comparison.paired
    what = what or f"{comparison.second.label}, against {comparison.first.label},"
    shares = f"{percent((paired.both + paired.only_first) / paired.n)} → " if paired.n else ""
    shares += percent((paired.both + paired.only_second) / paired.n) if paired.n else "nothing scored"
    test = (
        f"n = {paired.n}, 95 % CI {points(paired.interval.low)} to {points(paired.interval.high)}; "
        f"McNemar {p_value(paired.p)}"
    )
    if not paired.significant:
        smallest = smallest_told(paired)
        seen = "none" if smallest == "none" else f"a difference of {smallest} points"
        return (
            f"{what} made no difference that {comparison.task} could show: {points(paired.gain)} points, "
            f"{shares} ({test}; {seen} would probably have shown)"
        )
    verb = "gained" if paired.gain > 0 else "lost"
    return f"{what} {verb} {points(paired.gain)} points on {comparison.task}: {shares} ({test})"


def drop_headline(drop: Comparison) -> str:
    """What an artifact loses on rewritten problems against their originals, with n, interval and test."""
    paired = drop.paired
    before, after = paired.both + paired.only_first, paired.both + paired.only_second
    shares = (
        f"{percent(before / paired.n)} → {percent(after / paired.n)}" if paired.n else "nothing in common"
    )
    return (
        f"{drop.first.label}, {drop.task} against the originals: {points(paired.gain)} points, {shares} "
        f"(n = {paired.n}, 95 % CI {points(paired.interval.low)} to {points(paired.interval.high)}; "
        f"McNemar {p_value(paired.p)})"
    )


def failure_examples(entry: Entry, each: int = 3) -> dict[str, list[Sample]]:
    """For every line of the ledger that is no success, its first few samples."""
    examples: dict[str, list[Sample]] = {name: [] for name in entry.score.ledger if name != "right"}
    for sample in entry.samples:
        kept = examples.get(verdict(sample))
        if kept is not None and len(kept) < each:
            kept.append(sample)
    return examples
