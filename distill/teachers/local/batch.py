"""Continuous batching: requests wait in a queue, and begin on an engine's slots as replies before them end.

Requests that follow each other with the same prompt and question are samples of one: they begin together, so that the
question is read once for all. The worked examples before it are read once for all questions, and stay in memory.
"""

from collections import deque
from dataclasses import dataclass, field

from distill.teachers.local.engines import BatchEngine
from distill.teachers.local.stops import ENDINGS, Stop
from runtime.engines.engine import Decoding, Streams, Token

# Room of a slot is a multiple of this, one more than what waits now needs: the next question may be longer.
ROOM = 128
# Worked examples that stay in memory while nobody writes after them.
MAX_KEPT = 6
# Contexts that compute independently of each other, each with its share of the threads.
CONTEXTS = 2


@dataclass(slots=True, eq=False)
class Job:
    """One reply on its way: `head` is shared with other questions, `tail` is the question and what follows it."""

    key: str
    head: tuple[int, ...]
    tail: tuple[int, ...]
    decoding: Decoding
    stop: Stop
    ids: list[int] = field(default_factory=list)
    logprob: float = 0.0
    finish_reason: str = ""

    @property
    def length(self) -> int:
        """Tokens that it may take."""
        return len(self.head) + len(self.tail) + self.decoding.max_tokens


class ContinuousBatch:
    """Writes jobs on an engine's slots, `streams` of them at a time, or a few more where samples begin together."""

    def __init__(self, engine: BatchEngine, streams: int) -> None:
        self._engine, self._wanted = engine, streams
        self._queue: deque[Job] = deque()
        self._running: dict[int, Job] = {}
        self._slots: Streams | None = None
        self._heads: set[tuple[int, ...]] = set()
        self._ends: dict[int, bool] = {}

    def add(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        self._queue.append(job)

    def busy(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._queue or self._running)

    def step(self) -> list[Job]:
        """Begin what there is room for and compute until there are tokens; the jobs that are done by that."""
        self._fill()
        if not self._running:
            return []
        assert self._slots is not None
        return [job for token in self._slots.step() if (job := self._taken(token))]

    def close(self) -> None:
        """Free the slots."""
        self._running.clear()
        if self._slots is not None:
            self._slots.close()
            self._slots = None

    def _fill(self) -> None:
        while self._queue and len(self._running) < self._wanted:
            group = self._group()
            if not self._has_room(group):
                return
            assert self._slots is not None
            slots = self._slots.start(group[0].head, [(job.tail, job.decoding) for job in group])
            self._running |= zip(slots, group, strict=True)
            for _ in group:
                self._queue.popleft()

    def _group(self) -> list[Job]:
        """The samples of one question at the front of the queue, no more than may be written at a time."""
        group: list[Job] = []
        for job in self._queue:
            if len(group) == self._wanted or (job.head, job.tail) != (
                self._queue[0].head,
                self._queue[0].tail,
            ):
                break
            group.append(job)
        return group

    def _has_room(self, group: list[Job]) -> bool:
        """Have slots for these jobs; False while others still write on slots that are too few or too short."""
        if self._slots and self._slots.max_len >= group[0].length and self._slots.free() >= len(group):
            return True
        if self._running:
            return False
        self.close()
        self._heads |= {job.head for job in self._queue}
        length = (max(job.length for job in self._queue) // ROOM + 2) * ROOM
        self._slots = self._engine.streams(
            self._wanted + len(group) - 1,
            min(length, self._engine.context_tokens),
            CONTEXTS,
            kept=sorted(self._heads)[:MAX_KEPT],
        )
        return True

    def _taken(self, token: Token) -> Job | None:
        """Hand a token to its job; the job where that was its last."""
        assert self._slots is not None
        job = self._running[token.slot]
        job.logprob += token.logprob
        if token.id is not None:
            job.ids.append(token.id)
        if token.left:
            job.finish_reason = "stop" if token.id is None or self._stopped(job) else "length"
        elif self._stopped(job):
            job.finish_reason = "stop"
            self._slots.stop(token.slot)
        if job.finish_reason:
            return self._running.pop(token.slot)
        return None

    def _stopped(self, job: Job) -> bool:
        last = job.ids[-1]
        ends = self._ends.get(last)
        if ends is None:
            piece = self._engine.decode([last])
            ends = self._ends[last] = any(character in piece for character in ENDINGS)
        return ends and job.stop(self._engine.decode(job.ids))
