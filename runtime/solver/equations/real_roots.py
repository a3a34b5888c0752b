"""Real roots of a polynomial in one unknown: the rational ones exactly, the others counted.

Sturm's theorem counts the real roots in an interval, so nothing is factored and nothing is a float. With `a` the
leading one of whole coefficients, every rational root is a whole number over `a`: halving the range until it holds one
whole number and one root finds it or rules it out.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import NamedTuple

from runtime.solver.budget import Budget
from runtime.solver.expressions.exact import NotExact, checked, root
from runtime.solver.expressions.numerals import whole
from runtime.solver.expressions.tree import Rational

# What one product of two short numbers may cost, in units of the meter (a tenth of a microsecond).
_COST = 3
# Bits up to which a product counts as one of short numbers.
_SHORT = 512


class Roots(NamedTuple):
    """The rational roots in rising order, and how many irrational real ones there are beside them."""

    rational: list[Rational]
    irrational: int


def real_roots(coefficients: list[Rational], meter: Budget) -> Roots:
    """The distinct real roots of a polynomial of degree 1 or more, `coefficients` from the constant upwards."""
    if len(coefficients) == 3:
        return _quadratic(*coefficients)
    scale = lcm(*(Fraction(value).denominator for value in coefficients))
    chain = _sturm_chain([int(value * scale) for value in coefficients], meter)
    leading = abs(chain[0][-1])
    end = max(map(abs, chain[0])) + leading
    places = _places(chain, -end, end, leading, meter)
    rational = [Fraction(place, leading) for place in places if not _sign(chain[0], place, leading, meter)]
    real = _changes(chain, -end, leading, meter) - _changes(chain, end, leading, meter)
    return Roots(sorted(map(whole, rational)), real - len(rational))


def _quadratic(c: Rational, b: Rational, a: Rational) -> Roots:
    discriminant = checked(b * b - 4 * a * c)
    if discriminant < 0:
        return Roots([], 0)
    try:
        step = root(discriminant, 2)
    except NotExact:
        return Roots([], 2)
    return Roots(sorted({whole(Fraction(sign * step - b) / (2 * a)) for sign in (-1, 1)}), 0)


def _sturm_chain(polynomial: list[int], meter: Budget) -> list[list[int]]:
    """The polynomial without its repeated roots, its derivative, and the negated remainders that follow."""
    chain = _remainders(polynomial, meter)
    common = chain[-1]
    if len(common) == 1:
        return chain
    return _remainders(_quotient(polynomial, common, meter), meter)


def _remainders(polynomial: list[int], meter: Budget) -> list[list[int]]:
    chain = [_primitive(polynomial), _primitive([n * value for n, value in enumerate(polynomial)][1:])]
    while len(chain[-1]) > 1 and (rest := _remainder(chain[-2], chain[-1], meter)):
        chain.append(_primitive([-value for value in rest]))
    return chain


def _primitive(polynomial: list[int]) -> list[int]:
    """The coefficients without their common factor; signs stay."""
    common = gcd(*polynomial)
    return [value // common for value in polynomial]


def _remainder(polynomial: list[int], divisor: list[int], meter: Budget) -> list[int]:
    """A positive multiple of the remainder, in whole coefficients; empty when the division is even."""
    rest, leading, sign = list(polynomial), abs(divisor[-1]), 1 if divisor[-1] > 0 else -1
    while len(rest) >= len(divisor):
        _pay(meter, len(rest), rest[-1], leading)
        factor, shift = rest[-1] * sign, len(rest) - len(divisor)
        rest = [value * leading for value in rest]
        for place, value in enumerate(divisor):
            rest[shift + place] -= factor * value
        while rest and not rest[-1]:
            rest.pop()
    return rest


def _quotient(polynomial: list[int], divisor: list[int], meter: Budget) -> list[int]:
    """A multiple of the quotient of an even division, in whole coefficients."""
    rest = [Fraction(value) for value in polynomial]
    quotient: list[Fraction] = []
    while len(rest) >= len(divisor):
        _pay(meter, len(rest), rest[-1].numerator, rest[-1].denominator)
        factor, shift = rest[-1] / divisor[-1], len(rest) - len(divisor)
        quotient.append(factor)
        for place, value in enumerate(divisor):
            rest[shift + place] -= factor * value
        rest.pop()
    scale = lcm(*(value.denominator for value in quotient))
    return [int(value * scale) for value in reversed(quotient)]


def _places(chain: list[list[int]], low: int, high: int, below: int, meter: Budget) -> Iterator[int]:
    """The whole numbers `n` in (low, high] with a root in ((n - 1) / below, n / below]."""
    open_ranges = [(low, _changes(chain, low, below, meter), high, _changes(chain, high, below, meter))]
    while open_ranges:
        low, at_low, high, at_high = open_ranges.pop()
        if at_low == at_high:
            continue
        if high - low == 1:
            yield high
            continue
        middle = (low + high) // 2
        at_middle = _changes(chain, middle, below, meter)
        open_ranges += [(low, at_low, middle, at_middle), (middle, at_middle, high, at_high)]


def _changes(chain: list[list[int]], above: int, below: int, meter: Budget) -> int:
    """How often the sign changes along the chain at above / below."""
    signs = [sign for polynomial in chain if (sign := _sign(polynomial, above, below, meter))]
    return sum(one != other for one, other in pairwise(signs))


def _sign(polynomial: list[int], above: int, below: int, meter: Budget) -> int:
    """The sign of a polynomial at above / below: -1, 0 or 1."""
    total, scale = 0, 1
    for value in reversed(polynomial):
        _pay(meter, 1, total, above)
        total = total * above + value * scale
        scale *= below
    return (total > 0) - (total < 0)


def _pay(meter: Budget, products: int, one: int, other: int) -> None:
    """Pay for products of two numbers before they are computed."""
    size = 1 + (one.bit_length() + other.bit_length()) // _SHORT
    meter.check_bits(one.bit_length() + other.bit_length())
    meter.spend(_COST * products * size * size)
