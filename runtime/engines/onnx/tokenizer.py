"""The tokenizer of an ONNX artifact: the library that training uses, reading the very file that was trained with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from runtime.engines.grammar import pieces_of
from runtime.values.errors import InputError
from runtime.values.manifest import AS_EXPORTED

TOKENIZER_FILE = "tokenizer.json"


class OnnxTokenizer:
    """`tokenizer.json` of one artifact folder; raises InputError when there is none or it is damaged."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / TOKENIZER_FILE
        self._tokenizer = _load(self._file)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and a special token's name typed by a user stays text."""
        if "\0" in text:
            raise InputError("the text holds the character U+0000; expected: plain text")
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        added = self._tokenizer.get_added_tokens_decoder()
        return pieces_of(self._file, [token for token, row in added.items() if row.special])


def _load(file: Path) -> Any:
    if not file.is_file():
        raise InputError(f"no file {file}; expected: it, export the artifact again")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # The library raises nothing narrower.
        raise InputError(f"{file} is damaged ({error}); expected: {AS_EXPORTED}") from error
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
