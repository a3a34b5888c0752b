"""Continuous batching: many thoughts written together, a finished one's slot taken by the next at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress
from time import perf_counter
from typing import Generic, TypeVar

from runtime.answering.completion import Completion, Generator, Prompt, Writing, alarm
from runtime.answering.plans import ThoughtRequest
from runtime.engines.engine import Interrupted, Streams, Token

# Tokens of prompt and answer together that a slot has room for, unless a longer one comes.
DEFAULT_MAX_LEN = 512

Key = TypeVar("Key")
# Is shown a thought after each of its tokens, with its place among the group's asks; True says that it is complete.
Follow = Callable[[int, Writing], bool]


@dataclass(slots=True)
class Group(Generic[Key]):
    """Thoughts about one question, which share its prefix. `deadline` is in `perf_counter` seconds.

    With `to_end` they are written to the model's own end, and have their hidden states where the slots give them. A
    `prompt` stands in place of the question's own.
    """

    key: Key
    question: str
    asks: list[ThoughtRequest]
    deadline: float | None = None
    to_end: bool = False
    follow: Follow | None = None
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class _Running(Generic[Key]):
    """A thought on a slot; `reading` is how many tokens of prompt are read for it, its part of a shared one counted."""

    group: Group[Key]
    ask: int
    writing: Writing
    reading: float

    @property
    def length(self) -> int:
        """Tokens of prompt and answer that it may come to."""
        return _length((self.group, self.ask), self.writing)

    @property
    def weight(self) -> float:
        """Its part of a step's work: its whole prompt until the first token is there, then one token."""
        return 1.0 if self.writing.ids else self.reading


