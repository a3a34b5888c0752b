"""A GGUF model's own vocabulary: text to ids and back, through llama.cpp."""

import ctypes
from collections.abc import Collection, Sequence
from typing import Any

from runtime.engines.llama.library import library


class LlamaVocabulary:
    """The tokenizer of a loaded model. `width` is the number of tokens."""

    def __init__(self, model: Any, ends: Collection[int]) -> None:
        self._vocab = library.llama_model_get_vocab(model)
        self.width = int(library.llama_vocab_n_tokens(self._vocab))
        self._ends = frozenset(ends)
        self._known: dict[int, bytes] = {}

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `<|im_end|>` typed by a user stays text."""
        data = text.encode("utf-8")
        ids = (library.llama_token * (len(data) + 1))()
        count = library.llama_tokenize(self._vocab, data, len(data), ids, len(ids), False, False)
        return list(ids[:count])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        return b"".join(map(self._piece, ids)).decode("utf-8", "replace")

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        return [self._read_piece(token) for token in range(self.width)]

    def is_end(self, token: int) -> bool:
        """Whether the manifest or the model's own file ends a text with this token."""
        return token in self._ends or library.llama_vocab_is_eog(self._vocab, token)

    def _piece(self, token: int) -> bytes:
        """The bytes of one token, looked up in the library once."""
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = self._read_piece(token)
        return known

    def _read_piece(self, token: int, length: int = 64) -> bytes:
        buffer = ctypes.create_string_buffer(length)
        size = library.llama_token_to_piece(self._vocab, token, buffer, length, 0, False)
        return self._read_piece(token, -size) if size < 0 else buffer.raw[:size]
