"""Python's `math` on exact numbers, and `Fraction`, `Decimal`."""

import math
from collections.abc import Callable
from fractions import Fraction

from runtime.solver.programs.library import numbers
from runtime.solver.programs.library.builtins import BUILTINS, Call, whole_number
from runtime.solver.programs.library.numbers import NUMBERS, from_float, square_root, wide_function
from runtime.solver.programs.literals import read_number
from runtime.solver.programs.machine import (
    Kind,
    Machine,
    Module,
    Native,
    Value,
    each,
    invoke,
    type_name,
)
from runtime.solver.programs.operators import BINARY

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")
E = Fraction("2.71828182845904523536028747135266249775724709369995957496697")


def module(name: str, **members: Value) -> Module:
    """A module's table; plain functions become callable values."""
    shown = {key.removesuffix("_"): member for key, member in members.items()}
    return Module(
        name, {key: Native(key, value) if callable(value) else value for key, value in shown.items()}
    )


def real_number(value: Value) -> numbers.Number:
    """The value, if it is a number; raises TypeError as `math` does."""
    if type(value) not in NUMBERS:
        raise TypeError(f"must be real number, not {type_name(value)}")
    number: numbers.Number = value
    return number


def _host(name: str) -> Call:
    """A function of the host's floating point; exact arguments that give a whole result stay whole."""
    function: Callable[..., float] = getattr(math, name)

    def run(machine: Machine, *values: Value) -> Fraction:
        machine.spend(30)
        return from_float(machine, function(*(float(real_number(value)) for value in values)))

    return run


def _integers(function: Callable[..., int]) -> Call:
    def run(machine: Machine, *values: Value) -> int:
        machine.spend(20 + sum(value.bit_length() >> 3 for value in map(whole_number, values)))
        return function(*values)

    return run


def _factorial(machine: Machine, value: Value) -> int:
    if type(value) is not int:
        raise TypeError(f"{type_name(value)!r} object cannot be interpreted as an integer")
    bits = value * max(value, 0).bit_length()
    machine.meter.check_bits(bits)
    machine.spend(bits >> 4)
    return math.factorial(value)


def _choices(function: Callable[[int, int], int]) -> Call:
    def run(machine: Machine, n: Value, k: Value = None) -> int:
        k = n if k is None else k
        if type(n) is not int or type(k) is not int:
            raise TypeError("needs whole numbers")
        bits = min(max(k, 0), max(n, 0)) * max(n, 0).bit_length()
        machine.meter.check_bits(bits)
        machine.spend(bits >> 1)
        return function(n, k)

    return run


def _lcm(machine: Machine, *values: Value) -> int:
    total = 1
    for value in values:
        machine.meter.check_bits(total.bit_length() + numbers.bits_of(real_number(value)))
        total = math.lcm(total, value)
    return total


def _pow(machine: Machine, base: Value, exponent: Value) -> Fraction:
    return Fraction(numbers.power(machine, real_number(base), Fraction(real_number(exponent))))


def _hypot(machine: Machine, *values: Value) -> Fraction:
    total: Value = 0
    for value in values:
        total = numbers.add(machine, total, numbers.power(machine, real_number(value), 2))
    return square_root(machine, total)


def _log(machine: Machine, value: Value, base: Value = None) -> Fraction:
    if real_number(value) <= 0:
        raise ValueError("math domain error")
    if base in (10, 2) and (whole := _whole_log(value, base)) is not None:
        return Fraction(whole)
    above = wide_function(machine, "ln", value) if value != 1 else Fraction(0)
    return (
        above
        if base is None
        else numbers.divide(machine, above, wide_function(machine, "ln", real_number(base)))
    )


def _whole_log(value: Value, base: int) -> int | None:
    if Fraction(value).denominator != 1:
        return None
    power = round(math.log(int(value), base))
    return power if base**power == value else None


def _exp(machine: Machine, value: Value) -> Fraction:
    if not -2_000 < real_number(value) < 2_000:
        raise OverflowError("math range error")
    return Fraction(1) if value == 0 else wide_function(machine, "exp", value)


def _isclose(
    machine: Machine, a: Value, b: Value, *, rel_tol: Value = Fraction(1, 10**9), abs_tol: Value = 0
) -> bool:
    first, second = Fraction(real_number(a)), Fraction(real_number(b))
    largest = max(abs(first), abs(second))
    return abs(first - second) <= max(real_number(rel_tol) * largest, real_number(abs_tol))


def _modf(machine: Machine, value: Value) -> tuple[Fraction, Fraction]:
    whole = math.trunc(real_number(value))
    return Fraction(value - whole), Fraction(whole)


def _fmod(machine: Machine, a: Value, b: Value) -> Fraction:
    rest = numbers.modulo(machine, abs(Fraction(real_number(a))), abs(Fraction(real_number(b))))
    return Fraction(rest if a >= 0 else -rest)


def _prod(machine: Machine, values: Value, *, start: Value = 1) -> Value:
    for value in each(machine, values):
        start = BINARY["Mult"](machine, start, value)
    return start


_HOSTED = ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "degrees", "radians")

MATH = module(
    "math",
    pi=PI,
    e=E,
    tau=2 * PI,
    inf=numbers.INFINITY,
    sqrt=lambda machine, value: square_root(machine, real_number(value)),
    cbrt=lambda machine, value: numbers.power(machine, real_number(value), Fraction(1, 3)),
    pow=_pow,
    hypot=_hypot,
    log=_log,
    log2=lambda machine, value: _log(machine, value, 2),
    log10=lambda machine, value: _log(machine, value, 10),
    exp=_exp,
    floor=lambda machine, value: math.floor(real_number(value)),
    ceil=lambda machine, value: math.ceil(real_number(value)),
    trunc=lambda machine, value: math.trunc(real_number(value)),
    fabs=lambda machine, value: abs(Fraction(real_number(value))),
    fmod=_fmod,
    modf=_modf,
    fsum=lambda machine, values: Fraction(invoke(machine, BUILTINS["sum"], [values], {})),
    prod=_prod,
    isclose=_isclose,
    factorial=_factorial,
    comb=_choices(math.comb),
    perm=_choices(math.perm),
    gcd=_integers(math.gcd),
    isqrt=_integers(math.isqrt),
    lcm=_lcm,
    isnan=lambda machine, value: False,
    isinf=lambda machine, value: abs(Fraction(real_number(value))) >= numbers.INFINITY,
    **{name: _host(name) for name in _HOSTED},
)


def make_fraction(machine: Machine, above: Value = 0, below: Value = 1) -> Fraction:
    """`Fraction(1, 3)`, `Fraction("1/3")`."""
    if type(above) is str:
        first, bar, second = above.partition("/")
        value = Fraction(read_number(machine, first))
        return numbers.divide(machine, value, read_number(machine, second)) if bar else value
    return numbers.divide(machine, real_number(above), real_number(below))


def make_decimal(machine: Machine, value: Value = 0) -> Fraction:
    """`Decimal("1.5")`."""
    return Fraction(read_number(machine, value)) if type(value) is str else Fraction(real_number(value))


FRACTION = Kind("Fraction", make_fraction, (Fraction,))
