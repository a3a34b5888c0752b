"""What the catalogue says of a data set: its splits and files, known label faults, where it is on the hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.tasks.fields import AnswerForm, Fields
from benchmarks.tasks.splits import Split


@dataclass(frozen=True, slots=True)
class SplitFile:
    """Where a split's rows are: a file's stem in the data folder, and the rows' count that we know of.

    `ids_from` names a JSON list of ids in the data folder; `keep_listed` says whether those rows are the
    split or what is left out of it.
    """

    stem: str
    rows: int
    ids_from: str | None = None
    keep_listed: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """A known fault of the labels: what is wrong, and the rows it is about."""

    what: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubSource:
    """The same data set on the Hugging Face hub, and how its rows spell ours; `splits` maps our split to the hub's.

    Without a `path` it is read from its authors' file alone. `form` is how its answers are written.
    """

    path: str
    splits: Mapping[Split, str]
    spelling: Fields
    config: str | None = None
    form: AnswerForm = "printed"


@dataclass(frozen=True, slots=True)
class Task:
    """One data set. `published` is the size that its authors state; `note` is said with every figure on it."""

    name: str
    origin: str
    license: str
    published: str
    splits: Mapping[Split, SplitFile]
    faults: tuple[Fault, ...] = ()
    hub: HubSource | None = field(default=None, compare=False)
    kind: Literal["arithmetic", "algebra", "multiple choice"] = "arithmetic"
    note: str = ""
