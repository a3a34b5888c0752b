"""What streams on slots do alike, one way for every engine: what must hold before they start, how they choose."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from runtime.engines.engine import Streams, Tail, Token
from runtime.engines.sampling import Choose, log_probability
from runtime.values.errors import InputError

Tokens = tuple[int, ...]
T = TypeVar("T")


@dataclass(slots=True)
class Stream:
    """One text on its way: its slot, how it chooses, how many tokens it may still write, and the last one it chose."""

    slot: int
    choose: Choose
    left: int
    last: int = 0

    def next(self, logits: Any, is_end: Callable[[int], bool]) -> Token:
        """The next token; with its end token, or the last one of its limit, the stream leaves."""
        self.last = self.choose(logits)
        self.left -= 1
        ended = is_end(self.last)
        token = None if ended else self.last
        return Token(self.slot, token, log_probability(logits, self.last), ended or self.left == 0)


def check_start(streams: Streams, prefix: Sequence[int], tails: Sequence[Tail]) -> None:
    """Raise InputError when there is no free slot for each tail, or a prompt and its answer do not fit one."""
    if len(tails) > streams.free():
        raise InputError(f"{len(tails)} streams; expected: {streams.free()}, the free slots")
    for tail, decoding in tails:
        needed = len(prefix) + len(tail) + decoding.max_tokens
        if not tail or needed > streams.max_len:
            raise InputError(f"a stream of {needed:,} tokens; expected: 1 to {streams.max_len:,}")


def by_tail(streams: Iterable[tuple[Sequence[int], T]]) -> dict[Tokens, list[T]]:
    """Streams by what follows their prefix: a tail that several have is read once."""
    found: dict[Tokens, list[T]] = {}
    for tail, stream in streams:
        found.setdefault(tuple(tail), []).append(stream)
    return found
