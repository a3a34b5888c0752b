"""Continuous batching: many thoughts written together, a finished one's seat taken by the next at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from runtime.draft import Draft, Drafter, Writing
from runtime.engine import Streams, Token
from runtime.plans import Ask

# Tokens of prompt and answer together that a seat has room for, unless a longer one comes.
USUAL_ROOM = 512

Key = TypeVar("Key")


@dataclass(slots=True)
class Group(Generic[Key]):
    """Thoughts about one question, which share its prefix. `deadline` is in `perf_counter` seconds."""

    key: Key
    question: str
    asks: list[Ask]
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class _Seated(Generic[Key]):
    key: Key
    ask: int
    writing: Writing


class Writers(Generic[Key]):
    """Writes groups of thoughts on the seats of one engine. Close it before the engine."""

    def __init__(self, drafter: Drafter, seats: int) -> None:
        self._drafter = drafter
        self.wanted = seats
        self._streams: Streams | None = None
        self._seated: dict[int, _Seated[Key]] = {}
        self._waiting: list[tuple[Group[Key], int]] = []

    def close(self) -> None:
        """Free the memory of all seats."""
        self._seated.clear()
        if self._streams:
            self._streams.close()
            self._streams = None

    def write(self, next_group: Callable[[], Group[Key] | None]) -> Iterator[tuple[Key, int, Draft]]:
        """Yield each draft with its group's key and its place among the group's asks, as soon as it is written.

        `next_group` is asked whenever a seat is free; it may give None now and a group later, after more drafts have
        been yielded. The work ends when nobody writes and it gives None. Closing the generator ends all streams.
        """
        try:
            while True:
                yield from self._fill(next_group)
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
        """One more token of every thought; the time it takes is shared among them."""
        assert self._streams is not None
        started = perf_counter()
        tokens = self._streams.step()
        part_ms = (perf_counter() - started) * 1e3 / max(1, len(tokens))
        for token in tokens:
            self._seated[token.seat].writing.decode_ms += part_ms
        return tokens

    def _stop(self, seats: Sequence[int]) -> None:
        for seat in seats:
            assert self._streams is not None
            self._streams.stop(seat)
            del self._seated[seat]

    def _fill(self, next_group: Callable[[], Group[Key] | None]) -> Iterator[tuple[Key, int, Draft]]:
        """Seat thoughts as long as there are seats and thoughts; some are complete with their first token."""
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
            yield from self._seat(now, writings[:count])

    def _make_room(self, tokens: int) -> bool:
        """Have seats of at least `tokens` tokens; False while others still write on seats that are too short."""
        if self._streams and self._streams.room >= tokens:
            return True
        if self._seated:
            return False
        if self._streams:
            self._streams.close()
        room = min(max(tokens, USUAL_ROOM), self._drafter.engine.context_tokens)
        self._streams = self._drafter.engine.streams(self.wanted, room)
        return True

    def _seat(
        self, started: Sequence[tuple[Group[Key], int]], writings: Sequence[Writing]
    ) -> Iterator[tuple[Key, int, Draft]]:
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
        tokens = self._streams.start(prefix, tails)
        part_ms = (perf_counter() - began) * 1e3 / len(tails)
        for token, writing, (group, place) in zip(tokens, writings, started, strict=True):
            writing.logprob, writing.prefill_ms = 0.0, part_ms
            self._seated[token.seat] = _Seated(group.key, place, writing)
        yield from self._taken(tokens)

    def _taken(self, tokens: Sequence[Token]) -> Iterator[tuple[Key, int, Draft]]:
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
