"""The batch of one model: a thread that writes what all clients ask for; new requests join those under way."""

import asyncio
import sys
import threading
from collections import deque
from time import perf_counter

from runtime.answering.batch_solver import BatchSolver, Job
from runtime.answering.pipeline import Model
from runtime.serve.errors import ApiError, engine_failed, queue_full, shutting_down
from runtime.serve.work.fair_queue import FairQueue, QueueFull
from runtime.serve.work.ticket import Result, Text, TextFollower, Ticket
from runtime.values.errors import EdgethoughtError
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution


class ModelBatch:
    """A loaded model and the thread that owns it, started by `start`. All other methods are the event loop's."""

    def __init__(self, model: Model, *, streams: int | None, queue: int) -> None:
        self.model = model
        self._streams = streams
        self._limit = queue
        self._queue: FairQueue[Ticket] = FairQueue(queue)
        self._running: dict[Job, Ticket] = {}
        # Tickets that were submitted and are not released: the model stays open for them.
        self._held: set[Ticket] = set()
        self._ready = threading.Event()
        self._left: deque[Ticket] = deque()
        self._told: set[Ticket] = set()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=model.manifest.name, daemon=True)
        self.open = True
        # Why requests that are left are refused.
        self._end: ApiError = engine_failed()

    async def start(self) -> None:
        """Begin to work: returns once a first token was written, so that the first client does not wait for slots."""
        self._thread.start()
        await asyncio.to_thread(self._ready.wait)

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """How many requests are being answered."""
        return len(self._running)

    @property
    def idle(self) -> bool:
        """Whether nobody needs the model."""
        return not self._held

    def submit(self, ticket: Ticket) -> None:
        """Have a request, which has its job, wait for its turn; raises ApiError where too many do."""
        if not self.open:
            raise self._end
        try:
            displaced = self._queue.put(ticket.client, ticket)
        except QueueFull as error:
            raise queue_full(self._limit) from error
        self._held.add(ticket)
        if ticket.job and ticket.job.deadline is not None:
            left_s = ticket.job.deadline - perf_counter()
            ticket.alarm = self._loop.call_later(max(0.0, left_s), self._expire, ticket, ticket.job)
        if displaced:
            displaced.end(queue_full(self._limit))
            displaced.wake()

    def position(self, ticket: Ticket) -> int:
        """How many requests have their turn before this one; 0 once it is being answered."""
        return self._queue.position(ticket.client, ticket)

    def release(self, ticket: Ticket) -> None:
        """Nobody needs this request any more, which is ended if it was not."""
        self._held.discard(ticket)
        ticket.left = True
        if ticket.alarm:
            ticket.alarm.cancel()
        if ticket.result is None and not self._queue.remove(ticket.client, ticket):
            self._left.append(ticket)

    def _expire(self, ticket: Ticket, job: Job) -> None:
        """Tell a request that its deadline came, unless it is being answered and hears so there."""
        if self._queue.remove(ticket.client, ticket):
            ticket.end(self._too_late(ticket, job))
            ticket.wake()

    def close(self) -> None:
        """Finish what is being written, refuse what waits, and free the model then."""
        self.open, self._end = False, shutting_down()
        for ticket in self._queue.close():
            ticket.end(self._end)
            ticket.wake()

    def cancel(self) -> None:
        """End what is being written with what there is."""
        self.model.cancel()

    async def ended(self) -> None:
        """Once a batch that was closed has ended, and nobody needs its model, free that."""
        await asyncio.to_thread(self._thread.join)
        while self._held:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(self.model.close)

    def _run(self) -> None:
        try:
            with self.model.running_batch(self._streams) as solver:
                warming = iter([self.model.text_job("Question:", self.model.decoding(max_tokens=1))])
                for _ in solver.finished(lambda: next(warming, None)):
                    self._ready.set()
                while self._queue.wait():
                    for job, tried in solver.finished(self._next_job, lambda: self._between(solver)):
                        self._finish(job, tried)
                    # Those whose deadline had come, if nobody came after them.
                    self._tell()
        except EdgethoughtError as error:
            print(f"{self.model.manifest.name}: {error}", file=sys.stderr, flush=True)
        finally:
            self._give_up()

    def _next_job(self) -> Job | None:
        while ticket := self._queue.pop():
            job = ticket.job
            assert job is not None
            ticket.begun = perf_counter()
            if job.deadline is not None and ticket.begun >= job.deadline:
                ticket.end(self._too_late(ticket, job))
                self._told.add(ticket)
            elif not ticket.left:
                self._running[job] = ticket
                return job
        return None

    def _between(self, solver: BatchSolver) -> None:
        """Between two steps: end what nobody waits for, tell what was written."""
        while self._left:
            job = self._left.popleft().job
            if job is not None and self._running.pop(job, None) is not None:
                solver.drop(job)
        self._tell()

    def _finish(self, job: Job, tried: list[Solution]) -> None:
        ticket = self._running.pop(job, None)
        if ticket is None:
            return
        if isinstance(job.follow, TextFollower) and job.prompt is not None:
            ticket.end(job.follow.text(len(job.prompt.ids)))
        else:
            ticket.end(ticket.timed(job.solution(tried)))
        self._told.add(ticket)

    def _too_late(self, ticket: Ticket, job: Job) -> Result:
        """What is answered where the deadline came before the turn."""
        if job.prompt is not None:
            return Text("", "length", len(job.prompt.ids), 0)
        outcome = Outcome("truncated", reason="the deadline came while the question waited for its turn")
        manifest = self.model.manifest
        return ticket.timed(Solution(manifest.default_thought, "", outcome, manifest.name))

    def _tell(self) -> None:
        """Wake the tasks of all tickets that have news, in one go."""
        told = self._told | {ticket for ticket in self._running.values() if ticket.has_news()}
        self._told = set()
        if told:
            self._wake(list(told))

    def _wake(self, tickets: list[Ticket]) -> None:
        def wake() -> None:
            for ticket in tickets:
                ticket.wake()

        # A loop that has ended waits for nothing.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(wake)

    def _give_up(self) -> None:
        """The thread ends: nobody waits for nothing."""
        self.open = False
        self._ready.set()
        left = [*self._running.values(), *self._queue.close()]
        self._running.clear()
        for ticket in left:
            ticket.end(self._end)
        self._wake([*left, *self._told])
