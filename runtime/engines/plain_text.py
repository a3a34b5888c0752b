"""Cuts in a text that make onnxruntime-genai's tokenizer give the ids that training and llama.cpp give.

Two things differ otherwise. It reads the name of a special token in a question (`<|im_end|>`) as that token: a
user's text could end the prompt. And its digit splitting comes after the splitting at spaces and misses `¾` and
`Ⅷ`, while the `tokenizers` library first isolates every numeric character.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import InputError

_ISOLATES_DIGITS = re.compile(r'"individual_digits"\s*:\s*true')
_ADDED_TOKENS = re.compile(r'"added_tokens"\s*:\s*(?=\[)')


@dataclass(frozen=True, slots=True)
class PlainText:
    """How one tokenizer needs its text cut: the special tokens' names by id, and whether numbers stand alone."""

    specials: dict[int, str]
    isolates_numbers: bool

    def pieces(self, text: str) -> Iterator[str]:
        """The text in order, cut so that each piece can be encoded on its own."""
        for piece in self._without_specials(text):
            if self.isolates_numbers:
                yield from _around_numbers(piece)
            else:
                yield piece

    def _without_specials(self, text: str) -> Iterator[str]:
        """Cut inside every special token's name, where its punctuation meets its first letter."""
        while hits := [(at, name) for name in self.specials.values() if (at := text.find(name)) >= 0]:
            at, name = min(hits)
            cut = at + _first_boundary(name)
            yield text[:cut]
            text = text[cut:]
        if text:
            yield text


def read_plain_text(tokenizer_file: Path) -> PlainText:
    """Read what matters from a `tokenizer.json` without parsing its vocabulary; InputError when damaged."""
    try:
        text = tokenizer_file.read_text(encoding="utf-8")
        start = _ADDED_TOKENS.search(text)
        rows = json.JSONDecoder().raw_decode(text, start.end())[0] if start else []
        specials = {row["id"]: row["content"] for row in rows if row["content"]}
    except FileNotFoundError as error:
        raise InputError(f"no file {tokenizer_file}; export the artifact again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{tokenizer_file} is damaged ({type(error).__name__}: {error})") from error
    return PlainText(specials, _ISOLATES_DIGITS.search(text) is not None)


def _first_boundary(name: str) -> int:
    """Where the name's leading punctuation ends (at least 1): pre-tokenizers cut there anyway."""
    return next((index for index in range(1, len(name)) if name[index].isalnum()), 1)


def _around_numbers(text: str) -> Iterator[str]:
    """Every numeric character alone, and what stands between them."""
    start = 0
    for index, character in enumerate(text):
        if unicodedata.category(character).startswith("N"):
            if start < index:
                yield text[start:index]
            yield character
            start = index + 1
    if start < len(text):
        yield text[start:]
