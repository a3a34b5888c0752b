"""Teachers: whatever writes rationales, new problems and notes on problems. None verifies; that is the solver's part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale

VariantKind = Literal["harder", "similar", "rephrase", "distract", "reorder", "backward"]
NoteKind = Literal["key_points", "sub_questions", "guidance"]


@dataclass(frozen=True, slots=True)
class Variant:
    """A new problem made of another one. Only where the question asks for the same has it a gold answer."""

    kind: VariantKind
    problem: Problem
    parent: Problem
    teacher: str
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Note:
    """What helps to solve a problem, a line each.

    `key_points`: the core question, then what is needed for it. `sub_questions`: the questions on the way, with an
    entry in `answers` for each. `guidance`: how to go about it, with no calculation.
    """

    kind: NoteKind
    problem: Problem
    lines: tuple[str, ...]
    teacher: str
    answers: tuple[str, ...] = ()
    license: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Teacher(Protocol):
    """One writer of rationales."""

    @property
    def name(self) -> str:
        """How rationale sets name this teacher."""

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """Rationales for one problem, none verified yet; nothing when the teacher has none to give."""

    def declined(self, problem: Problem) -> str:
        """In a word, why `annotate` gives nothing for this problem."""


class WritingTeacher(Teacher, Protocol):
    """A teacher that also writes new problems and notes; everything is about one problem at a time."""

    def harder(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems that need more steps."""

    def similar(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems of like reasoning with other things and numbers."""

    def rephrase(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem in other words; the answer stays."""

    def distract(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem with a sentence that has nothing to do with it; the answer stays."""

    def key_points(self, problem: Problem) -> Iterator[Note | Declined]:
        """The core question and the information that it needs."""

    def sub_questions(self, problem: Problem) -> Iterator[Note | Declined]:
        """The questions on the way, each with its answer."""

    def guidance(self, problem: Problem) -> Iterator[Note | Declined]:
        """How to understand and take apart the problem, with no calculation."""


@runtime_checkable
class RemoteTeacher(Protocol):
    """A teacher whose answers take a while: it is told what will be asked, and answers many problems at a time."""

    @property
    def ahead(self) -> int:
        """How many problems to begin before the first of them is asked for."""

    def begin(self, problem: Problem, thoughts: Sequence[Thought]) -> None:
        """Send for what `annotate` will be asked for with the same arguments."""
