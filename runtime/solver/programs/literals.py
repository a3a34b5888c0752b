"""Numbers as programs write them, read exactly."""

from fractions import Fraction

from runtime.solver.budget import OverBudget
from runtime.solver.programs.library import numbers
from runtime.solver.programs.machine import Machine

# Digits of the longest written number: Python's own bound.
MAX_WRITTEN = 4_300
TOO_LONG = f"a number written with more than {MAX_WRITTEN:,} digits"


def check_written(machine: Machine, digits: int) -> None:
    """Refuse a number written with more digits than Python reads, and pay for reading it."""
    if digits > MAX_WRITTEN:
        raise OverBudget(TOO_LONG)
    machine.spend(15 + (digits * digits >> 14))


def read_number(machine: Machine, text: str) -> numbers.Number:
    """`12`, `-1_000`, `2.50` or `1e3` as an exact number (int where no point or exponent is written)."""
    body = text.strip().replace("_", "")
    sign = -1 if body.startswith("-") else 1
    body = body[1:] if body[:1] in ("-", "+") and body else body
    mantissa, mark, exponent = body.lower().partition("e")
    before, point, after = mantissa.partition(".")
    digits = before + after
    tail = exponent[1:] if exponent[:1] in ("-", "+") else exponent
    if not (digits.isdecimal() and digits.isascii()) or (mark and not (tail.isdecimal() and tail.isascii())):
        raise ValueError(f"could not read a number from {text[:40]!r}")
    machine.meter.check_digits(len(digits) + (int(tail) if mark and len(tail) < 6 else 10**6 if mark else 0))
    check_written(machine, len(digits))
    value = sign * int(digits)
    if not (point or mark):
        return value
    power = (int(exponent) if mark else 0) - len(after)
    return Fraction(value * 10**power) if power >= 0 else Fraction(value, 10**-power)
