"""A sequence in a llama.cpp context: tokens in the cache, and the streams that have all written them."""

from dataclasses import dataclass, field, replace
from typing import Any

from runtime.engines.drafts import Followers, Guesser
from runtime.engines.engine import States, Token
from runtime.engines.slots import Stream, Tokens


@dataclass(slots=True, eq=False)
class Sequence:
    """`length` tokens in the cache, `due` to be decoded next, and the streams that all of them belong to.

    The first `len(prefix)` tokens may be shared with another question; `source` is a sequence that is reading them
    for this one too. `text` is the prompt and all that was written, the token that is due included. Where states are
    wanted, `total` is their sum over the tokens after the first `prompt_len`, and `ends` are the streams' last tokens,
    held back while the end token is read.
    """

    place: int
    prefix: Tokens = ()
    length: int = 0
    due: list[int] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    source: "Sequence | None" = None
    prompt_len: int = 0
    text: list[int] = field(default_factory=list)
    guesser: Guesser | None = None
    total: Any = 0.0
    ends: list[Token] = field(default_factory=list)

    def has(self, prefix: Tokens) -> bool:
        """Whether exactly this prefix lies at the front."""
        return self.prefix == prefix and self.length >= len(prefix)

    def guess(self, table: Followers, most: int) -> list[int]:
        """How the text probably goes on after the token that is due."""
        if self.guesser is None:
            self.guesser = Guesser(table, self.text[: self.prompt_len])
            for token in self.text[self.prompt_len :]:
                self.guesser.add(token)
        return self.guesser.guess(most)

    def wrote(self, text: list[int], token: int) -> None:
        """Note that after `text`, which is this sequence's or that of the one it branches from, a token was chosen."""
        if self.guesser and text is self.text:
            self.guesser.add(token)
        else:
            self.guesser = None
        self.text = [*text, token]

    def add(self, state: Any) -> None:
        """Note the state at the token that was read last, if a stream wrote it; branches share the sum as it was."""
        if self.length > self.prompt_len:
            self.total = self.total + state

    def ended(self, state: Any) -> list[Token]:
        """The last tokens of the streams, whose end token was read with this state."""
        written = self.length - self.prompt_len - 1
        end = state.copy()
        states = States(end, self.total / written if written else end)
        slots = {stream.slot for stream in self.streams}
        self.streams = []
        return [replace(token, states=states) for token in self.ends if token.slot in slots]
