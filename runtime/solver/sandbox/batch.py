"""Many requests through few workers, in order: frames are sent ahead, each reply has its own deadline.

A worker that dies takes one request with it, the one it was working on; those sent ahead go to another
worker.
"""

import select
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from runtime.solver.sandbox.frames import NEEDS_SYMPY, Reply
from runtime.solver.sandbox.host import Host, WorkerDied
from runtime.solver.sandbox.pool import MAX_EXTENSIONS, Pool
from runtime.values.outcome import Outcome

# Requests and bytes sent ahead to one worker: enough to keep it busy, little enough to fit its socket.
_AHEAD = 32
_BYTES_AHEAD = 1 << 16
# Outcomes waiting for an earlier one before no more is sent.
_OUT_OF_ORDER = 512


@dataclass(frozen=True, slots=True)
class Job:
    """One packed request and its place in the order."""

    index: int
    frame: bytes


def to_outcome(reply: Reply, isolation: str) -> Outcome:
    """A worker's reply as the caller sees it; a code that is no status counts as a crash."""
    if reply.code >= NEEDS_SYMPY:
        return Outcome("crashed", None, "the worker's reply made no sense", isolation)
    return Outcome(reply.status, reply.value, reply.reason, isolation)


def death_outcome(death: WorkerDied, isolation: str) -> Outcome:
    """What a thought gets whose worker died under it."""
    if death.out_of_time:
        return Outcome("over_budget", None, "out of time: the worker was killed", isolation)
    return Outcome("crashed", None, f"the worker died: {death}", isolation)


@dataclass(slots=True)
class _Lane:
    """One worker with the jobs it holds, the first of which it is working on."""

    pool: Pool
    seconds: float
    host: Host
    jobs: deque[Job] = field(default_factory=deque)
    waiting: deque[Job] = field(default_factory=deque)
    bytes_ahead: int = 0
    deadline: float = 0.0
    extensions: int = 0
    processor_s: float = 0.0

    def fill(self) -> None:
        """Send waiting jobs ahead, as many as the window holds, in one write."""
        if len(self.jobs) > _AHEAD // 2 or not self.waiting:
            return
        if not self.jobs:
            self._restart_clock()
        frames = []
        while self.waiting and len(self.jobs) < _AHEAD and self.bytes_ahead < _BYTES_AHEAD:
            job = self.waiting.popleft()
            self.jobs.append(job)
            self.bytes_ahead += len(job.frame)
            frames.append(job.frame)
        try:
            self.host.send(b"".join(frames), monotonic() + self.seconds + self.host.grace_s)
        except WorkerDied:
            return  # its end is read, and reckoned with, in `replies`

    def _restart_clock(self) -> None:
        self.deadline = monotonic() + self.seconds + self.host.grace_s
        self.processor_s = self.host.processor_s()
        self.extensions = 0

    def _extend_or_kill(self) -> None:
        """At a missed deadline: wait on if the worker got no processor time, else it is at an end."""
        if self.extensions == MAX_EXTENSIONS or not self.host.starved(self.seconds, self.processor_s):
            raise WorkerDied("out of time", out_of_time=True)
        self.extensions += 1
        self.deadline = monotonic() + self.seconds / 4

    def replies(self, readable: bool) -> Iterator[tuple[Job, Reply | WorkerDied]]:
        """The jobs that ended, with how; at most one of them by the worker's death."""
        try:
            if readable:
                self.host.read_available()
            elif monotonic() > self.deadline:
                self._extend_or_kill()
            while self.jobs and (reply := self.host.next_buffered()) is not None:
                yield self._finished(), reply
                if reply.retiring:
                    self._renew()
        except WorkerDied as death:
            job = self.jobs and self._finished()
            self._renew()
            if job:
                yield job, death

    def _finished(self) -> Job:
        job = self.jobs.popleft()
        self.bytes_ahead -= len(job.frame)
        self._restart_clock()
        return job

    def _renew(self) -> None:
        """Take a fresh worker and send it again what the last one left undone."""
        self.host.kill()
        self.host = self.pool.take()
        self.waiting.extendleft(reversed(self.jobs))
        self.jobs.clear()
        self.bytes_ahead = 0

    def close(self) -> None:
        """Give the worker back, or kill it if it still works on something."""
        if self.jobs:
            self.host.kill()
        else:
            self.pool.give_back(self.host)


class Batch:
    """Runs jobs over lanes; see `solve_batch`."""

    def __init__(self, plain: Pool, sympy: Pool, seconds: float) -> None:
        self._seconds = seconds
        self._sympy_pool = sympy
        self._plain = [_Lane(plain, seconds, plain.take()) for _ in range(plain.size)]
        self._sympy: _Lane | None = None

    def run(self, jobs: Iterator[Job | tuple[int, Outcome]]) -> Iterator[Outcome]:
        """Outcomes in the order of the jobs; an item that is an outcome already passes through."""
        done: dict[int, Outcome] = {}
        sent = due = 0
        more = True
        try:
            while more or due < sent:
                while more and sent - due < _OUT_OF_ORDER and (lane := self._free_lane()):
                    item = next(jobs, None)
                    if item is None:
                        more = False
                    elif isinstance(item, Job):
                        lane.waiting.append(item)
                        sent += 1
                    else:
                        done[item[0]] = item[1]
                        sent += 1
                for index, outcome in self._turn():
                    done[index] = outcome
                while due in done:
                    yield done.pop(due)
                    due += 1
        finally:
            for lane in self._lanes():
                lane.close()

    def _lanes(self) -> list[_Lane]:
        return self._plain if self._sympy is None else [*self._plain, self._sympy]

    def _free_lane(self) -> _Lane | None:
        lane = min(self._plain, key=lambda lane: len(lane.jobs) + len(lane.waiting))
        return lane if len(lane.jobs) + len(lane.waiting) < _AHEAD else None

    def _turn(self) -> Iterator[tuple[int, Outcome]]:
        """Send, wait for the first reply or the first deadline, and take what has come."""
        for lane in self._lanes():
            lane.fill()
        busy = {lane.host.descriptor: lane for lane in self._lanes() if lane.jobs}
        if not busy:
            return
        poll = select.poll()
        for descriptor in busy:
            poll.register(descriptor, select.POLLIN)
        patience = max(0.0, min(lane.deadline for lane in busy.values()) - monotonic())
        readable = {descriptor for descriptor, _ in poll.poll(patience * 1000 + 1)}
        for descriptor, lane in busy.items():
            isolation = lane.host.isolation
            for job, reply in lane.replies(descriptor in readable):
                if isinstance(reply, WorkerDied):
                    yield job.index, death_outcome(reply, isolation)
                elif reply.code == NEEDS_SYMPY and lane is not self._sympy:
                    self._sympy_lane().waiting.append(job)
                else:
                    yield job.index, to_outcome(reply, isolation)

    def _sympy_lane(self) -> _Lane:
        if self._sympy is None:
            self._sympy = _Lane(self._sympy_pool, self._seconds, self._sympy_pool.take())
        return self._sympy


def solve_batch(
    jobs: Iterator[Job | tuple[int, Outcome]], plain: Pool, sympy: Pool, seconds: float
) -> Iterator[Outcome]:
    """Outcomes of the jobs, in order; `seconds` bounds each one. Closing the generator ends the work."""
    return Batch(plain, sympy, seconds).run(jobs)
