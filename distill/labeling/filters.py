"""Filters: what decides about one problem or one rationale on its own, each with the reason for a drop in a word."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from typing import Literal, NamedTuple, Protocol

from benchmarks.tasks.overlap import OverlapIndex, loose_key
from runtime.solver.sentences import cot
from runtime.values.answers import matches_gold
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale

NearDuplicates = Literal["drop", "keep"]
_PRINTED = re.compile(r"(\d[\d,]*(?:\.\d+)?|\.\d+)(?:/(\d{1,9}))?")
_MAX_DIGITS = 30


class Verifier(Protocol):
    """What verification needs of a solver."""

    def solve_batch(self, requests: Iterable[tuple[Thought, str]]) -> Iterator[Outcome]:
        """One outcome a request, in order."""


class Drop(NamedTuple):
    """Why a rationale (or, without a thought, a whole problem) is left out, and the detail for people."""

    reason: str
    detail: str = ""
    thought: Thought | None = None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A question that accuracy is measured on, and the task it belongs to."""

    question: str
    task: str = ""


class Decontamination:
    """Whether a training question is among the held-out ones, or nearly so."""

    def __init__(self, against: Sequence[HeldOut], near_duplicates: NearDuplicates) -> None:
        self._against = against
        self._near_duplicates = near_duplicates
        self._index = OverlapIndex(held_out.question for held_out in against)

    def judge(self, question: str, task: str) -> Drop | str:
        """The reason to drop a question of `task`, else the task that it is a kept sibling of (`""`: of none).

        A sibling is the same story with other numbers inside one benchmark. It stays only where siblings are kept,
        and only when no other benchmark has the story too.
        """
        overlap = self._index.find(question) if len(self._index) else None
        if overlap is None:
            return ""
        if self._near_duplicates == "keep" and task and overlap.kind == "near":
            owners = {self._against[match.position].task for match in self._index.near(question)}
            if owners == {task}:
                return task
        return Drop(f"overlap_{overlap.kind}", overlap.question)


def failure(rationale: Rationale, outcome: Outcome) -> Drop | None:
    """Why an outcome does not confirm a rationale, or None when it does."""
    gold, thought = rationale.problem.answer, rationale.thought
    if gold is None:
        return Drop("no_gold", "", thought)
    if not outcome.solved:
        return Drop(outcome.status, outcome.reason, thought)
    if not matches_gold(outcome.value, gold):
        return Drop("wrong_answer", f"{outcome.value} for {gold}", thought)
    return _faulty_chain(rationale.text, gold, outcome) if thought == "cot" else None


def _faulty_chain(text: str, gold: str, outcome: Outcome) -> Drop | None:
    """A chain's answer proves nothing about its steps: they must be true, and the answer must come up in them."""
    # The solver's reason is empty for a chain without any fault, which spares a second reading.
    false = cot.wrong_arithmetic(text) if outcome.reason else ()
    if false:
        return Drop("false_arithmetic", "; ".join(false)[:200], "cot")
    lowered = text.lower()
    closing = max((lowered.rfind(phrase) for phrase in cot.PHRASES), default=0)
    if not states(text[:closing], gold):
        return Drop("answer_not_in_steps", f"{gold} comes up only in the closing sentence", "cot")
    return None


def states(text: str, gold: str) -> bool:
    """Whether a number equal to `gold`, as far as gold is printed, stands in a text: `5`, `0.67` or `2/3`."""
    plain = gold.lstrip("-+")
    found = [(printed.replace(",", ""), divisor) for printed, divisor in _PRINTED.findall(text)]
    if any(plain in pair for pair in found):
        return True
    return any(
        matches_gold(Fraction(digits) / part, plain)
        for digits, divisor in found
        if len(digits) <= _MAX_DIGITS
        for part in {1, int(divisor or 1)} - {0}
    )


Canonical = Callable[[str], str | None]


def canonical_forms() -> dict[Thought, Canonical]:
    """Each thought's canonical form."""
    from runtime.solver.equations import eot
    from runtime.solver.programs import pot

    return {"eot": eot.canonical, "pot": pot.canonical, "cot": cot.canonical}


def rationale_key(rationale: Rationale, canonical: dict[Thought, Canonical]) -> int:
    """64 bits over the question's letters, the thought and its canonical form (the text where it has none)."""
    form = canonical[rationale.thought](rationale.text) or rationale.text
    told = f"{loose_key(rationale.problem.question)}\n{rationale.thought}\n{form}"
    return int.from_bytes(blake2b(told.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")
