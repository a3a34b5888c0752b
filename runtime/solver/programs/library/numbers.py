"""Arithmetic on exact numbers: int stays int, everything that Python has as float is a Fraction.

Sizes are checked before an operation. A Fraction whose denominator grows past 400 digits (a balance
compounded daily for years) and the results of irrational functions are rounded to 60 significant digits, and
the machine notes it.
"""

from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction

from runtime.solver.budget import MAX_BITS, OverBudget
from runtime.solver.expressions.exact import whole_root
from runtime.solver.programs.machine import Machine

Number = int | Fraction
NUMBERS = frozenset({int, bool, Fraction})
EXACT_BITS = 1_400
# What `float("inf")` is here: larger than anything that people count, and no answer.
INFINITY = Fraction(10**300)
_SMALL = 1 << 62
_SHORT = 1 << 16
_WIDE = Context(prec=60, Emax=9_999, Emin=-999, traps=[InvalidOperation, DivisionByZero, Overflow])
_ANSWER = Context(prec=15, Emax=9_999, Emin=-999, traps=[InvalidOperation, DivisionByZero, Overflow])


def fitted(machine: Machine, value: Number) -> Number:
    """A result of bounded size: too large is over budget, too fine is rounded."""
    if not isinstance(value, Fraction):
        if not -_SMALL < value < _SMALL and value.bit_length() > MAX_BITS:
            raise OverBudget("a number of more than 9,800 digits")
        return value
    if value.numerator.bit_length() > MAX_BITS:
        raise OverBudget("a number of more than 9,800 digits")
    return (
        value if value.denominator.bit_length() <= EXACT_BITS else rounded(machine, value, "long fractions")
    )


def rounded(machine: Machine, value: Fraction, reason: str) -> Fraction:
    """The value to 60 significant digits; the machine remembers why."""
    machine.rounded = machine.rounded or reason
    return Fraction(_wide(value))


def settled(machine: Machine, value: Fraction) -> Fraction:
    """The answer: exact, or to 15 significant digits when something on the way was rounded."""
    if not machine.rounded or value.denominator == 1:
        return value
    return Fraction(_ANSWER.divide(Decimal(value.numerator), Decimal(value.denominator)))


def bits_of(value: Number) -> int:
    """The bits that a number holds."""
    if isinstance(value, Fraction):
        return value.numerator.bit_length() + value.denominator.bit_length()
    return value.bit_length()


def weigh(machine: Machine, a: Number, b: Number) -> None:
    """Pay for an operation on large numbers, before it."""
    bits = bits_of(a) + bits_of(b)
    if type(a) is Fraction or type(b) is Fraction:
        machine.spend(20)
    if bits > 256:
        machine.spend((bits >> 5) + (bits * bits >> 18))


def add(machine: Machine, a: Number, b: Number) -> Number:
    """a + b."""
    weigh(machine, a, b)
    return fitted(machine, a + b)


def subtract(machine: Machine, a: Number, b: Number) -> Number:
    """a - b."""
    weigh(machine, a, b)
    return fitted(machine, a - b)


def multiply(machine: Machine, a: Number, b: Number) -> Number:
    """a * b."""
    weigh(machine, a, b)
    return fitted(machine, a * b)


def divide(machine: Machine, a: Number, b: Number) -> Fraction:
    """a / b, exact."""
    weigh(machine, a, b)
    if not b:
        raise ZeroDivisionError("division by zero")
    return _as_float(fitted(machine, Fraction(a) / b))


def floor_divide(machine: Machine, a: Number, b: Number) -> Number:
    """a // b, a whole float when one of them is a float."""
    weigh(machine, a, b)
    quotient = a // b
    return Fraction(quotient) if Fraction in (type(a), type(b)) else quotient


def modulo(machine: Machine, a: Number, b: Number) -> Number:
    """a % b with Python's sign."""
    weigh(machine, a, b)
    return fitted(machine, a % b)


def _as_float(value: Number) -> Fraction:
    return value if type(value) is Fraction else Fraction(value)


