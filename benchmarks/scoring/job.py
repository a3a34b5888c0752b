"""A scoring job: who is asked, how, on which tasks. It travels to its own process as one line of JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from benchmarks.devices.limits import Limits
from benchmarks.scoring.external.baselines import Exemplar
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.loading import is_file
from benchmarks.tasks.splits import ScoringSplit
from runtime.answering.modes import DEFAULT_SAMPLES, MAX_STREAMS, Mode
from runtime.values.answers import Tolerance
from runtime.values.errors import InputError
from runtime.values.prompt import Thought

# How a model is asked: a student by its prompt; any other model by worked examples in our format, in its own chat
# template, or with lm-evaluation-harness's prompts for GSM8K.
PromptMode = Literal["student", "few-shot", "chat", "lm-eval"]
ASKS: tuple[PromptMode, ...] = get_args(PromptMode)
# Ways of asking in which several problems can be answered at a time.
TOGETHER: tuple[PromptMode, ...] = ("student", "few-shot")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind an OpenAI-compatible address. `key_variable` names the environment variable with its key.

    `request` holds further fields of every request, such as `repeat_penalty`: pairs of a name and a value as JSON.
    """

    url: str
    model: str
    key_variable: str | None = None
    request: tuple[tuple[str, str], ...] = ()


# An artifact folder, a GGUF file that is none of ours, or an endpoint.
Source = Path | Endpoint


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Who is scored, and how it is asked."""

    source: Source
    prompt_mode: PromptMode = "student"


def is_gguf(source: Source) -> bool:
    """Whether a source is a GGUF file by itself rather than an artifact folder."""
    return isinstance(source, Path) and source.suffix == ".gguf"


@dataclass(frozen=True, slots=True)
class BenchTask:
    """A task and its scoring split; `name` may be a `.jsonl` file, whose rows `fields` describes."""

    name: str
    split: ScoringSplit = ScoringSplit.TEST
    title: str = ""
    fields: Fields | None = None

    @property
    def label(self) -> str:
        """What reports call it: its title, `gsm8k test`, or a file's name."""
        if self.title:
            return self.title
        if is_file(self.name):
            return Path(self.name).name
        return f"{self.name} {self.split.value}"


def dev_task(problems: Path) -> BenchTask:
    """Problems that choices are made on, in a file of their own: who trains need not name a scoring split."""
    return BenchTask(str(problems), ScoringSplit.DEV, "dev")


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """How to score. `limit` takes a seeded choice of problems; None means all, or the artifact's own. `samples` counts
    in the modes that vote. With `streams` above 1 that many problems are answered at a time, and an answer's times
    are its share of the clock. With `grammar` a student's thoughts are held to their grammars.

    `prompt_mode` says how the model is asked; `few-shot` shows it `exemplars`. `max_tokens` is the room for an answer of
    a model that is no student of ours; a student's is in its manifest. `limits` hold the process to a device profile and
    say its threads.
    """

    limit: int | None = None
    seed: int = 0
    thought: Thought | None = None
    threads: int | None = None
    deadline_ms: float | None = None
    tolerance: Tolerance = "exact"
    mode: Mode = "single"
    prompt_mode: PromptMode = "student"
    exemplars: tuple[Exemplar, ...] = ()
    max_tokens: int | None = None
    samples: int = DEFAULT_SAMPLES
    streams: int = 1
    grammar: bool = False
    limits: Limits | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.streams <= MAX_STREAMS:
            raise InputError(f"streams is {self.streams}; expected: 1 to {MAX_STREAMS}")
        if self.streams > 1 and self.prompt_mode not in TOGETHER:
            raise InputError(
                f"{self.streams} streams, asked as {self.prompt_mode}; expected: 1, or {', '.join(TOGETHER)}"
            )
        if self.grammar and self.prompt_mode != "student":
            raise InputError(
                f"grammar, asked as {self.prompt_mode}; expected: with students, asked as student"
            )
        if self.limit is not None and self.limit < 1:
            raise InputError(f"limit is {self.limit}; expected: 1 or more")
        if self.deadline_ms is not None and self.deadline_ms <= 0:
            raise InputError(f"deadline is {self.deadline_ms:g} ms; expected: more than 0")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InputError(f"max tokens is {self.max_tokens}; expected: 1 or more")
        if self.prompt_mode not in ASKS:
            raise InputError(f"ask {self.prompt_mode!r}; expected: {', '.join(ASKS)}")
        if self.tolerance not in get_args(Tolerance):
            raise InputError(f"tolerance {self.tolerance!r}; expected: {', '.join(get_args(Tolerance))}")


def threads_of(settings: BenchSettings) -> int | None:
    """The threads to answer with: a profile's, else those that were set; None means the engine's own choice."""
    return settings.threads if settings.limits is None else settings.limits.threads


DEFAULT_SETTINGS = BenchSettings()


@dataclass(frozen=True, slots=True)
class Job:
    """Who is asked, what reports call it, the tasks to score it on, and the log to write."""

    source: Source
    label: str
    tasks: tuple[BenchTask, ...]
    log: Path
    settings: BenchSettings = DEFAULT_SETTINGS

    def to_json(self) -> str:
        """The job as one line of JSON. An endpoint's key is not in it, only the name of its variable."""
        return json.dumps(
            asdict(self), default=lambda one: one.value if isinstance(one, ScoringSplit) else str(one)
        )


def _read_task(row: dict[str, Any]) -> BenchTask:
    fields = Fields(**row["fields"]) if row["fields"] else None
    return BenchTask(**{**row, "split": ScoringSplit(row["split"]), "fields": fields})


def _read_source(row: str | dict[str, Any]) -> Source:
    if isinstance(row, str):
        return Path(row)
    return Endpoint(**{**row, "request": tuple((name, value) for name, value in row["request"])})


def read_job(text: str) -> Job:
    """A job from its JSON."""
    row: dict[str, Any] = json.loads(text)
    settings = row["settings"]
    exemplars = tuple(Exemplar(**exemplar) for exemplar in settings["exemplars"])
    limits = settings["limits"] and Limits(
        **{**settings["limits"], "processors": tuple(settings["limits"]["processors"])}
    )
    return Job(
        source=_read_source(row["source"]),
        label=row["label"],
        tasks=tuple(map(_read_task, row["tasks"])),
        log=Path(row["log"]),
        settings=BenchSettings(**{**settings, "exemplars": exemplars, "limits": limits}),
    )
