"""Which other values a quantity may take, and whether what a step comes to then is as sensible as it was.

A number stays in its neighborhood and about as round as it was, on its side of one and of a hundred percent; days of a
week, hours of a day and minutes of an hour keep within them. A whole result stays whole, none becomes negative or one.
"""

from collections.abc import Sequence
from fractions import Fraction

from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.numbers.spelling import says_an
from benchmarks.rewriting.template import Quantity

Value = Fraction | int
MOST_CANDIDATES = 40
# How many times as large a larger number may become, and a result on the way.
FARTHER, FARTHEST = Fraction(8, 5), 4
# The most of a unit that an everyday number of it stays below, where it was below.
CEILINGS: tuple[tuple[frozenset[str], int], ...] = (
    (spread("day days"), 7),
    (spread("day days"), 30),
    (spread("hour hours"), 12),
    (spread("hour hours"), 24),
    (spread("minute minutes second seconds"), 60),
    (spread("month months"), 12),
    (spread("week weeks"), 52),
    (spread("percent percentage score grade"), 100),
    (spread("age old years year"), 100),
)


def candidates(quantity: Quantity) -> list[Value]:
    """Other values for a quantity, from the smallest to the largest."""
    value = plain(quantity.value)
    words = frozenset(word for span in quantity.spans for word in span.after[:2])
    low, high, step = map(plain, _range(quantity))
    count = min(200, int((high - low) / step) + 1)
    found = [low + step * place for place in range(count)]
    stride = -(-len(found) // MOST_CANDIDATES)
    most = plain(ceiling(quantity.value, words))
    articles = {span.before for span in quantity.spans} & {"a", "an"}
    is_percent = any(span.percent for span in quantity.spans)
    return [
        other
        for place, other in enumerate(found)
        if other not in (value, 1)
        and (place % stride == 0 or len(found) <= MOST_CANDIDATES)
        and other <= most
        and (other > 1) == (value > 1)
        and (not is_percent or (other < 100) == (value < 100))
        and (not articles or says_an(Fraction(other)) == says_an(quantity.value))
    ]


def _range(quantity: Quantity) -> tuple[Fraction, Fraction, Fraction]:
    """The smallest and the largest value, and the step between."""
    value = quantity.value
    decimals = max(span.decimals for span in quantity.spans)
    if value.denominator != 1 or (decimals and value < 20):
        step = _decimal_step(value)
        return max(step, _floor(value / 2, step) + value % step), value * 2, step
    if value <= 5:
        return Fraction(2), value + 4, Fraction(1)
    if value < 20:
        step = Fraction(5) if value == 15 and any(span.percent for span in quantity.spans) else Fraction(1)
        return _floor(value / 2, step) + step, value * 2 - 1, step
    step = _round_step(value)
    return max(step, _floor(value / 2, step)), value * FARTHER, step


def _round_step(value: Fraction) -> Fraction:
    """About as round: 1200 by hundreds, 150 by tens, 75 by fives, 48 by twos or ones."""
    whole = int(value)
    size = 1
    while whole % (size * 10) == 0:
        size *= 10
    if size == 1:
        return (
            Fraction(5) if whole % 5 == 0 else Fraction(2) if whole % 2 == 0 and whole > 40 else Fraction(1)
        )
    return Fraction(size, 2) if whole // size < 10 else Fraction(size)


def _decimal_step(value: Fraction) -> Fraction:
    """Halves, quarters, tenths, five cents or one cent; prices that end in .99 keep that."""
    if value > 1 and value % 1 >= Fraction(95, 100):
        return Fraction(1)
    steps = (Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 20), Fraction(1, 100))
    for step in steps[2:] if value < 1 else steps:
        if value % step == 0:
            return step
    return Fraction(1, value.denominator)


def _floor(value: Fraction, step: Fraction) -> Fraction:
    return value // step * step


def ceiling(value: Fraction, words: frozenset[str]) -> Fraction:
    """What a value said with these words stays below: 7 for 5 days, 30 for 12 days."""
    for units, most in CEILINGS:
        if value <= most and not units.isdisjoint(words):
            return Fraction(most)
    return value * 1000


def plain(value: Fraction) -> Value:
    """A whole number as int, which is several times as fast."""
    return value.numerator if value.denominator == 1 else value


def is_alike(new: Value, old: Value, most: Value) -> bool:
    """Whether a step's new result is as sensible as the old one; `most` is its ceiling."""
    if old.denominator == 1:
        if new.denominator != 1:
            return False
    elif new.denominator > old.denominator and 100 % new.denominator:
        return False
    if (new > 0) != (old > 0) or (new < 0) != (old < 0) or (new == 1) != (old == 1) or (new < 1) != (old < 1):
        return False
    if old <= 0:
        return True
    return new <= most and new <= old * FARTHEST + 5 and new * FARTHEST + 5 >= old


def in_order(
    value: Value, drawn: Sequence[Value | None], lower: Sequence[int], higher: Sequence[int]
) -> bool:
    """Whether a value lies between those of its group that are drawn already: `lower` and `higher` are their numbers."""
    for number in lower:
        other = drawn[number]
        if other is not None and other >= value:
            return False
    for number in higher:
        other = drawn[number]
        if other is not None and other <= value:
            return False
    return True