def power(machine: Machine, base: Number, exponent: Number) -> Number:
    """base ** exponent: exact for whole exponents and perfect roots, else to 60 digits."""
    if type(exponent) is Fraction:
        if exponent.denominator != 1:
            return _root_power(machine, _as_float(base), exponent)
        return _as_float(_whole_power(machine, base, exponent.numerator))
    return _whole_power(machine, base, int(exponent))


def _whole_power(machine: Machine, base: Number, exponent: int) -> Number:
    if exponent < 0:
        if base == 0:
            raise ZeroDivisionError("0.0 cannot be raised to a negative power")
        base, exponent = 1 / Fraction(base), -exponent
    if base in (0, 1, -1):
        return base ** (exponent % 2 + 2 if exponent > 2 else exponent)
    bits = bits_of(base) * exponent
    if type(base) is Fraction and base.denominator != 1 and bits > 2 * EXACT_BITS:
        return _decimal(machine, lambda: _WIDE.power(_wide(Fraction(base)), exponent))
    machine.meter.check_bits(_bits_of_power(base, exponent))
    machine.spend(bits * bits >> 18)
    return fitted(machine, base**exponent)


def _bits_of_power(base: Number, exponent: int) -> int:
    """The bits of a power; for small bases not far above them: `10 ** 9000` has 29,898."""
    if isinstance(base, Fraction) or not -_SHORT < base < _SHORT:
        return bits_of(base) * exponent
    return (base**32).bit_length() * exponent // 32 + 1


def _root_power(machine: Machine, base: Fraction, exponent: Fraction) -> Fraction:
    if base == 0 and exponent > 0:
        return base
    if base < 0:
        raise ValueError("a negative number to a broken power is no real number")
    root = exact_root(machine, base, exponent.denominator)
    if root is not None:
        return _as_float(_whole_power(machine, root, exponent.numerator))
    return _decimal(machine, lambda: _WIDE.power(_wide(base), _wide(exponent)))


def exact_root(machine: Machine, base: Fraction, degree: int) -> Fraction | None:
    """The exact root of a number that is not negative, or None when it is irrational (or too large to look for)."""
    if degree > 2 and (degree > 64 or bits_of(base) > 2_000):
        return None
    machine.spend(60 + (bits_of(base) >> 2))
    numerator = whole_root(base.numerator, degree)
    denominator = whole_root(base.denominator, degree)
    return None if numerator is None or denominator is None else Fraction(numerator, denominator)


def square_root(machine: Machine, value: Number) -> Fraction:
    """The square root, exact when it is rational."""
    if value < 0:
        raise ValueError("math domain error")
    return _root_power(machine, _as_float(value), Fraction(1, 2))


def wide_function(machine: Machine, name: str, value: Number) -> Fraction:
    """exp, ln or log10 to 60 digits, by the decimal module."""
    machine.spend(200)
    function: Callable[[Decimal], Decimal] = getattr(_WIDE, name)
    return _decimal(machine, lambda: function(_wide(Fraction(value))))


def _wide(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _decimal(machine: Machine, compute: Callable[[], Decimal]) -> Fraction:
    machine.spend(600)
    machine.rounded = machine.rounded or "irrational numbers"
    try:
        return Fraction(compute())
    except Overflow:
        raise OverflowError("a result of more than 9,999 digits") from None
    except InvalidOperation:
        raise ValueError("the result is no number") from None


def from_float(machine: Machine, value: float) -> Fraction:
    """A result of the host's floating point as the shortest decimal that means it."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("math range error")
    machine.rounded = machine.rounded or "irrational numbers"
    return Fraction(repr(value))


def round_half_even(machine: Machine, value: Number, digits: int | None = None) -> Number:
    """Python's round on exact values: halves go to the even neighbour."""
    if digits is None:
        return round(value)
    machine.spend(20)
    machine.meter.check_digits(abs(digits))
    result = round(Fraction(value), digits)
    return result if type(value) is Fraction else int(result)
