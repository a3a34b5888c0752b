"""The table of students, `students.yaml`: what each is made of, how, and what it was found to be worth."""

import hashlib
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from export.gguf.importance import Calibration
from runtime.answering.confidence import CONFIDENCE_FILE
from runtime.engines.drafts import DRAFTS_FILE
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.prompt import Thought, render_prompt

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
    """A student known by name.

    `targets` are of the same weights, the best first; `vocabulary` is its list of kept tokens and `calibration` the
    rationales that its rounding is weighed by (none where empty), files beside the table, and so are `confidence`, the
    calibrations of its first artifact, and `drafts`, by which that guesses next tokens; `scorer` is a file beside the
    adapter, for students that have one.
    """

    summary: str
    base: str
    license: str
    adapter: WeightsFile
    scorer: WeightsFile | None = None
    thoughts: tuple[Thought, ...]
    default_thought: Thought
    vocabulary: str
    targets: tuple[str, ...]
    calibration: str = ""
    confidence: str = ""
    drafts: str = ""
    bytes: int
    figures: tuple[Figure, ...]
    figures_of: str

    @property
    def vocabulary_file(self) -> Path:
        """The list of kept tokens."""
        return TABLE_FILE.parent / self.vocabulary

    @property
    def beside(self) -> dict[str, Path]:
        """Files of the table that go into the student's first artifact as they are, by their names there."""
        files = {CONFIDENCE_FILE: self.confidence, DRAFTS_FILE: self.drafts}
        return {name: TABLE_FILE.parent / file for name, file in files.items() if file}

    @property
    def sha256(self) -> str:
        """A hash over all that decides its artifact."""
        parts = [self.base, self.adapter.sha256, *self.thoughts, self.default_thought, *self.targets]
        files = [self.vocabulary_file, *([TABLE_FILE.parent / self.calibration] if self.calibration else [])]
        contents = b"".join(file.read_bytes() for file in files)
        return hashlib.sha256("\0".join(parts).encode() + contents).hexdigest()

    def read_calibration(self) -> Calibration | None:
        """The texts of `calibration`, whose rows have `question`, `thought` and `text`."""
        if not self.calibration:
            return None
        rows = read_jsonl(TABLE_FILE.parent / self.calibration)
        texts = ((render_prompt(row["question"], row["thought"]), row["text"]) for row in rows)
        return Calibration(self.calibration, tuple(texts))

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
