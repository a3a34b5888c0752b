"""The real roots of a polynomial in one unknown: exact where rational, else to 60 digits."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import isqrt, lcm

from runtime.solver.expressions.numerals import whole
from runtime.solver.programs.library.numbers import Number, bits_of, rounded, square_root
from runtime.solver.programs.machine import Machine

_WIDE = Context(prec=60)
# Largest end coefficient whose divisors are tried as rational roots.
_TRIED = 10**10
_HALVINGS = 220


def real_roots(machine: Machine, coefficients: Sequence[Number]) -> list[Number]:
    """The distinct real roots, smallest first; `coefficients` from the constant upwards, the last not zero."""
    found: set[Fraction] = set()
    rest = [Fraction(value) for value in coefficients]
    while len(rest) > 1 and rest[0] == 0:
        found.add(Fraction(0))
        rest = rest[1:]
    while len(rest) > 3 and (root := _rational_root(machine, rest)) is not None:
        found.add(root)
        rest = _deflated(rest, root)
    if len(rest) == 2:
        found.add(-rest[0] / rest[1])
    elif len(rest) == 3:
        found |= _quadratic(machine, *rest)
    elif len(rest) > 3:
        found |= {rounded(machine, root, "irrational roots") for root in _by_bisection(machine, rest)}
    return [whole(root) for root in sorted(found)]


def _quadratic(machine: Machine, c: Fraction, b: Fraction, a: Fraction) -> set[Fraction]:
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return set()
    root = square_root(machine, discriminant)
    return {(-b - root) / (2 * a), (-b + root) / (2 * a)}


def _rational_root(machine: Machine, coefficients: list[Fraction]) -> Fraction | None:
    scale = lcm(*(value.denominator for value in coefficients))
    first, last = (abs(int(coefficients[end] * scale)) for end in (0, -1))
    if max(first, last) > _TRIED:
        return None
    machine.spend(isqrt(first) + isqrt(last))
    for below in _divisors(last):
        for above in _divisors(first):
            machine.spend(30 * len(coefficients))
            for root in (Fraction(above, below), Fraction(-above, below)):
                if _value(coefficients, root) == 0:
                    return root
    return None


def _divisors(value: int) -> list[int]:
    small = [divisor for divisor in range(1, isqrt(value) + 1) if value % divisor == 0]
    return sorted({*small, *(value // divisor for divisor in small)})


def _value(coefficients: Sequence[Fraction], at: Fraction) -> Fraction:
    total = Fraction(0)
    for value in reversed(coefficients):
        total = total * at + value
    return total


def _deflated(coefficients: list[Fraction], root: Fraction) -> list[Fraction]:
    """The polynomial divided by (x - root)."""
    quotient: list[Fraction] = []
    carry = Fraction(0)
    for value in reversed(coefficients[1:]):
        carry = value + carry * root
        quotient.append(carry)
    return quotient[::-1]


def _by_bisection(machine: Machine, coefficients: list[Fraction]) -> list[Fraction]:
    """Roots between the turning points: a polynomial is monotone between the roots of its derivative."""
    slope = [value * power for power, value in enumerate(coefficients)][1:]
    turning = sorted(Fraction(root) for root in real_roots(machine, slope))
    bound = 1 + max(abs(value / coefficients[-1]) for value in coefficients[:-1])
    edges = [-bound, *turning, bound]
    values = [_decimal(value) for value in coefficients]
    roots = []
    for low, high in pairwise(edges):
        machine.spend(_HALVINGS * (10 + 2 * len(values)) + bits_of(low))
        root = _bisected(values, _decimal(low), _decimal(high))
        if root is not None:
            roots.append(root)
    return roots


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _sign(values: list[Decimal], at: Decimal) -> bool:
    total = Decimal(0)
    for value in reversed(values):
        total = _WIDE.fma(total, at, value)
    return total > 0


def _bisected(values: list[Decimal], low: Decimal, high: Decimal) -> Fraction | None:
    above = _sign(values, high)
    if _sign(values, low) == above:
        return None
    for _ in range(_HALVINGS):
        middle = _WIDE.multiply(_WIDE.add(low, high), Decimal("0.5"))
        if _sign(values, middle) == above:
            high = middle
        else:
            low = middle
    return Fraction(high)
