"""Judge: everything about a problem's rationales that no other problem decides.

Decontamination, licences, the teacher's writing, the solver's verdict and the canonical key: all of it can be done
for many problems at once, in any process. What depends on the rows before (repeats, counts) is
`distill.labeling.annotate`'s.
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from benchmarks.tasks.licenses import Policy, permitted
from distill.labeling.filters import (
    Decontamination,
    Drop,
    HeldOut,
    NearDuplicates,
    Verifier,
    canonical_forms,
    failure,
    rationale_key,
)
from distill.labeling.rationale_set import rationale_row
from distill.teachers import RemoteTeacher, Teacher
from distill.teachers.replay import Stored
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale


@dataclass(frozen=True, slots=True)
class LabelConfig:
    """What rationales are written and judged by. `task` is the benchmark that the problems are from, if from one."""

    teacher: Teacher
    thoughts: tuple[Thought, ...]
    policy: Policy
    against: tuple[HeldOut, ...] = ()
    near_duplicates: NearDuplicates = "drop"
    task: str = ""


class Verified(NamedTuple):
    """A rationale that the solver confirmed: its key among repeats, and its row as a line of JSON."""

    key: int
    thought: Thought
    teacher: str
    license: str
    near_duplicate_of: str
    line: str


Verdict = list[Drop | Verified]


class RationaleFilter:
    """Judges chunks of problems; one a process, because a solver's batch serves one caller."""

    def __init__(self, terms: LabelConfig, solver: Verifier) -> None:
        permitted("", terms.policy)
        self._terms = terms
        self._solver = solver
        self._clean = Decontamination(terms.against, terms.near_duplicates)
        self._canonical = canonical_forms()
        # What cannot be verified is not worth asking a teacher that takes time and money.
        self._paid = isinstance(terms.teacher, RemoteTeacher)
        self._last: tuple[str, str, Drop | str] | None = None

    def judge(self, problems: Sequence[Problem]) -> list[Verdict]:
        """One verdict a problem: what became of each rationale, in the teacher's order, or of the whole problem."""
        found: list[list[Drop | Verified | None]] = [[] for _ in problems]
        waiting: deque[tuple[int, int, str, Rationale]] = deque()

        def requests() -> Iterator[tuple[Thought, str]]:
            for place, problem in enumerate(problems):
                for drop, rationale, near_duplicate_of in self._written(problem):
                    found[place].append(drop)
                    if rationale is not None:
                        waiting.append((place, len(found[place]) - 1, near_duplicate_of, rationale))
                        yield rationale.thought, rationale.text

        for outcome in self._solver.solve_batch(requests()):
            place, index, near_duplicate_of, rationale = waiting.popleft()
            found[place][index] = failure(rationale, outcome) or self._verified(rationale, near_duplicate_of)
        return [[item for item in items if item is not None] for items in found]

    def admits(self, problem: Problem) -> bool:
        """Whether the teacher will be asked about a problem at all."""
        return not isinstance(self._screened(problem), Drop)

    def _screened(self, problem: Problem) -> Drop | str:
        """Why a problem is not asked about, else the task that it is a kept near duplicate of (`""`: of none)."""
        near_duplicate_of = self._overlap(problem)
        if isinstance(near_duplicate_of, Drop):
            return near_duplicate_of
        if not permitted(problem.license, self._terms.policy):
            return Drop("license", problem.license)
        if self._paid and problem.answer is None:
            return Drop("no_gold")
        return near_duplicate_of

    def _written(self, problem: Problem) -> Iterator[tuple[Drop | None, Rationale | None, str]]:
        """What the teacher writes for a problem that may be learnt from, each with its drop or for the solver."""
        terms = self._terms
        near_duplicate_of = self._screened(problem)
        if isinstance(near_duplicate_of, Drop):
            yield near_duplicate_of, None, ""
            return
        silent = True
        for rationale in terms.teacher.annotate(problem, terms.thoughts):
            silent = False
            if isinstance(rationale, Declined):
                yield Drop(rationale.reason, rationale.detail, rationale.thought), None, ""
                continue
            license = rationale.license or problem.license
            if permitted(license, terms.policy):
                yield None, rationale, near_duplicate_of
            else:
                yield Drop("text_license", f"{rationale.teacher}: {license}", rationale.thought), None, ""
        if silent:
            yield Drop(terms.teacher.declined(problem)), None, ""

    def _overlap(self, problem: Problem) -> Drop | str:
        """As `Decontamination.judge`; stored rationales of one question mostly follow each other."""
        task = problem.task if isinstance(problem, Stored) else self._terms.task
        if self._last is None or self._last[:2] != (problem.question, task):
            self._last = (problem.question, task, self._clean.judge(problem.question, task))
        return self._last[2]

    def _verified(self, rationale: Rationale, near_duplicate_of: str) -> Verified:
        row = rationale_row(replace(rationale, verified=True))
        if near_duplicate_of:
            row["near_duplicate_of"] = near_duplicate_of
        return Verified(
            key=rationale_key(rationale, self._canonical),
            thought=rationale.thought,
            teacher=rationale.teacher,
            license=rationale.license or rationale.problem.license,
            near_duplicate_of=near_duplicate_of,
            line=json.dumps(row, ensure_ascii=False) + "\n",
        )
