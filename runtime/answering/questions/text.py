"""Questions as people have them: copied from a web page or a book, in a file of whatever kind.

A student reads best the characters that its training problems had. What means the same and looks otherwise is written
so: a mixed number, spaces between thousands, vulgar fractions, digits of another script, a long minus.
"""

import re
import unicodedata
from fractions import Fraction

from runtime.values.answers import format_value

# Nothing to see, and nothing that was meant: soft hyphen, zero-width spaces, word joiner, byte order mark.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
# Fraction slash, division slash, minus sign, small and full-width signs.
_SIGNS = {
    0x2044: "/",
    0x2215: "/",
    0x2212: "-",
    0xFE63: "-",
    0xFF0B: "+",
    0xFF0D: "-",
    0xFF04: "$",
    0xFF05: "%",
}
_VULGAR = re.compile("([0-9])?([\u00bc-\u00be\u2150-\u215e\u2189])")
# Two and a half, of denominators whose decimals end.
_MIXED = re.compile(r"(?<![\w.,/])([0-9]{1,6})[ -]([1-9])/([2458])(?![\w/]|[.,][0-9])")
# No-break, figure, thin and narrow spaces, which stand between thousands where a plain one would be broken at.
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[\u00A0\u2007\u2009\u202F]\d{3})+(?!\d)")
_SPACES = re.compile(r"[\u00A0\u2007\u2009\u202F]")


def plain_question(text: str) -> str:
    """The question with numbers and signs as training problems have them; other words and quotes stay as they are.

    `2½` and `2 1/2` become `2.5`, `½` `1/2`, `10 000` with a thin or no-break space `10,000`, `１２` `12`, a minus sign a
    hyphen.

    >>> plain_question("2½ cups for each of 12 guests?")
    '2.5 cups for each of 12 guests?'
    """
    if not text.isascii():
        text = "".join(map(_digit, text.translate(_INVISIBLE)))
        text = _VULGAR.sub(_fraction, text).translate(_SIGNS)
        text = _THOUSANDS.sub(lambda number: _SPACES.sub(",", number[0]), text)
    return _MIXED.sub(_decimal, text)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _fraction(match: re.Match[str]) -> str:
    whole = f"{match[1]} " if match[1] else ""
    return whole + unicodedata.normalize("NFKC", match[2])


def _decimal(match: re.Match[str]) -> str:
    """A mixed number's decimals; what is none, such as 2 5/4, stays."""
    whole, above, below = map(int, match.groups())
    return format_value(whole + Fraction(above, below)) if above < below else match[0]
