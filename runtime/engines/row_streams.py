"""Many sequences decoded together on rows of one cache: one pass over the first rows writes one token of each.

The streams lie on the first rows. A stream that ends leaves a gap, which a new one takes; when none comes before the
next step, the last row moves there: copying what a row holds costs about a millisecond, once, and running a row that
nobody sits on two milliseconds a step. A slot is a stream's name and stays the same; its row may change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from runtime.engines.engine import Decoding, Passes, Tail, Token
from runtime.engines.sampling import Choose
from runtime.engines.slots import Stream, Tokens, by_tail, check_start


class Rows(Protocol):
    """Keys and values of several sequences of at most `max_len` tokens, and the passes over them."""

    max_len: int

    def read(self, row: int, tokens: Sequence[int], start: int, last: int = 1) -> Any:
        """Read a row's tokens from position `start` on; float32 logits after each of the last `last`, (last, width)."""
        ...

    def step(self, tokens: Sequence[int], positions: Sequence[int]) -> Any:
        """One more token of each of the first rows, at its position; float32 logits (rows, width)."""
        ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Lay the first `length` tokens of one row on another."""
        ...

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        ...


@dataclass(slots=True)
class _Stream(Stream):
    """A stream and where it stands; its last token was chosen and not read yet."""

    row: int = 0
    position: int = 0


class RowStreams:
    """Sequences of one loaded model, with rows of their own; behind them a row for each prefix that is `kept`.

    `passes` are the rows' own, by which they can be interrupted.
    """

    contexts = 1

    def __init__(
        self,
        rows: Rows,
        is_end: Callable[[int], bool],
        chooser: Callable[[Decoding], Choose],
        slots: int,
        kept: Sequence[Tokens] = (),
        passes: Passes | None = None,
    ) -> None:
        self.slots, self.max_len = slots, rows.max_len
        self._passes = passes
        self._is_end, self._chooser = is_end, chooser
        self._rows = rows
        self._streams: dict[int, _Stream] = {}
        # The prefix that lies at the front of each row, whether somebody sits there or not; None where none is known.
        self._prefixes: list[Tokens | None] = [None] * slots
        for row, prefix in enumerate(kept, start=slots):
            rows.read(row, prefix, 0)
            self._prefixes.append(prefix)
        # First tokens of streams that have been started since the last step.
        self._first: list[Token] = []

    def free(self) -> int:
        """How many slots are free."""
        return self.slots - len(self._taken())

    def _taken(self) -> set[int]:
        """Slots that somebody sits on, or whose only token has not been given out yet."""
        return {*self._streams, *(token.slot for token in self._first)}

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Start one stream for each tail, see `runtime.engines.engine.Streams`. A tail that several have is read once."""
        check_start(self, prefix, tails)
        head = tuple(prefix)
        choosers = [self._chooser(decoding) for _, decoding in tails]
        slots = sorted(set(range(self.slots)) - self._taken())[: len(tails)]
        taken = {stream.row for stream in self._streams.values()}
        rows = [row for row in range(self.slots) if row not in taken][: len(tails)]
        for tail, places in by_tail((tail, place) for place, (tail, _) in enumerate(tails)).items():
            logits = self._lay([rows[place] for place in places], head, tail)
            for place in places:
                self._streams[slots[place]] = _Stream(
                    slots[place],
                    choosers[place],
                    tails[place][1].max_tokens,
                    row=rows[place],
                    position=len(head) + len(tail),
                )
                self._first.append(self._choose(slots[place], logits))
        return slots

    def step(self) -> list[Token]:
        """One more token of every stream, see `runtime.engines.engine.Streams`; those just started give their first."""
        if self._first:
            first, self._first = self._first, []
            return first
        if not self._streams:
            return []
        self._close_gaps()
        slots = sorted(self._streams, key=lambda slot: self._streams[slot].row)
        streams = [self._streams[slot] for slot in slots]
        logits = self._rows.step([stream.last for stream in streams], [stream.position for stream in streams])
        for stream in streams:
            stream.position += 1
        return [self._choose(slot, row) for slot, row in zip(slots, logits, strict=True)]

    def stop(self, slot: int) -> None:
        """End a stream; what lies on its row may still serve as a prefix."""
        self._first = [token for token in self._first if token.slot != slot]
        self._streams.pop(slot, None)

    def interrupt(self) -> None:
        """End the pass that runs now, for good, see `runtime.engines.engine.Streams`."""
        if self._passes:
            self._passes.stop()

    def close(self) -> None:
        """Free the memory of all rows; a second call does nothing."""
        self._streams.clear()
        self._rows.close()

    def _lay(self, rows: Sequence[int], prefix: Tokens, tail: Tokens) -> Any:
        """Have the prefix and a tail on each of some rows, read once at most; the logits after them, (width,)."""
        first, *others = rows
        there = self._laid(first, prefix)
        # Should reading fail, nothing is known of the row.
        self._prefixes[first] = None
        logits = self._rows.read(first, (*prefix, *tail)[there:], there)[0]
        self._prefixes[first] = prefix
        for row in others:
            self._rows.copy(first, row, len(prefix) + len(tail))
            self._prefixes[row] = prefix
        return logits

    def _laid(self, row: int, prefix: Tokens) -> int:
        """How many tokens of the prefix lie at a row's front: all, where another row had them, or none."""
        if prefix not in self._prefixes:
            return 0
        if self._prefixes[row] != prefix:
            self._rows.copy(self._prefixes.index(prefix), row, len(prefix))
        return len(prefix)

    def _close_gaps(self) -> None:
        """Move streams from behind so that they lie on the first rows."""
        count = len(self._streams)
        taken = {stream.row for stream in self._streams.values()}
        gaps = iter(row for row in range(count) if row not in taken)
        for stream in self._streams.values():
            if stream.row >= count:
                gap = next(gaps)
                self._rows.copy(stream.row, gap, stream.position)
                self._prefixes[gap] = self._prefixes[stream.row]
                stream.row = gap

    def _choose(self, slot: int, logits: Any) -> Token:
        """The stream's next token; with its end token, or the last one of its limit, it leaves."""
        token = self._streams[slot].next(logits, self._is_end)
        if token.left:
            del self._streams[slot]
        return token
