"""Plain: a reply's visible end as text that numbers and phrases are looked for in."""

import re

from benchmarks.scoring.external.extraction.characters import plain_characters
from benchmarks.scoring.external.extraction.latex import plain_latex
from benchmarks.scoring.external.extraction.thinking import without_thinking
from runtime.values.answers import MAX_DIGITS

# The answer stands at the end: of a longer reply this much is read.
READ_CHARACTERS = 16_000
NUMBER_CHARACTERS = "0123456789.,'_"
_CURRENCY_NAME = re.compile(r"\b(?:US|CA|AU|Rs\.?|USD|EUR|GBP|INR|RMB|CNY)\s?(?=\$?\s?\d)")
# A sum in brackets as accountants write a loss; the bracket is kept apart for where it is all that is stated.
_LOSS = re.compile(r"(?:\$\s?\(\s?|\(\s?\$\s?)(\d[\d.,]{0,400})\s?\)")
_MILLIONS = re.compile(r"(\$\s?\d[\d.,]{0,400}\s?)([MB])\b")
_SIGNED_SUM = re.compile(r"-\s?\$\s?|\$\s?-(?=[\d.])")
_STARS = re.compile(r"(?<=\d)(\*\*?)(?=\d)")
_EMPHASIS = re.compile(
    r"\*\*|__|`|(?<!\d )\*(?=\d)|(?<=\d)\*(?![\d ])|</?(?:b|i|strong|em|u|mark|code|p|sup|span)>"
)


def plain_reply(text: str) -> str:
    """The end of what a reader sees of a reply, in plain characters, bold and headings still marked."""
    text = plain_latex(plain_characters(end_of(without_thinking(text), READ_CHARACTERS)))
    text = _STARS.sub(lambda stars: "^" if len(stars[1]) == 2 else "×", text)
    return _without_currency(text)


def _without_currency(text: str) -> str:
    """Currency signs and the dollars around LaTeX say nothing about a value, but for `($5)` and `$5M`."""
    text = _CURRENCY_NAME.sub(" ", text)
    if "$" not in text:
        return text
    text = _LOSS.sub(r"(‹\1)", text)
    text = _MILLIONS.sub(lambda sum: sum[1] + ("million" if sum[2] == "M" else "billion"), text)
    return _SIGNED_SUM.sub("-", text).replace("$", " ")


def excerpt(text: str, start: int, size: int) -> str:
    """At most `size` characters from `start` on; a number that does not end there is left out."""
    part = text[start : start + size]
    return part if start + size >= len(text) else _less(part, part.rstrip(NUMBER_CHARACTERS))


def end_of(text: str, size: int) -> str:
    """At most `size` characters up to the end; a number that does not begin there is left out."""
    part = text[-size:]
    return part if size >= len(text) else _less(part, part.lstrip(NUMBER_CHARACTERS))


def _less(part: str, without: str) -> str:
    """The part without a number that was cut, unless that is too long for a number anyway, which then is to be seen."""
    return without if len(part) - len(without) <= MAX_DIGITS else part


def without_emphasis(text: str) -> str:
    """The text without the marks of bold, italic and code."""
    return _EMPHASIS.sub("", text)
