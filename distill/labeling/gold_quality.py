"""Gold quality: how much of a data set's annotations becomes verified equations and programs, and how well it reads."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from distill.labeling.annotation_quality import Quality, measure
from distill.labeling.filters import Verifier, failure
from distill.teachers.gold.annotation import Annotation, ParseFailure
from distill.teachers.gold.teacher import WRITERS, read_annotation
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale

BOTH: tuple[Thought, Thought] = ("eot", "pot")


@dataclass(frozen=True, slots=True)
class GoldQuality:
    """`verified` are the problems that the solver confirms as equations *and* as program, with their annotations.

    `left_out` has a problem's reason, `quality` the figures over the verified annotations.
    """

    problems: int
    verified: tuple[tuple[Problem, Annotation], ...]
    left_out: dict[str, str]
    quality: Quality

    @property
    def reasons(self) -> dict[str, int]:
        """How many problems are left out for each reason, the most frequent first."""
        return dict(Counter(self.left_out.values()).most_common())


def gold_quality(
    problems: Iterable[Problem],
    solver: Verifier,
    progress: Callable[[int], None] = lambda read: None,
) -> GoldQuality:
    """Read, verify and measure the annotations of some problems; `progress` hears how many are read."""
    kept: list[tuple[Problem, Annotation]] = []
    left_out: dict[str, str] = {}
    waiting: deque[tuple[Problem, Annotation, Rationale]] = deque()
    read = 0

    def requests() -> Iterator[tuple[Thought, str]]:
        nonlocal read
        for problem in problems:
            read += 1
            progress(read)
            annotation = read_annotation(problem)
            if isinstance(annotation, ParseFailure):
                left_out[problem.id] = annotation.reason
                continue
            for thought in BOTH:
                text = WRITERS[thought](annotation, problem.answer or "")
                waiting.append((problem, annotation, Rationale(problem, thought, text, "gold")))
                yield thought, text

    for outcome in solver.solve_many(requests()):
        problem, annotation, rationale = waiting.popleft()
        drop = failure(rationale, outcome)
        if drop is not None:
            left_out.setdefault(problem.id, drop.reason)
        elif rationale.thought == BOTH[-1] and problem.id not in left_out:
            kept.append((problem, annotation))
    return GoldQuality(read, tuple(kept), left_out, measure(kept))
