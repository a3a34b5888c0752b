"""Many questions answered together, each by its own plan, their thoughts written on shared slots."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter

from runtime.answering.completion import Completion, Prompt
from runtime.answering.generation import BatchScheduler, Follow, Group
from runtime.answering.plans import Plan, ThoughtRequest, advance
from runtime.answering.votes import Selection
from runtime.values.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One question, the plan that answers it, and how one solution is taken out of all, which `sure` completes.

    `deadline`, `to_end`, `follow` and `prompt` are those of a `Group`. A text with a prompt of its own is not solved.
    """

    question: str
    plan: Plan
    selection: Selection
    sure: Callable[[Solution], Solution] = lambda solution: solution
    deadline: float | None = None
    to_end: bool = False
    follow: Follow | None = None
    prompt: Prompt | None = None

    def solution(self, tried: list[Solution]) -> Solution:
        """The one solution of all that were written; its total is the sum of its shares of the clock."""
        solution = self.selection.pick(tried)
        shares = solution.timings
        total = shares.prefill + shares.decode + shares.solve
        return self.sure(replace(solution, timings=replace(shares, total=total)))

    def group(self, number: int, asks: list[ThoughtRequest]) -> Group[int]:
        """What is to be written for it now."""
        return Group(number, self.question, asks, self.deadline, self.to_end, self.follow, self.prompt)


@dataclass(slots=True)
class _Open:
    """A job that is being answered: what is asked now, and what has come back."""

    job: Job
    asks: list[ThoughtRequest]
    written: dict[int, Solution] = field(default_factory=dict)
    tried: list[Solution] = field(default_factory=list)


class BatchSolver:
    """Runs the plans of many jobs. What a plan asks next goes before any new job.

    A question's thoughts are written no further once its selection is decided. Once it is `cancelled`, no question is
    begun after the first, which ends with what there is.
    """

    def __init__(
        self,
        scheduler: BatchScheduler[int],
        solution: Callable[[str, Completion], Solution],
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._scheduler = scheduler
        self._solution = solution
        self._cancelled = cancelled
        self._open: dict[int, _Open] = {}
        self._next: deque[Group[int]] = deque()
        self._begun = 0

    def answer(self, jobs: Iterable[Job]) -> Iterator[Solution]:
        """Solutions in the order of the jobs."""
        return (job.solution(tried) for job, tried in self._in_order(jobs))

    def answer_one(self, job: Job) -> Solution:
        """The solution of one job, at its deadline at the latest: inside a pass if need be."""
        with self._scheduler.until(job.deadline):
            return next(self.answer([job]))

    def tried(self, jobs: Iterable[Job]) -> Iterator[list[Solution]]:
        """All that was written about each question, in the order of the jobs."""
        return (tried for _, tried in self._in_order(jobs))

    def finished(
        self, next_job: Callable[[], Job | None], between: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Job, list[Solution]]]:
        """Yield each job with all that was written about it, as soon as it has ended.

        `next_job` and `between` are called as `BatchScheduler.write` calls them: jobs join those that are running.
        """
        for number, place, completion in self._scheduler.write(lambda: self._next_group(next_job), between):
            one = self._open.get(number)
            # None: decided before this draft, which was complete in the same step.
            if one is not None and self._take(number, one, place, completion):
                yield one.job, one.tried

    def drop(self, job: Job) -> None:
        """End a job, whose answer nobody wants any more; between two steps."""
        for number in [number for number, one in self._open.items() if one.job is job]:
            self._scheduler.drop(number)
            self._next = deque(group for group in self._next if group.key != number)
            del self._open[number]

    def _in_order(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, list[Solution]]]:
        begun: deque[Job] = deque()
        ended: dict[Job, list[Solution]] = {}
        source = iter(jobs)

        def next_job() -> Job | None:
            job = None if self._begun and self._cancelled() else next(source, None)
            if job is not None:
                begun.append(job)
            return job

        for job, tried in self.finished(next_job):
            ended[job] = tried
            while begun and begun[0] in ended:
                first = begun.popleft()
                yield first, ended.pop(first)

    def _next_group(self, next_job: Callable[[], Job | None]) -> Group[int] | None:
        if self._next:
            return self._next.popleft()
        job = next_job()
        if job is None:
            return None
        number, asks = self._begun, next(job.plan)
        self._begun += 1
        self._open[number] = _Open(job, asks)
        return job.group(number, asks)

    def _take(self, number: int, one: _Open, place: int, completion: Completion) -> bool:
        """Note one draft; whether the job has ended: its plan has, or its vote is decided."""
        if one.job.prompt is None:
            one.written[place] = self._solution(one.job.question, completion)
            outstanding = len(one.asks) - len(one.written)
            written = [one.written[place] for place in sorted(one.written)]
            if outstanding and not one.job.selection.decided([*one.tried, *written], outstanding):
                return False
            one.tried += written
            if outstanding:
                self._scheduler.drop(number)
            elif self._goes_on(number, one, written):
                return False
        del self._open[number]
        return True

    def _goes_on(self, number: int, one: _Open, written: list[Solution]) -> bool:
        """Whether the plan asks for more, which is then next; not after the deadline or when all was cancelled."""
        job = one.job
        late = self._cancelled() or (job.deadline is not None and perf_counter() >= job.deadline)
        asks = None if late else advance(job.plan, written)
        if asks:
            one.asks, one.written = asks, {}
            self._next.append(job.group(number, asks))
        return bool(asks)
