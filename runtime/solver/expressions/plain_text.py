"""Plain text: the unicode that models write, brought to the ASCII that the tokenizer reads, in one pass."""

import unicodedata
from fractions import Fraction

_SAME_AS = {
    "×": "*", "✕": "*", "✖": "*", "⨯": "*", "·": "*", "⋅": "*", "∙": "*", "•": "*", "∗": "*",
    "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-",
    "٪": "%", "٫": ".", "٬": ",", "≈": "=", "≡": "=", "≅": "=", "’": "'", "‘": "'", "“": '"', "”": '"',
    "°": " ", "≤": "<", "≥": ">", "≠": "!", "→": ">", "⇒": ">",
}  # fmt: skip
# Characters that stand for a whole number and a fraction; the tokenizer reads them itself.
VULGAR_FRACTIONS: dict[str, Fraction] = {
    "½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5), "⅖": Fraction(2, 5), "⅗": Fraction(3, 5), "⅘": Fraction(4, 5), "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8), "⅞": Fraction(7, 8),
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))


def plain(line: str) -> str:
    """One line with unicode operators, digits, spaces, currency and superscripts (`x²` is `x^2`) made ASCII.

    Letters of any script, vulgar fractions and `√` stay; currency signs become `$`; invisible characters go.
    """
    if line.isascii():
        return line
    out: list[str] = []
    raised = False
    for character in line:
        if character in _SUPERSCRIPTS:
            out.append(_SUPERSCRIPTS[character] if raised else "^" + _SUPERSCRIPTS[character])
            raised = True
            continue
        raised = False
        out.append(character if character < "\x80" else _plain_character(character))
    return "".join(out)


def _plain_character(character: str) -> str:
    same = _SAME_AS.get(character) or _SUBSCRIPTS.get(character)
    if same is not None:
        return same
    if character in VULGAR_FRACTIONS or character == "√":
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Sc":
        return "$"
    if category in ("Cf", "Mn"):
        return ""
    wide = unicodedata.normalize("NFKC", character)
    return wide if len(wide) == 1 else character
