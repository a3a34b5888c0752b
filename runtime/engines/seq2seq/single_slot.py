"""Streams on an engine that decodes one sequence at a time: one seat, the same rules."""

from collections.abc import Iterator, Sequence

from runtime.engines.engine import Engine, Tail, Token
from runtime.engines.seating import check_seating


class OneSeat:
    """One stream at a time through `Engine.generate`. Log-probabilities are not known here: they are NaN."""

    seats = 1
    lanes = 1

    def __init__(self, engine: Engine, room: int) -> None:
        self.room = room
        self._engine = engine
        self._going: Iterator[int] | None = None
        self._left = 0

    def free(self) -> int:
        """1 while nobody sits."""
        return int(self._going is None)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Seat one stream, see `runtime.engines.engine.Streams`."""
        check_seating(self, prefix, tails)
        ((tail, decoding),) = tails
        prompt = [*prefix, *tail]
        self._going = iter(self._engine.generate(prompt, decoding, shared=len(prefix)))
        self._left = decoding.max_tokens
        return [0]

    def step(self) -> list[Token]:
        """The stream's next token, if somebody sits."""
        if self._going is None:
            return []
        token = next(self._going, None)
        self._left -= 1
        if token is None or self._left == 0:
            self._going = None
        return [Token(0, token, float("nan"), self._going is None)]

    def stop(self, seat: int) -> None:
        """End the stream."""
        self._going = None

    def close(self) -> None:
        """End the stream; the engine stays open."""
        self._going = None
