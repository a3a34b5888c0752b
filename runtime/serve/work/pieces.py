"""A growing text in pieces, from token ids: for people who read while it is written."""

from collections.abc import Callable, Sequence

# Bytes that are no character yet.
BROKEN = "\ufffd"
Decode = Callable[[Sequence[int]], str]


class PieceReader:
    """Gives what each token adds to a text, a few ids decoded at a time (as text-generation-inference does it).

    A tokenizer may write a token otherwise at the start of a text than inside: so it is decoded behind the one before.
    """

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._start = self._read = 0

    def next(self, ids: Sequence[int], *, last: bool = False) -> str:
        """What the ids add since the last call; nothing while a character is not whole, unless no more come."""
        before = self._decode(ids[self._start : self._read])
        after = self._decode(ids[self._start :])
        if len(after) <= len(before) or (after.endswith(BROKEN) and not last):
            return ""
        self._start, self._read = self._read, len(ids)
        return after[len(before) :]


class StopFinder:
    """Ends a text before the first of its `stops`, and holds back what may become one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.stopped = False

    def add(self, piece: str) -> str:
        """What may be told now that this piece came."""
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.stopped, self._held = True, ""
            return text[: min(places)]
        held = max(map(self._begun(text), self._stops), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back, once no more comes."""
        held, self._held = self._held, ""
        return held

    @staticmethod
    def _begun(text: str) -> Callable[[str], int]:
        """How much of a stop stands at the end of the text."""

        def length(stop: str) -> int:
            most = min(len(stop) - 1, len(text))
            return next((size for size in range(most, 0, -1) if text.endswith(stop[:size])), 0)

        return length
