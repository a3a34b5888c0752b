"""What all engines do alike: one decode loop, one way to stop it, one way to keep a prefix.

An engine brings its tokenizer, and passes that may be stopped from any thread: over a prompt, and over one more token.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from runtime.engines.drafts import Followers, Guesser, Pace
from runtime.engines.engine import GREEDY, Decoding, Interrupted, Passes
from runtime.engines.grammar import Grammars
from runtime.engines.prefix_store import PrefixStore
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest


class Tokenizer(Protocol):
    """An artifact's tokenizer, see `Engine` for what its ids are."""

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        ...

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        ...


class SequenceEngine(ABC):
    """One loaded artifact that writes one sequence at a time."""

    state_width = 0

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        passes: Passes,
        is_end: Callable[[int], bool],
        context_tokens: int,
    ) -> None:
        self.name = manifest.name
        self.context_tokens = context_tokens
        self._tokenizer = tokenizer
        self._passes = passes
        self._is_end = is_end
        self._grammars = Grammars(tokenizer.pieces, tokenizer.encode, manifest.end_tokens)
        self._calls = 0
        self._ended = False
        # Guesses of next tokens: none, as long as nobody notes what passes over several take.
        self._pace = Pace()
        self._followers: Followers = {}

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `<|im_end|>` or `</s>` typed by a user stays text."""
        return self._tokenizer.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        return self._tokenizer.decode(ids)

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        return self._tokenizer.pieces()

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated ids, see `runtime.engines.engine.Engine`."""
        call = self._begin()
        self._ended = False
        limit = len(prompt) + decoding.max_tokens
        self._reserve(limit)
        choose = self._grammars.chooser(decoding)
        guesser = Guesser(self._followers, prompt)
        with contextlib.suppress(Interrupted):
            position, guessed = len(prompt), list[int]()
            rows: Sequence[Any] = [self._prefill(list(prompt), shared)]
            while position < limit:
                right = 0
                for logits, guess in zip(rows, [*guessed, None], strict=True):
                    token = choose(logits)
                    if self._is_end(token):
                        self._ended = True
                        return
                    yield token
                    position += 1
                    if call != self._calls or position == limit:
                        return
                    guesser.add(token)
                    if token != guess:
                        break
                    right += 1
                self._pace.judged(len(guessed), right)
                guessed = guesser.guess(min(self._pace.most(), limit - position - 1))
                rows = self._read_on([token, *guessed], position - 1)

    def interrupt(self) -> None:
        """End the pass that runs now, see `runtime.engines.engine.Engine`."""
        self._passes.stop()

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token."""
        return self._ended

    def _begin(self) -> int:
        """A new call, which ends an earlier generator; its number."""
        self._calls += 1
        self._passes.resume()
        return self._calls

    def _reserve(self, tokens: int) -> None:
        """Be ready for a sequence of so many tokens; raises InputError when they do not fit the context."""
        if tokens > self.context_tokens:
            raise InputError(
                f"prompt and answer need {tokens:,} tokens; expected: {self.context_tokens:,} together"
            )

    def _check_states(self, states: bool) -> None:
        if states and not self.state_width:
            raise InputError(f"{self.name} gives no hidden states; expected: a GGUF artifact")

    def _check_slots(self, slots: int, max_len: int) -> None:
        if slots < 1 or not 1 < max_len <= self.context_tokens:
            raise InputError(
                f"{slots} slots of {max_len:,} tokens; expected: 1 slot or more of up to {self.context_tokens:,} tokens"
            )

    def _read_on(self, tokens: Sequence[int], position: int) -> Sequence[Any]:
        """Read the token at a position and guesses after it; the logits after each, and nothing kept of older guesses."""
        return [self._step(tokens[0], position)]

    @abstractmethod
    def _prefill(self, prompt: list[int], shared: int) -> Any:
        """Read a prompt; the logits after it, (vocabulary,)."""

    @abstractmethod
    def _step(self, token: int, position: int) -> Any:
        """Read one generated token; the logits after it, (vocabulary,), which the next pass may overwrite."""


class PrefixEngine(SequenceEngine):
    """A decoder-only model: the keys and values of a prompt's first tokens serve the next call, and the next start."""

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        passes: Passes,
        is_end: Callable[[int], bool],
        context_tokens: int,
        store: PrefixStore,
    ) -> None:
        super().__init__(manifest, tokenizer, passes, is_end, context_tokens)
        self._store = store
        self._kept: list[int] = []

    def keep(self, prefix: Sequence[int]) -> None:
        """Have a prefix ready, see `runtime.engines.engine.Engine`."""
        if list(prefix) == self._kept:
            return
        self._begin()
        self._reserve(len(prefix) + 1)
        self._kept = []
        state = self._store.load(prefix)
        with contextlib.suppress(Interrupted):
            if not (state and self._restore(state, len(prefix))):
                self._read(prefix, 0)
                self._store.save(prefix, self._state(len(prefix)))
            self._kept = list(prefix)

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engines.engine.Engine`."""
        self._begin()
        self._reserve(len(ids))
        self._kept = []
        return self._read(ids, 0, last)

    def _prefill(self, prompt: list[int], shared: int) -> Any:
        head, kept, self._kept = prompt[:shared], self._kept, []
        if head and not (head == kept and self._rewind(shared)):
            self._read(head, 0)
        logits = self._read(prompt[shared:], shared)[0]
        self._kept = head
        return logits

    @abstractmethod
    def _read(self, tokens: Sequence[int], position: int, last: int = 1) -> Any:
        """Read tokens from `position` on, the last of the sequence; logits after the last ones, (last, vocabulary)."""

    @abstractmethod
    def _rewind(self, length: int) -> bool:
        """Go back to the first `length` tokens; False when they are lost."""

    @abstractmethod
    def _state(self, length: int) -> bytes:
        """Keys and values of the first `length` tokens."""

    @abstractmethod
    def _restore(self, state: bytes, length: int) -> bool:
        """Lay down what `_state` gave; False when it does not fit."""
