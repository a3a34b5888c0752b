"""Many questions answered together, each by its own plan, their thoughts written on shared slots."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter

from runtime.answering.completion import Completion
from runtime.answering.generation import BatchScheduler, Group
from runtime.answering.plans import Plan, ThoughtRequest, advance
from runtime.answering.votes import Selection
from runtime.values.solution import Solution


@dataclass(slots=True)
class _Open:
    """One question that is being answered: its plan, what is asked now, and what has come back."""

    question: str
    plan: Plan
    asks: list[ThoughtRequest]
    deadline: float | None
    written: dict[int, Solution] = field(default_factory=dict)
    tried: list[Solution] = field(default_factory=list)


class BatchSolver:
    """Runs one plan a question. What a plan asks next goes before any new question.

    A question's thoughts are written no further once its `selection` is decided. Once it is `cancelled`, no question is
    begun after the first, which ends with what there is. `deadline` gives a question's that is begun now, in
    `perf_counter` seconds.
    """

    def __init__(
        self,
        scheduler: BatchScheduler[int],
        solution: Callable[[str, Completion], Solution],
        plan: Callable[[], Plan],
        *,
        selection: Selection,
        deadline: Callable[[], float | None] = lambda: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._scheduler = scheduler
        self._solution = solution
        self._plan = plan
        self._selection = selection
        self._deadline = deadline
        self._cancelled = cancelled
        self._open: dict[int, _Open] = {}
        self._next: deque[Group[int]] = deque()
        self._begun = 0

    def answer(self, questions: Iterable[str]) -> Iterator[Solution]:
        """Solutions in the order of the questions."""
        for tried in self.tried(questions):
            solution = self._selection.pick(tried)
            shares = solution.timings
            total = shares.prefill + shares.decode + shares.solve
            yield replace(solution, timings=replace(shares, total=total))

    def answer_one(self, question: str) -> Solution:
        """The solution of one question, at its deadline at the latest: inside a pass if need be."""
        with self._scheduler.until(self._deadline()):
            return next(self.answer([question]))

    def tried(self, questions: Iterable[str]) -> Iterator[list[Solution]]:
        """All that was written about each question, in the order of the questions."""
        source = iter(questions)
        finished: dict[int, list[Solution]] = {}
        given = 0
        for number, place, completion in self._scheduler.write(lambda: self._next_group(source)):
            tried = self._take(number, place, completion)
            if tried is None:
                continue
            finished[number] = tried
            while given in finished:
                yield finished.pop(given)
                given += 1

    def _next_group(self, source: Iterator[str]) -> Group[int] | None:
        if self._next:
            return self._next.popleft()
        question = None if self._begun and self._cancelled() else next(source, None)
        if question is None:
            return None
        number, plan, deadline = self._begun, self._plan(), self._deadline()
        self._begun += 1
        asks = next(plan)
        self._open[number] = _Open(question, plan, asks, deadline)
        return Group(number, question, asks, deadline)

    def _take(self, number: int, place: int, completion: Completion) -> list[Solution] | None:
        """Note one draft; all of the question's once its plan has ended or its vote is decided."""
        one = self._open.get(number)
        if one is None:
            return None  # decided before this draft, which was complete in the same step
        one.written[place] = self._solution(one.question, completion)
        outstanding = len(one.asks) - len(one.written)
        written = [one.written[place] for place in sorted(one.written)]
        if outstanding and not self._selection.decided([*one.tried, *written], outstanding):
            return None
        one.tried += written
        if outstanding:
            self._scheduler.drop(number)
        elif self._goes_on(number, one, written):
            return None
        del self._open[number]
        return one.tried

    def _goes_on(self, number: int, one: _Open, written: list[Solution]) -> bool:
        """Whether the plan asks for more, which is then next; not after the deadline or when all was cancelled."""
        late = self._cancelled() or (one.deadline is not None and perf_counter() >= one.deadline)
        asks = None if late else advance(one.plan, written)
        if asks:
            one.asks, one.written = asks, {}
            self._next.append(Group(number, one.question, asks, one.deadline))
        return bool(asks)
