"""Numbers written as a text had another one: `1,200`, `$1.50`, `Three`, `25%`."""

from fractions import Fraction

from benchmarks.annotations.text.numbers import TENS, UNITS
from benchmarks.rewriting.numbers.spans import Span
from runtime.values.answers import format_value

# Digits after the point that are kept where the new number does not need them: those of a price.
CENTS = 2
_SMALL, _TENS = tuple(UNITS), tuple(TENS)


def spelled(value: Fraction, like: Span, text: str) -> str:
    """A value in the place of a span of a text."""
    if like.form == "word" and (word := number_word(value)) is not None:
        return word.capitalize() if text[like.start].isupper() else word
    return printed(value, CENTS if like.money and like.decimals == CENTS else 0, comma=like.comma)


def number_word(value: Fraction) -> str | None:
    """`seven`, `forty-five`; None for what is not whole or not below a hundred."""
    if value.denominator != 1 or not 0 <= value < 100:
        return None
    if value < 20:
        return _SMALL[int(value)]
    tens, ones = divmod(int(value), 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")


def printed(value: Fraction, decimals: int = 0, *, comma: bool = False) -> str:
    """Digits with at least so many decimals; a comma after the thousands where the model has one."""
    text = format_value(value)
    if "/" in text:
        return text
    whole, _, rest = text.partition(".")
    rest = rest.ljust(decimals, "0")
    if comma:
        whole = f"{int(whole):,}"
    return f"{whole}.{rest}" if rest else whole


def says_an(value: Fraction) -> bool:
    """Whether `an` stands before it: 8, 11, 18, 80 to 89, 800."""
    text = format_value(value)
    whole = text.partition(".")[0]
    return (
        whole.startswith("8")
        or (whole in ("11", "18"))
        or (len(whole) in (5, 8) and whole[:2] in ("11", "18"))
    )
