"""Exact arithmetic on known values: every size is checked, nothing is ever a float."""

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor, isqrt

from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.limits import MAX_VALUE_BITS
from runtime.solver.expressions.numerals import whole
from runtime.solver.expressions.tree import Call, Name, Node, Number, Power, Product, Rational, Sum

# Whole numbers below this need no closer look.
_SMALL = 1 << 256


class NotExact(Exception):
    """The value is no rational number that this tier can find: a root, or a power with a fractional exponent."""


def evaluate(node: Node, values: Mapping[str, Rational]) -> Rational:
    """The exact value of an expression.

    Raises KeyError for a name without a value, Failure (`no_solution`) for a division by zero, NotExact for
    irrational roots, OverBudget for values of more than about 1,200 digits.
    """
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return values[node.name]
    if isinstance(node, Product):
        result = evaluate(node.first, values)
        for sign, factor in node.rest:
            result = checked(_TIMES[sign](result, evaluate(factor, values)))
        return result
    if isinstance(node, Sum):
        result = 0
        for negative, term in node.terms:
            value = evaluate(term, values)
            result = result - value if negative else result + value
        return checked(result)
    if isinstance(node, Power):
        return power(evaluate(node.base, values), evaluate(node.exponent, values))
    return call(node, [evaluate(argument, values) for argument in node.arguments])


def absolute(value: Rational) -> Rational:
    """The value without its sign."""
    return -value if value < 0 else value


def checked(value: Rational) -> Rational:
    """The same value, an `int` where it is whole; raises OverBudget when it is too long."""
    if type(value) is int:
        if -_SMALL < value < _SMALL:
            return value
        bits = value.bit_length()
    else:
        if value.denominator == 1:
            return checked(value.numerator)
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > MAX_VALUE_BITS:
        raise OverBudget(f"a value of more than {MAX_VALUE_BITS * 3 // 10:,} digits")
    return value


def divide(left: Rational, right: Rational) -> Rational:
    """left / right, exactly."""
    if not right:
        raise Failure("no_solution", "there is a division by zero")
    if type(left) is int and type(right) is int:
        quotient, rest = divmod(left, right)
        return Fraction(left, right) if rest else quotient
    return left / Fraction(right)


def _divisor(value: Rational) -> Rational:
    if not value:
        raise Failure("no_solution", "there is a division by zero")
    return value


_TIMES: dict[str, Callable[[Rational, Rational], Rational]] = {
    "*": operator.mul,
    "/": divide,
    "//": lambda left, right: left // _divisor(right),
    "mod": lambda left, right: left % _divisor(right),
}


def power(base: Rational, exponent: Rational) -> Rational:
    """base ^ exponent, where it is rational; `0 ^ 0` is 1, as in Python."""
    if base == 0 and exponent < 0:
        raise Failure("no_solution", "there is a division by zero")
    if isinstance(exponent, Fraction):
        if base < 0:
            raise NotExact
        base, exponent = root(base, exponent.denominator), exponent.numerator
    if base not in (0, 1, -1):
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent) > MAX_VALUE_BITS + abs(exponent):
            raise OverBudget(f"a power of more than {MAX_VALUE_BITS * 3 // 10:,} digits")
    elif abs(exponent) > 1:
        exponent = 2 + exponent % 2
    return checked(whole(Fraction(base) ** exponent))


def root(value: Rational, degree: int) -> Rational:
    """The rational root of a value that is not negative; raises NotExact when there is none."""
    if degree > MAX_VALUE_BITS:
        raise OverBudget(f"a root of degree {degree if degree < 10**9 else 'over a thousand million'}")
    above, below = whole_root(value.numerator, degree), whole_root(value.denominator, degree)
    if above is None or below is None:
        raise NotExact
    return whole(Fraction(above, below))


def whole_root(value: int, degree: int) -> int | None:
    """The whole root of a whole number that is not negative, or None."""
    if degree == 2:
        found = isqrt(value)
    elif value < 2:
        return value
    else:
        low, high = 1, 1 << (value.bit_length() // degree + 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
        found = low
    return found if found**degree == value else None


def _round(arguments: list[Rational]) -> Rational:
    """Rounded as at school, halves away from zero: `round(2.5)` is 3, `round(1.005, 2)` is 1.01."""
    value = arguments[0]
    places = arguments[1] if len(arguments) == 2 else 0
    if not isinstance(places, int) or not -30 <= places <= 30:
        raise Failure("refused", "round keeps a whole number of decimals, from -30 to 30")
    scale = Fraction(10) ** places
    rounded = floor(absolute(value) * scale + Fraction(1, 2)) / scale
    return whole(-rounded if value < 0 else rounded)


def _sqrt(arguments: list[Rational]) -> Rational:
    if arguments[0] < 0:
        raise Failure("not_numeric", "there is a square root of a negative number")
    return root(arguments[0], 2)


_FUNCTIONS: dict[str, Callable[[list[Rational]], Rational]] = {
    "min": min,
    "max": max,
    "round": lambda arguments: checked(_round(arguments)),
    "floor": lambda arguments: floor(arguments[0]),
    "ceil": lambda arguments: ceil(arguments[0]),
    "abs": lambda arguments: absolute(arguments[0]),
    "sqrt": _sqrt,
    "mod": lambda arguments: checked(arguments[0] % _divisor(arguments[1])),
}


def call(node: Call, arguments: list[Rational]) -> Rational:
    """The value of one of `FUNCTIONS`."""
    return _FUNCTIONS[node.function](arguments)
