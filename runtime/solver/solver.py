"""The solver: a thought's text becomes an exact value or a named failure, in an isolated worker.

It knows no models. The same solver filters a teacher's rationales, scores benchmarks and answers on the
device.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

from runtime.solver.budget import DEFAULT_FUEL
from runtime.solver.sandbox.batch import Job, death_outcome, solve_batch, to_outcome
from runtime.solver.sandbox.frames import NEEDS_SYMPY, Reply, Request, pack_request
from runtime.solver.sandbox.host import Host, Kind, WorkerDied
from runtime.solver.sandbox.pool import MAX_EXTENSIONS, Pool
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.prompt import THOUGHTS, Thought

MAX_CHARACTERS = 20_000
# One request of many: a thought, its text, and the target where it is not `ans`.
Asked = tuple[Thought, str] | tuple[Thought, str, str | None]
# What is left for sympy when a thought's own time is nearly gone.
_MIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Budget:
    """What one thought may spend: `time_s` of processor time, `fuel` in weighted steps (equal on every machine).

    The parent bounds the wall clock by `time_s` too, and waits longer only while the worker gets no processor
    time.
    """

    time_s: float = 0.25
    fuel: int = DEFAULT_FUEL

    def __post_init__(self) -> None:
        if not (0 < self.time_s <= 3600 and 0 < self.fuel < 1 << 62):
            raise InputError(
                f"budget is {self.time_s} s, {self.fuel} steps; expected: up to 3600 s, 1 step or more"
            )


DEFAULT_BUDGET = Budget()


class Solver:
    """Solves thoughts in warm workers; share one between threads, and close it (or use `with`)."""

    def __init__(self, *, budget: Budget = DEFAULT_BUDGET, workers: int | None = None) -> None:
        """`workers` bounds the plain workers that run at once (default: one a core, at most four)."""
        if workers is not None and workers < 1:
            raise InputError(f"workers is {workers}; expected: 1 or more")
        self.budget = budget
        self.workers = workers or min(4, os.cpu_count() or 1)
        self._pools: dict[Kind, Pool] = {
            "plain": Pool("plain", self.workers),
            "sympy": Pool("sympy", 1, spares=1),
        }

    def __enter__(self) -> Self:
        self._pools["plain"].warm()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker that is not at work."""
        for pool in self._pools.values():
            pool.close()

    def solve(
        self, thought: Thought, text: str, *, target: str | None = None, budget: Budget | None = None
    ) -> Outcome:
        """The outcome of one thought. `target` names the value asked for; without it, the thought's own rule holds.

        Raises InputError for an unknown thought and WorkFailed when no worker can start; never for what the
        text says.

        >>> with Solver() as solver:
        ...     print(solver.solve("eot", "total = 3x + 4\\ntotal = 19\\nans = x").value)
        5
        """
        if not isinstance(text, str):
            raise InputError(f"a thought of type {type(text).__name__}; expected: text")
        budget = budget or self.budget
        early = _early_outcome(thought, text)
        if early is not None:
            return early
        frame = _pack(thought, text, target, budget, budget.time_s)
        started = monotonic()
        outcome = self._ask("plain", frame, budget.time_s)
        if outcome is not None:
            return outcome
        seconds = max(_MIN_S, budget.time_s - (monotonic() - started))
        outcome = self._ask("sympy", _pack(thought, text, target, budget, seconds), seconds)
        return outcome or Outcome("crashed", None, "the worker's reply made no sense", "process")

    def _ask(self, kind: Kind, frame: bytes, seconds: float) -> Outcome | None:
        """One request to one worker; None when it belongs to the worker with sympy."""
        isolation = "process"
        try:
            with self._pools[kind].slot() as host:
                isolation = host.isolation
                reply = _exchange(host, frame, seconds)
        except WorkerDied as death:
            return death_outcome(death, isolation)
        if reply.code == NEEDS_SYMPY and kind == "plain":
            return None
        return to_outcome(reply, isolation)

    def solve_batch(self, requests: Iterable[Asked], *, budget: Budget | None = None) -> Iterator[Outcome]:
        """Outcomes in the order of the requests, several workers at once; the input is read as it is needed.

        A request is a thought and its text, and where another name than `ans` is asked for, that target.
        """
        budget = budget or self.budget
        jobs = _jobs(requests, budget)
        yield from solve_batch(jobs, self._pools["plain"], self._pools["sympy"], budget.time_s)


def _exchange(host: Host, frame: bytes, seconds: float) -> Reply:
    """Send one request and wait for its reply; a busy machine, on which the worker got no time, is waited for."""
    before = host.processor_s()
    deadline = monotonic() + seconds + host.grace_s
    host.send(frame, deadline)
    for _ in range(MAX_EXTENSIONS):
        reply = host.receive(deadline)
        if reply is not None:
            return reply
        if not host.starved(seconds, before):
            break
        deadline = monotonic() + seconds / 4
    raise WorkerDied("out of time", out_of_time=True)


def _jobs(requests: Iterable[Asked], budget: Budget) -> Iterator[Job | tuple[int, Outcome]]:
    for index, (thought, text, *named) in enumerate(requests):
        early = _early_outcome(thought, text)
        target = named[0] if named else None
        yield (index, early) if early else Job(index, _pack(thought, text, target, budget, budget.time_s))


def _pack(thought: Thought, text: str, target: str | None, budget: Budget, seconds: float) -> bytes:
    return pack_request(Request(thought, text, target, budget.fuel, int(seconds * 1e6)))


def _early_outcome(thought: Thought, text: str) -> Outcome | None:
    """What needs no worker: nothing to solve, or more than any thought is."""
    if thought not in THOUGHTS:
        raise InputError(f"thought is {thought!r}; expected: {', '.join(THOUGHTS)}")
    if not text.strip():
        return Outcome("no_thought", None, "the text is empty")
    if len(text) > MAX_CHARACTERS:
        return Outcome("over_budget", None, f"{len(text):,} characters; expected: {MAX_CHARACTERS:,}")
    return None
