"""Continuous batching: many thoughts written together, a finished one's seat taken by the next at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from runtime.answering.completion import Completion, Generator, Writing
from runtime.answering.plans import ThoughtRequest
from runtime.engines.engine import Streams, Token

# Tokens of prompt and answer together that a seat has room for, unless a longer one comes.
DEFAULT_ROOM = 512

Key = TypeVar("Key")


@dataclass(slots=True)
class Group(Generic[Key]):
    """Thoughts about one question, which share its prefix. `deadline` is in `perf_counter` seconds."""

    key: Key
    question: str
    asks: list[ThoughtRequest]
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class _Seated(Generic[Key]):
    """A thought on a seat; `reading` is how many tokens of prompt are read for it, its part of a shared one counted."""

    key: Key
    ask: int
    writing: Writing
    reading: float

    @property
    def weight(self) -> float:
        """Its part of a step's work: its whole prompt until the first token is there, then one token."""
        return 1.0 if self.writing.ids else self.reading


class BatchScheduler(Generic[Key]):
    """Writes groups of thoughts on the seats of one engine, spread over `lanes`. Close it before the engine."""

    def __init__(self, drafter: Generator, seats: int, lanes: int = 1) -> None:
        self._drafter = drafter
        self.wanted, self.lanes = seats, lanes
        self._streams: Streams | None = None
        self._seated: dict[int, _Seated[Key]] = {}
        self._waiting: list[tuple[Group[Key], int]] = []

    def close(self) -> None:
        """Free the memory of all seats."""
        self._seated.clear()
        if self._streams:
            self._streams.close()
            self._streams = None

    def write(self, next_group: Callable[[], Group[Key] | None]) -> Iterator[tuple[Key, int, Completion]]:
        """Yield each draft with its group's key and its place among the group's asks, as soon as it is written.

        `next_group` is asked whenever a seat is free; it may give None now and a group later, after more drafts have
        been yielded. The work ends when nobody writes and it gives None. Closing the generator ends all streams.
        """
        try:
            while True:
                self._fill(next_group)
                if not self._seated:
                    return
                yield from self._taken(self._step())
        finally:
            self._stop(list(self._seated))
            self._waiting.clear()

    def drop(self, key: Key) -> None:
        """Write no more of a group's thoughts: the answer is known without them."""
        self._stop([seat for seat, seated in self._seated.items() if seated.key == key])
        self._waiting = [(group, place) for group, place in self._waiting if group.key != key]

    def _step(self) -> list[Token]:
        """The next tokens; the time they take is shared among all thoughts on seats, by what is computed for them."""
        assert self._streams is not None
        started = perf_counter()
        tokens = self._streams.step()
        part_ms = (perf_counter() - started) * 1e3 / sum(seated.weight for seated in self._seated.values())
        for seated in self._seated.values():
            writing = seated.writing
            if writing.ids:
                writing.decode_ms += part_ms
            else:
                writing.prefill_ms = (writing.prefill_ms or 0.0) + part_ms * seated.reading
        return tokens

    def _stop(self, seats: Sequence[int]) -> None:
        for seat in seats:
            assert self._streams is not None
            self._streams.stop(seat)
            del self._seated[seat]

    def _fill(self, next_group: Callable[[], Group[Key] | None]) -> None:
        """Seat thoughts as long as there are seats and thoughts."""
        while self._streams is None or self._streams.free():
            if not self._waiting:
                group = next_group()
                if group is None:
                    return
                self._waiting = [(group, place) for place in range(len(group.asks))]
            writings = [
                self._drafter.begin(
                    group.question, group.asks[place].thought, group.asks[place].decoding, group.deadline
                )
                for group, place in self._waiting
            ]
            if not self._make_room(max(map(_length, self._waiting, writings))):
                return
            assert self._streams is not None
            count = min(len(self._waiting), self._streams.free())
            now, self._waiting = self._waiting[:count], self._waiting[count:]
            self._seat(now, writings[:count])

    def _make_room(self, tokens: int) -> bool:
        """Have seats of at least `tokens` tokens; False while others still write on seats that are too short."""
        if self._streams and self._streams.room >= tokens:
            return True
        if self._seated:
            return False
        if self._streams:
            self._streams.close()
        room = min(max(tokens, DEFAULT_ROOM), self._drafter.engine.context_tokens)
        self._streams = self._drafter.engine.streams(self.wanted, room, self.lanes)
        return True

    def _seat(self, started: Sequence[tuple[Group[Key], int]], writings: Sequence[Writing]) -> None:
        assert self._streams is not None
        shared = min(writing.prompt.shared for writing in writings)
        if len(writings) == 1 and not self._drafter.form.keeps():
            shared = 0  # nobody to share with: one pass is quicker
        prefix = writings[0].prompt.ids[:shared]
        tails = [
            (writing.prompt.ids[shared:], group.asks[place].decoding)
            for writing, (group, place) in zip(writings, started, strict=True)
        ]
        began = perf_counter()
        seats = self._streams.start(prefix, tails)
        part_ms = (perf_counter() - began) * 1e3 / len(tails)
        for seat, (tail, _), writing, (group, place) in zip(seats, tails, writings, started, strict=True):
            writing.logprob, writing.prefill_ms = 0.0, part_ms
            reading = len(tail) + shared / len(tails)
            self._seated[seat] = _Seated(group.key, place, writing, reading)

    def _taken(self, tokens: Sequence[Token]) -> Iterator[tuple[Key, int, Completion]]:
        """Hand every token to its thought, and give out those that are complete."""
        assert self._streams is not None
        done: list[_Seated[Key]] = []
        for token in tokens:
            seated = self._seated[token.seat]
            writing = seated.writing
            assert writing.logprob is not None
            writing.logprob += token.logprob
            complete = token.id is not None and self._drafter.take(writing, token.id)
            if token.left and token.id is not None and not complete:
                self._drafter.cut_off(writing)
            if complete and not token.left:
                self._streams.stop(token.seat)
            if complete or token.left:
                done.append(self._seated.pop(token.seat))
        for seated in done:
            yield seated.key, seated.ask, self._drafter.draft(seated.writing)


def _length(waiting: tuple[Group[Key], int], writing: Writing) -> int:
    group, place = waiting
    return len(writing.prompt.ids) + group.asks[place].decoding.max_tokens
