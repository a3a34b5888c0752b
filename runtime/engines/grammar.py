"""Grammars: choosing only tokens that a thought's grammar admits, one way for every engine, with llguidance.

A matcher (an Earley parser over the bytes of tokens) walks along with each stream. The engine's own choice is tried
first: a token that the grammar admits is the token that the masked logits would give too, and then no mask over
the vocabulary is computed. A draw that is refused is drawn again from what is admitted, which leaves the
probabilities of the admitted tokens as they should be (rejection, then renormalisation).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from runtime.engines.engine import Decoding
from runtime.engines.grammars import grammar_text
from runtime.engines.sampling import Choose, chooser
from runtime.values.errors import InputError, MissingExtra, WorkFailed
from runtime.values.prompt import THOUGHTS, Thought

Encode = Callable[[str], list[int]]


def llguidance() -> Any:
    """The library; raises MissingExtra when it is not installed."""
    try:
        import llguidance as library
    except ImportError as error:
        raise MissingExtra("grammars need llguidance: pip install 'edgethought[grammar]'") from error
    return library


class Grammars:
    """The thoughts' grammars over one engine's vocabulary; nothing is loaded or compiled before the first is used.

    `pieces` gives each token's bytes (none for special tokens, which no grammar admits), `ends` are the tokens that may
    end a text.
    """

    def __init__(self, pieces: Callable[[], Sequence[bytes]], encode: Encode, ends: Sequence[int]) -> None:
        self._pieces, self._encode, self._ends = pieces, encode, tuple(ends)
        self._vocabulary: Any = None
        self._matchers: dict[str, Any] = {}

    def chooser(self, decoding: Decoding) -> Choose:
        """How one stream chooses: as `runtime.engines.sampling.chooser` has it, under the grammar if there is one.

        Raises InputError for a grammar that is none, MissingExtra when llguidance is not installed.
        """
        grammar = decoding.grammar
        if grammar is None and not decoding.schema:
            return chooser(decoding)
        if grammar not in (*THOUGHTS, None):
            raise InputError(f"grammar {grammar!r}; expected: {', '.join(THOUGHTS)}")
        matcher = self.matcher(grammar) if grammar else self.json_matcher(decoding.schema)
        return admitted(chooser(replace(decoding, grammar=None, schema="")), matcher)

    def matcher(self, thought: Thought) -> "Matcher":
        """A matcher at the beginning of a text."""
        library = llguidance().LLMatcher
        return self._matcher(thought, lambda: library.grammar_from_lark(grammar_text(thought)))

    def json_matcher(self, schema: str) -> "Matcher":
        """A matcher at the beginning of a JSON value, written in one line."""
        compact = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
        library = llguidance().LLMatcher
        return self._matcher(schema, lambda: library.grammar_from_json_schema(schema, defaults=compact))

    def _matcher(self, name: str, grammar: Callable[[], Any]) -> "Matcher":
        if name not in self._matchers:
            self._matchers[name] = _compiled(name, grammar(), self._tokens())
        return Matcher(self._matchers[name].deep_copy())

    def _tokens(self) -> Any:
        if self._vocabulary is None:
            if not self._ends:
                raise InputError(
                    "a grammar with an artifact that names no end token; expected: one that does"
                )
            tokens = _Vocabulary(self._pieces(), self._encode, self._ends)
            self._vocabulary = llguidance().LLTokenizer(tokens, eos_token=list(self._ends), slices=[])
        return self._vocabulary


class Matcher:
    """Where one text stands in its grammar."""

    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher

    def take(self, token: int) -> bool:
        """Go on by a token if the grammar admits it here; whether it does."""
        return bool(self._matcher.try_consume_tokens([token]) == 1)

    def admits(self, width: int) -> Any:
        """Which tokens may come next: bool array (width,). Raises WorkFailed when llguidance gives up."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        if self._matcher.is_error():
            raise WorkFailed(f"the grammar could not be followed: {self._matcher.get_error()[:200]}")
        mask = np.unpackbits(bits, count=width, bitorder="little").view(np.bool_)
        if not mask.any():
            raise WorkFailed("the grammar admits none of the artifact's tokens here")
        return mask

    def accepts(self) -> bool:
        """Whether the text may end here."""
        return bool(self._matcher.is_accepting())

    def ended(self) -> bool:
        """Whether the text is complete and cannot go on: it admits the end token, which it then does not take."""
        return bool(self._matcher.is_stopped() and self._matcher.is_accepting())


def admitted(choose: Choose, matcher: Matcher) -> Choose:
    """The same choice among the tokens that the matcher admits; the matcher goes along, the logits stay as they are."""

    def pick(logits: Any) -> int:
        token = choose(logits)
        if not matcher.take(token):
            masked = np.where(matcher.admits(len(logits)), logits, np.float32(-np.inf))
            token = choose(masked)
            if not matcher.take(token) and not matcher.ended():
                raise WorkFailed(f"the grammar admits token {token} and refuses it")
        return token

    return pick


def pieces_of(tokenizer_file: Path, specials: Collection[int]) -> list[bytes]:
    """The bytes of every token of a `tokenizer.json`, none for the special ones."""
    tokens = llguidance().LLTokenizer(str(tokenizer_file), slices=[])
    return [b"" if token in specials else tokens.decode_bytes([token]) for token in range(tokens.vocab_size)]


class _Vocabulary:
    """What llguidance wants to know of a tokenizer that it does not read itself."""

    is_tokenizer_wrapper = True
    bos_token_id = None

    def __init__(self, pieces: Sequence[bytes], encode: Encode, ends: Sequence[int]) -> None:
        self.tokens = list(pieces)
        self.eos_token_id = ends[0]
        self.special_token_ids = [token for token, piece in enumerate(pieces) if not piece]
        self._encode = encode

    def __call__(self, text: str | bytes) -> list[int]:
        return self._encode(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


def _compiled(name: str, grammar: Any, tokens: Any) -> Any:
    compiled = llguidance().LLMatcher(tokens, grammar, log_level=0)
    if compiled.is_error():
        raise WorkFailed(f"the grammar of {name[:40]} could not be compiled: {compiled.get_error()[:300]}")
    return compiled
