"""Filters of a rationale stream: licence, decontamination, verification, repeats. Each drop goes to the ledger."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Protocol

from benchmarks.licences import Policy, permitted
from benchmarks.overlap import OverlapIndex, loose_key
from distill.ledger import Ledger
from distill.teachers import Teacher
from runtime.answers import matches_gold
from runtime.outcome import Outcome
from runtime.problem import Problem
from runtime.prompt import Thought
from runtime.rationale import Rationale


class Verifier(Protocol):
    """What verification needs of a solver."""

    def solve_many(self, requests: Iterable[tuple[Thought, str]]) -> Iterator[Outcome]:
        """One outcome a request, in order."""


def permitted_only(problems: Iterable[Problem], policy: Policy, ledger: Ledger) -> Iterator[Problem]:
    """Problems whose licence the policy allows."""
    for problem in problems:
        if permitted(problem.licence, policy):
            yield problem
        else:
            ledger.drop(problem, "licence", detail=problem.licence)


def decontaminated(problems: Iterable[Problem], index: OverlapIndex, ledger: Ledger) -> Iterator[Problem]:
    """Problems whose question is not among the indexed test questions, nor nearly so."""
    for problem in problems:
        overlap = index.find(problem.question) if len(index) else None
        if overlap is None:
            yield problem
        else:
            ledger.drop(problem, f"overlap_{overlap.kind}", detail=overlap.question)


def written_by(
    teacher: Teacher, problems: Iterable[Problem], thoughts: Sequence[Thought], ledger: Ledger
) -> Iterator[Rationale]:
    """What the teacher writes; a problem it has nothing for is counted under the teacher's reason."""
    for problem in problems:
        nothing = True
        for rationale in teacher.annotate(problem, thoughts):
            nothing = False
            yield rationale
        if nothing:
            ledger.drop(problem, teacher.declined(problem))


def verified(rationales: Iterable[Rationale], solver: Verifier, ledger: Ledger) -> Iterator[Rationale]:
    """The rationales that the solver brings to the problem's gold answer."""
    waiting: deque[Rationale] = deque()

    def requests() -> Iterator[tuple[Thought, str]]:
        for rationale in rationales:
            waiting.append(rationale)
            yield rationale.thought, rationale.text

    for outcome in solver.solve_many(requests()):
        rationale = waiting.popleft()
        failure = _failure(rationale, outcome)
        if failure is None:
            yield replace(rationale, verified=True)
        else:
            ledger.drop(rationale.problem, failure[0], rationale.thought, detail=failure[1])


def _failure(rationale: Rationale, outcome: Outcome) -> tuple[str, str] | None:
    """Why an outcome does not confirm a rationale (reason and detail), or None when it does."""
    gold = rationale.problem.answer
    if gold is None:
        return "no_gold", ""
    if not outcome.solved:
        return outcome.status, outcome.reason
    if not matches_gold(outcome.value, gold):
        return "wrong_answer", f"{outcome.value} for {gold}"
    return None


def deduped(rationales: Iterable[Rationale], ledger: Ledger) -> Iterator[Rationale]:
    """One rationale for each question, thought and canonical system; only 64-bit keys stay in memory."""
    canonical = canonical_forms()
    seen: set[int] = set()
    for rationale in rationales:
        key = rationale_key(rationale, canonical)
        if key in seen:
            ledger.drop(rationale.problem, "duplicate", rationale.thought)
        else:
            seen.add(key)
            yield rationale


Canonical = Callable[[str], str | None]


def canonical_forms() -> dict[Thought, Canonical]:
    """Each thought's canonical form."""
    from runtime.thoughts import cot, eot, pot

    return {"eot": eot.canonical, "pot": pot.canonical, "cot": cot.canonical}


def rationale_key(rationale: Rationale, canonical: dict[Thought, Canonical]) -> int:
    """64 bits over the question's letters, the thought and its canonical form (the text where it has none)."""
    form = canonical[rationale.thought](rationale.text) or rationale.text
    told = f"{loose_key(rationale.problem.question)}\n{rationale.thought}\n{form}"
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "big")
