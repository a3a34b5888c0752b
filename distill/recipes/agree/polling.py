"""Polling: teachers are asked about many problems at a time, the solver reads what they write, problem by problem."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from distill.labeling.filters import Verifier
from distill.recipes.agree.poll import Poll, Vote
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale

# Problems that the solver gets at once.
CHUNK = 8


class Voter(Protocol):
    """Whoever writes samples about problems that it was told of before."""

    @property
    def name(self) -> str:
        """What rationale sets call it."""

    @property
    def ahead(self) -> int:
        """How many problems to begin before the first of them is asked for, were there one thought."""

    def begin(self, problem: Problem, thoughts: Sequence[Thought]) -> None:
        """Send for what `annotate` will be asked for."""

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """The samples."""


def polls(
    problems: Iterable[Problem],
    voters: Sequence[Voter],
    thoughts: Sequence[Thought],
    solver: Verifier,
    *,
    admits: Callable[[Problem], bool] = lambda problem: True,
) -> Iterator[Poll]:
    """One poll a problem, in order; about a problem that is not admitted nobody is asked, and nobody votes."""
    stream = _begun(problems, voters, thoughts, admits)
    while chunk := list(islice(stream, CHUNK)):
        yield from _chunk(chunk, voters, tuple(thoughts), solver)


def _begun(
    problems: Iterable[Problem],
    voters: Sequence[Voter],
    thoughts: Sequence[Thought],
    admits: Callable[[Problem], bool],
) -> Iterator[tuple[Problem, bool]]:
    ahead = max(1, min(voter.ahead for voter in voters) // len(thoughts))
    begun: deque[tuple[Problem, bool]] = deque()
    for problem in problems:
        admitted = admits(problem)
        for voter in voters if admitted else ():
            voter.begin(problem, thoughts)
        begun.append((problem, admitted))
        if len(begun) > ahead:
            yield begun.popleft()
    yield from begun


def _chunk(
    chunk: Sequence[tuple[Problem, bool]],
    voters: Sequence[Voter],
    thoughts: tuple[Thought, ...],
    solver: Verifier,
) -> Iterator[Poll]:
    votes: list[list[Vote]] = [[] for _ in chunk]
    waiting: deque[tuple[int, int]] = deque()

    def requests() -> Iterator[tuple[Thought, str]]:
        for place, (problem, admitted) in enumerate(chunk):
            for voter in voters if admitted else ():
                for sample in voter.annotate(problem, thoughts):
                    reason = sample.reason if isinstance(sample, Declined) else ""
                    votes[place].append(Vote(sample, reason=reason))
                    if isinstance(sample, Rationale):
                        waiting.append((place, len(votes[place]) - 1))
                        yield sample.thought, sample.text

    for outcome in solver.solve_batch(requests()):
        place, index = waiting.popleft()
        value = outcome.value if outcome.solved else None
        votes[place][index] = Vote(
            votes[place][index].sample, value, "" if value is not None else outcome.status
        )
    for (problem, _), of_problem in zip(chunk, votes, strict=True):
        yield Poll(problem, tuple(of_problem), thoughts)
