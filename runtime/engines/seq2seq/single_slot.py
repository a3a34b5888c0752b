"""Streams on an engine that decodes one sequence at a time: one slot, the same rules."""

from collections.abc import Iterator, Sequence

from runtime.engines.engine import Engine, Interrupted, Tail, Token
from runtime.engines.slots import check_start


class SingleSlot:
    """One stream at a time through `Engine.generate`. Log-probabilities are not known here: they are NaN."""

    slots = 1
    contexts = 1

    def __init__(self, engine: Engine, max_len: int) -> None:
        self.max_len = max_len
        self._engine = engine
        self._going: Iterator[int] | None = None
        self._left = 0
        self._interrupted = False

    def free(self) -> int:
        """1 while nobody sits."""
        return int(self._going is None)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Start one stream, see `runtime.engines.engine.Streams`."""
        check_start(self, prefix, tails)
        ((tail, decoding),) = tails
        prompt = [*prefix, *tail]
        self._going = iter(self._engine.generate(prompt, decoding, shared=len(prefix)))
        self._left = decoding.max_tokens
        return [0]

    def step(self) -> list[Token]:
        """The stream's next token, if somebody sits."""
        if self._going is None:
            return []
        token = None if self._interrupted else next(self._going, None)
        if self._interrupted:
            raise Interrupted
        self._left -= 1
        if token is None or self._left == 0:
            self._going = None
        return [Token(0, token, float("nan"), self._going is None)]

    def stop(self, slot: int) -> None:
        """End the stream."""
        self._going = None

    def interrupt(self) -> None:
        """End the pass that runs now, for good, see `runtime.engines.engine.Streams`."""
        self._interrupted = True
        self._engine.interrupt()

    def close(self) -> None:
        """End the stream; the engine stays open."""
        self._going = None
