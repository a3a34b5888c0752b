"""The table of students, `students.yaml`: what each is made of, how, and what it was found to be worth."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from runtime.values.errors import InputError
from runtime.values.prompt import Thought

TABLE_FILE = Path(__file__).with_name("students.yaml")
# The figure that students are ordered by.
RANKED_BY = "gsm8k"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightsFile(_Strict):
    """The weights file of a LoRA adapter, or of a scorer."""

    bytes: int
    sha256: str


class Figure(_Strict):
    """How many test questions of a task were answered right, greedily with the default thought."""

    task: str
    n: int
    right: int

    @property
    def accuracy(self) -> float:
        """The share that was right."""
        return self.right / self.n


class Student(_Strict):
    """A student known by name. `vocabulary` is its list of kept tokens, a file beside the table.

    `scorer` is a file beside the adapter, for students that have one.
    """

    summary: str
    base: str
    license: str
    adapter: WeightsFile
    scorer: WeightsFile | None = None
    thoughts: tuple[Thought, ...]
    default_thought: Thought
    vocabulary: str
    target: str
    bytes: int
    figures: tuple[Figure, ...]
    figures_of: str

    @property
    def vocabulary_file(self) -> Path:
        """The list of kept tokens."""
        return TABLE_FILE.parent / self.vocabulary

    @property
    def rank(self) -> float:
        """What students are ordered by: accuracy on `RANKED_BY`, 0 where it is not known."""
        return next((figure.accuracy for figure in self.figures if figure.task == RANKED_BY), 0.0)


@cache
def known_students() -> dict[str, Student]:
    """Every student of the table by its name, in the table's order."""
    rows = yaml.safe_load(TABLE_FILE.read_text(encoding="utf-8"))
    return {name: Student(**row) for name, row in rows.items()}


def find_student(name: str) -> Student:
    """A student of the table; raises InputError for a name that is not there."""
    if name not in known_students():
        raise InputError(f"student {name!r}; expected: {', '.join(known_students())}")
    return known_students()[name]
