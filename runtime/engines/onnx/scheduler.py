"""Many sequences of an ONNX artifact decoded together: one run of the graph writes one token of each.

The streams lie on the first rows. A stream that ends leaves a gap, which a new one takes; when none comes before the
next step, the last row moves there: copying what a row holds costs about a millisecond, once, and running a row that
nobody sits on two milliseconds a step. A seat is a stream's name and stays the same; its row may change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.engines.engine import Decoding, Tail, Token
from runtime.engines.onnx.rows import Rows
from runtime.engines.sampling import Choose, log_probability
from runtime.engines.seating import check_seating


@dataclass(slots=True)
class _Stream:
    """Where one stream stands; `next` is the token that was chosen and not run yet."""

    row: int
    position: int
    left: int
    choose: Choose
    next: int = 0


class OnnxStreams:
    """Sequences of one loaded graph, with rows of their own."""

    lanes = 1

    def __init__(
        self, rows: Rows, is_end: Callable[[int], bool], chooser: Callable[[Decoding], Choose], seats: int
    ) -> None:
        self.seats, self.room = seats, rows.room
        self._is_end, self._chooser = is_end, chooser
        self._rows = rows
        self._streams: dict[int, _Stream] = {}
        # The prefix that lies at the front of each row, whether somebody sits there or not; None where none is known.
        self._prefixes: list[tuple[int, ...] | None] = [None] * seats
        # First tokens of streams that have been started since the last step.
        self._first: list[Token] = []

    def free(self) -> int:
        """How many seats are free."""
        return self.seats - len(self._taken())

    def _taken(self) -> set[int]:
        """Seats that somebody sits on, or whose only token has not been given out yet."""
        return {*self._streams, *(token.seat for token in self._first)}

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Seat one stream for each tail, see `runtime.engines.engine.Streams`. A tail that several have is read once."""
        check_seating(self, prefix, tails)
        head, alike = tuple(prefix), _alike(tails)
        choosers = [self._chooser(decoding) for _, decoding in tails]
        seats = sorted(set(range(self.seats)) - self._taken())[: len(tails)]
        taken = {stream.row for stream in self._streams.values()}
        rows = [row for row in range(self.seats) if row not in taken][: len(tails)]
        for tail, places in alike.items():
            logits = self._lay([rows[place] for place in places], head, tail)
            for place in places:
                decoding = tails[place][1]
                self._streams[seats[place]] = _Stream(
                    rows[place], len(head) + len(tail), decoding.max_tokens, choosers[place]
                )
                self._first.append(self._choose(seats[place], logits))
        return seats

    def step(self) -> list[Token]:
        """One more token of every stream, see `runtime.engines.engine.Streams`; those just started give their first."""
        if self._first:
            first, self._first = self._first, []
            return first
        if not self._streams:
            return []
        self._close_gaps()
        seats = sorted(self._streams, key=lambda seat: self._streams[seat].row)
        streams = [self._streams[seat] for seat in seats]
        logits = self._rows.step([stream.next for stream in streams], [stream.position for stream in streams])
        for stream in streams:
            stream.position += 1
        return [self._choose(seat, row) for seat, row in zip(seats, logits, strict=True)]

    def stop(self, seat: int) -> None:
        """End a stream; what lies on its row may still serve as a prefix."""
        self._first = [token for token in self._first if token.seat != seat]
        self._streams.pop(seat, None)

    def close(self) -> None:
        """Free the memory of all rows; a second call does nothing."""
        self._streams.clear()
        self._rows.close()

    def _lay(self, rows: Sequence[int], prefix: tuple[int, ...], tail: tuple[int, ...]) -> Any:
        """Have the prefix and a tail on each of some rows, read once at most; the logits after them, (width,)."""
        first, *others = rows
        self._lay_prefix(first, prefix)
        logits = self._rows.read(first, tail, len(prefix))[0]
        for row in others:
            self._rows.copy(first, row, len(prefix) + len(tail))
            self._prefixes[row] = prefix
        return logits

    def _lay_prefix(self, row: int, prefix: tuple[int, ...]) -> None:
        """Have the prefix at a row's front: it lies there already, or on another row, or it is read."""
        if self._prefixes[row] == prefix:
            return
        holder = self._prefixes.index(prefix) if prefix in self._prefixes else None
        # Should reading fail, nothing is known of the row.
        self._prefixes[row] = None
        if holder is not None:
            self._rows.copy(holder, row, len(prefix))
        elif prefix:
            self._rows.read(row, prefix, 0)
        self._prefixes[row] = prefix

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

    def _choose(self, seat: int, logits: Any) -> Token:
        """The stream's next token; with its end token, or the last one of its limit, it leaves."""
        stream = self._streams[seat]
        token = stream.next = stream.choose(logits)
        stream.left -= 1
        ended = self._is_end(token)
        left = ended or stream.left == 0
        if left:
            del self._streams[seat]
        return Token(seat, None if ended else token, log_probability(logits, token), left)


def _alike(tails: Sequence[Tail]) -> dict[tuple[int, ...], list[int]]:
    """The places of each different tail."""
    places: dict[tuple[int, ...], list[int]] = {}
    for place, (tail, _) in enumerate(tails):
        places.setdefault(tuple(tail), []).append(place)
    return places
