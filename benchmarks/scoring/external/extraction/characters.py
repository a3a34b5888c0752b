"""Characters: digits, signs and fractions of any script, written in the few that numbers are read from.

No new text is made of letters: `x²` is `x^{2}`, `2½` is `2 1/2`, `−5` is `-5`, `４２` and `४२` are `42`.
"""

import re
import unicodedata

# What looks alike and means the same; `×` stands for every sign of a product, `≈` for every sign of about.
_SAME = {
    "−": "-", "﹣": "-", "－": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "➖": "-", "＋": "+", "﹢": "+",
    "✕": "×", "✖": "×", "⨯": "×", "·": "×", "⋅": "×", "∙": "×", "∗": "×", "＊": "*", "÷": "÷",
    "∕": "/", "⁄": "/", "⟋": "/", "／": "/", "⧸": "/", "％": "%", "٪": "%", "﹪": "%", "‰": "‰",
    "：": ":", "∶": ":", "﹕": ":", "＝": "=", "≃": "≈", "≅": "≈", "≒": "≈", "∼": "≈", "⇒": "→", "➡": "→",
    "⟹": "→", "⟶": "→",
    "٫": ".", "．": ".", "٬": ",", "’": "'", "‘": "'", "＇": "'", "′": "'", "“": '"', "”": '"', "″": '"',
    "，": ", ", "、": ", ", "；": "; ", "。": ". ", "（": "(", "）": ")", "［": "[", "］": "]", "＃": "#",
    "｛": "{", "｝": "}", "＼": "\\", "＿": "_", "＾": "^", "～": " ", "！": "!", "？": "?",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SMALL_FRACTION = re.compile(r"([⁰¹²³⁴-⁹]{1,9})/([₀-₉]{1,9})")
_RAISED_RUN = re.compile("[⁰¹²³⁴-⁹⁺⁻]{1,400}")
_LOWERED_RUN = re.compile("[₀-₉]{1,400}")
# A whole number, a fraction in one character, or the numerator of `⅟5`.
_VULGAR = re.compile(r"(\d?)([ ]?)([¼-¾⅐-⅞↉])")
_FRACTIONS = {
    chr(code): unicodedata.normalize("NFKC", chr(code)).replace("⁄", "/")
    for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F), 0x2189)
}


def plain_characters(text: str) -> str:
    """The text in plain characters; invisible ones go, letters of any script and what has no plain form stay."""
    if text.isascii():
        return text
    text = text.translate(_TABLE)
    text = _SMALL_FRACTION.sub(_small_fraction, text)
    text = _RAISED_RUN.sub(lambda run: f"^{{{run[0].translate(_RAISED)}}}", text)
    text = _LOWERED_RUN.sub(lambda run: f"_{{{run[0].translate(_LOWERED)}}}", text)
    return _VULGAR.sub(_vulgar, text).replace("⅟", "1/")


def _small_fraction(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    return f"{' ' if before.isdecimal() else ''}{match[1].translate(_RAISED)}/{match[2].translate(_LOWERED)}"


def _vulgar(match: re.Match[str]) -> str:
    digit, space, fraction = match.groups()
    if match.string[match.start() - 1 : match.start()] == "^" and not digit:
        return f"({_FRACTIONS[fraction]})"
    return f"{digit}{' ' if digit else space}{_FRACTIONS[fraction]}"


class _Table(dict[int, str]):
    """A table for `str.translate` that is filled by the characters that occur."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        if len(self) < 10_000:
            self[code] = plain
        return plain


_TABLE = _Table()


def _plain(character: str) -> str:
    if character < "\x80":
        return character
    same = _SAME.get(character)
    if same is not None:
        return same
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in ("\u2028", "\u2029", "\x85"):
        return "\n"
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Sc":
        return "$"
    if category in ("Cf", "Mn", "Me"):
        return ""
    wide = unicodedata.normalize("NFKC", character)
    # Full-width letters, mathematical letters; not `½`, `²` or `①`, whose digits mean something of their own.
    return wide if len(wide) == 1 and wide.isalpha() else character
