"""A scoring job: which artifact, asked how, on which tasks. It travels to its own process as one line of JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from benchmarks.raw import Exemplar
from benchmarks.splits import ScoringSplit
from runtime.answers import Tolerance
from runtime.errors import InputError
from runtime.modes import Mode
from runtime.prompt import Thought

Ask = Literal["student", "few-shot", "chat"]


@dataclass(frozen=True, slots=True)
class BenchTask:
    """A task and its scoring split; `name` may be a `.jsonl` file."""

    name: str
    split: ScoringSplit = ScoringSplit.TEST
    title: str = ""

    @property
    def label(self) -> str:
        """What reports call it: its title, `gsm8k test`, or a file's name."""
        if self.title:
            return self.title
        if self.name.endswith((".jsonl", ".jsonl.gz")):
            return Path(self.name).name
        return f"{self.name} {self.split.value}"


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """How to score. `limit` takes a seeded choice of problems; None means all, or the artifact's own.

    `ask` says how the artifact is asked: a student by its prompt, an untaught model by `exemplars` in our format
    (`few-shot`) or through its own chat markup (`chat`).
    """

    limit: int | None = None
    seed: int = 0
    thought: Thought | None = None
    threads: int | None = None
    deadline_ms: float | None = None
    tolerance: Tolerance = "exact"
    mode: Mode = "single"
    ask: Ask = "student"
    exemplars: tuple[Exemplar, ...] = ()

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise InputError(f"limit is {self.limit}; allowed: 1 or more")
        if self.deadline_ms is not None and self.deadline_ms <= 0:
            raise InputError(f"deadline is {self.deadline_ms:g} ms; allowed: more than 0")
        if self.tolerance not in get_args(Tolerance):
            raise InputError(f"tolerance {self.tolerance!r}; allowed: {', '.join(get_args(Tolerance))}")


DEFAULT_SETTINGS = BenchSettings()


@dataclass(frozen=True, slots=True)
class Job:
    """One artifact, what reports call it, the tasks to score it on, and the log to write."""

    artifact: Path
    label: str
    tasks: tuple[BenchTask, ...]
    log: Path
    settings: BenchSettings = DEFAULT_SETTINGS

    def to_json(self) -> str:
        """The job as one line of JSON."""
        return json.dumps(
            {
                "artifact": str(self.artifact),
                "label": self.label,
                "tasks": [[task.name, task.split.value, task.title] for task in self.tasks],
                "log": str(self.log),
                "settings": asdict(self.settings),
            }
        )


def read_job(text: str) -> Job:
    """A job from its JSON."""
    row: dict[str, Any] = json.loads(text)
    return Job(
        artifact=Path(row["artifact"]),
        label=row["label"],
        tasks=tuple(BenchTask(name, ScoringSplit(split), title) for name, split, title in row["tasks"]),
        log=Path(row["log"]),
        settings=BenchSettings(
            **{
                **row["settings"],
                "exemplars": tuple(Exemplar(**exemplar) for exemplar in row["settings"]["exemplars"]),
            }
        ),
    )