class BatchScheduler(Generic[Key]):
    """Writes groups of thoughts on the slots of one engine, spread over `contexts`. Close it before the engine.

    With `states` the slots give hidden states. With `tokens` there is never more room than for so many on all slots
    together: long texts are written on fewer slots, and there are all of them again once no long one is left.
    """

    def __init__(
        self,
        generator: Generator,
        slots: int,
        contexts: int = 1,
        *,
        states: bool = False,
        tokens: int | None = None,
    ) -> None:
        self._generator = generator
        self._tokens = tokens
        self.wanted, self.contexts, self.states = slots, contexts, states
        self._streams: Streams | None = None
        self._running: dict[int, _Running[Key]] = {}
        self._waiting: list[tuple[Group[Key], int]] = []
        self.writing = False
        self._interrupted = False

    @contextmanager
    def until(self, deadline: float | None) -> Iterator[None]:
        """End what is computed at the deadline (`perf_counter` seconds), inside a pass if need be; None never comes.

        For one question at a time: all thoughts that are being written come back as they are.
        """
        try:
            with alarm(deadline, self._interrupt):
                yield
        finally:
            if self._interrupted:
                self.close()
            self._interrupted = False

    def _interrupt(self) -> None:
        self._interrupted = True
        if streams := self._streams:
            streams.interrupt()

    def close(self) -> None:
        """Free the memory of all slots."""
        self._running.clear()
        if self._streams:
            self._streams.close()
            self._streams = None

    def write(
        self,
        next_group: Callable[[], Group[Key] | None],
        between: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[Key, int, Completion]]:
        """Yield each draft with its group's key and its place among the group's asks, as soon as it is written.

        `next_group` is asked before each step while a slot is free; it may give None now and a group later. `between`
        is called before each step, and may `drop` groups. The work ends when nobody writes and `next_group` gives None.
        Closing the generator ends all streams.
        """
        self.writing = True
        try:
            while True:
                between()
                yield from self._too_late()
                try:
                    self._fill(next_group)
                    if not self._running:
                        return
                    tokens = self._step()
                except Interrupted:
                    yield from self._given_up()
                else:
                    yield from self._taken(tokens)
        finally:
            self._stop(list(self._running))
            self._waiting.clear()
            self.writing = False

    def drop(self, key: Key) -> None:
        """Write no more of a group's thoughts: the answer is known without them."""
        self._stop([slot for slot, running in self._running.items() if running.group.key == key])
        self._waiting = [(group, place) for group, place in self._waiting if group.key != key]

    def _too_late(self) -> Iterator[tuple[Key, int, Completion]]:
        """Thoughts that wait for a slot past their deadline: nobody begins them any more."""
        now = perf_counter()
        late = [group.deadline is not None and now >= group.deadline for group, _ in self._waiting]
        ended = list(compress(self._waiting, late))
        self._waiting = [one for one, is_late in zip(self._waiting, late, strict=True) if not is_late]
        for group, place in ended:
            writing = self._begun(group, place)
            self._generator.out_of_time(writing)
            yield group.key, place, self._generator.completion(writing)

    def _given_up(self) -> Iterator[tuple[Key, int, Completion]]:
        """All thoughts as they are; the slots go, since nobody knows what lies on them."""
        done = [(one.group.key, one.ask, one.writing) for one in self._running.values()]
        done += [(group.key, place, self._begun(group, place)) for group, place in self._waiting]
        self._waiting = []
        self.close()
        for key, place, writing in done:
            self._generator.out_of_time(writing)
            yield key, place, self._generator.completion(writing)

    def _begun(self, group: Group[Key], place: int) -> Writing:
        ask = group.asks[place]
        if group.prompt:
            return Writing(ask.thought, group.prompt, group.deadline, perf_counter())
        return self._generator.begin(group.question, ask.thought, ask.decoding, group.deadline)

    def _step(self) -> list[Token]:
        """The next tokens; the time they take is shared among all thoughts on slots, by what is computed for them."""
        assert self._streams is not None
        started = perf_counter()
        tokens = self._streams.step()
        part_ms = (perf_counter() - started) * 1e3 / sum(running.weight for running in self._running.values())
        for running in self._running.values():
            writing = running.writing
            if writing.ids:
                writing.decode_ms += part_ms
            else:
                writing.prefill_ms = (writing.prefill_ms or 0.0) + part_ms * running.reading
        return tokens

    def _stop(self, slots: Sequence[int]) -> None:
        for slot in slots:
            assert self._streams is not None
            self._streams.stop(slot)
            del self._running[slot]

    def _fill(self, next_group: Callable[[], Group[Key] | None]) -> None:
        """Start thoughts as long as there are slots and thoughts."""
        while self._streams is None or self._streams.free():
            if not self._waiting:
                group = next_group()
                if group is None:
                    return
                self._waiting = [(group, place) for place in range(len(group.asks))]
            if self._interrupted:
                raise Interrupted
            writings = [self._begun(group, place) for group, place in self._waiting]
            if not self._make_slots(max(map(_length, self._waiting, writings))):
                return
            assert self._streams is not None
            count = min(len(self._waiting), self._streams.free())
            self._start(self._waiting[:count], writings[:count])
            self._waiting = self._waiting[count:]

    def _make_slots(self, tokens: int) -> bool:
        """Have slots of at least `tokens` tokens; False while others still write on slots that will not do."""
        if self._streams and self._streams.max_len >= tokens and not self._too_few(tokens):
            return True
        if self._running:
            return False
        if self._streams:
            self._streams.close()
        max_len = min(max(tokens, DEFAULT_MAX_LEN), self._generator.engine.context_tokens)
        slots = self.wanted if self._tokens is None else min(self.wanted, max(1, self._tokens // max_len))
        self._streams = self._generator.engine.streams(slots, max_len, self.contexts, states=self.states)
        if self._interrupted:  # while they were opened
            self._streams.interrupt()
        return True

    def _too_few(self, tokens: int) -> bool:
        """Whether slots were given up for the sake of long texts, of which none is written or wanted now."""
        if self._tokens is None or self._streams is None or self._streams.max_len <= DEFAULT_MAX_LEN:
            return False
        return not any(length > DEFAULT_MAX_LEN for length in (tokens, *self._lengths()))

    def _lengths(self) -> Iterator[int]:
        return (running.length for running in self._running.values())

    def _start(self, started: Sequence[tuple[Group[Key], int]], writings: Sequence[Writing]) -> None:
        assert self._streams is not None
        shared = min(writing.prompt.shared for writing in writings)
        if len(writings) == 1 and not self._generator.form.keeps():
            shared = 0  # nobody to share with: one pass is quicker
        prefix = writings[0].prompt.ids[:shared]
        tails = [
            (writing.prompt.ids[shared:], group.asks[place].decoding)
            for writing, (group, place) in zip(writings, started, strict=True)
        ]
        began = perf_counter()
        slots = self._streams.start(prefix, tails)
        part_ms = (perf_counter() - began) * 1e3 / len(tails)
        for slot, (tail, _), writing, (group, place) in zip(slots, tails, writings, started, strict=True):
            writing.logprob, writing.prefill_ms = 0.0, part_ms
            reading = len(tail) + shared / len(tails)
            self._running[slot] = _Running(group, place, writing, reading)

    def _taken(self, tokens: Sequence[Token]) -> Iterator[tuple[Key, int, Completion]]:
        """Hand every token to its thought, and give out those that are complete."""
        assert self._streams is not None
        done: list[_Running[Key]] = []
        gone = {token.slot for token in tokens if token.left}
        for token in tokens:
            running = self._running.get(token.slot)
            if running is None:
                continue  # complete before this token, which was guessed
            writing, group = running.writing, running.group
            assert writing.logprob is not None
            writing.logprob += token.logprob
            writing.states = token.states if group.to_end else None
            complete = token.id is not None and self._generator.take(writing, token.id, to_end=group.to_end)
            if token.id is not None and group.follow and group.follow(running.ask, writing):
                complete = True
            if token.left and token.id is not None and not complete:
                self._generator.cut_off(writing)
            if complete and token.slot not in gone:
                self._streams.stop(token.slot)
            if complete or token.left:
                done.append(self._running.pop(token.slot))
        for running in done:
            yield running.group.key, running.ask, self._generator.completion(running.writing)


def _length(waiting: tuple[Group[Key], int], writing: Writing) -> int:
    group, place = waiting
    return len(writing.prompt.ids) + group.asks[place].decoding.max_tokens
