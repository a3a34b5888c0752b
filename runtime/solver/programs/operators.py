"""Operators by the types of their operands; what is not listed here raises TypeError, as in Python."""

import datetime
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from runtime.solver.programs.library import numbers
from runtime.solver.programs.library.numbers import NUMBERS
from runtime.solver.programs.library.symbols import Expression, combine
from runtime.solver.programs.library.text import percent_format
from runtime.solver.programs.machine import Machine, Value, check_keys, iterate, type_name

Operation = Callable[[Machine, Value, Value], Value]
_SEQUENCES = frozenset({str, list, tuple})
_TIMES = (datetime.date, datetime.timedelta)
_MICROSECOND = datetime.timedelta(microseconds=1)


def _numeric(name: str, operation: Operation, other: Operation) -> Operation:
    def run(machine: Machine, a: Value, b: Value) -> Value:
        if type(a) in NUMBERS and type(b) in NUMBERS:
            return operation(machine, a, b)
        if type(a) is Expression or type(b) is Expression:
            return combine(machine, name, a, b)
        return other(machine, a, b)

    return run


def _unsupported(a: Value, b: Value) -> TypeError:
    return TypeError(f"unsupported operand types: {type_name(a)!r} and {type_name(b)!r}")


def _add_others(machine: Machine, a: Value, b: Value) -> Value:
    if type(a) is type(b) and type(a) in _SEQUENCES:
        machine.meter.check_items(len(a) + len(b))
        return a + b
    if isinstance(a, _TIMES) and type(b) is datetime.timedelta:
        return a + b
    if type(a) is datetime.timedelta and isinstance(b, _TIMES):
        return a + b
    if type(a) is Counter and type(b) is Counter:
        check_keys(machine, len(a), b)
        return Counter({key: numbers.add(machine, a[key], b[key]) for key in {**a, **b}})
    raise _unsupported(a, b)


def _subtract_others(machine: Machine, a: Value, b: Value) -> Value:
    kinds = (type(a), type(b))
    if isinstance(a, _TIMES) and (kinds[1] is datetime.timedelta or kinds[0] is kinds[1]):
        difference: Value = a
        return difference - b
    if type(a) is set and type(b) is set:
        check_keys(machine, len(b), a)
        return a - b
    if type(a) is Counter and type(b) is Counter:
        check_keys(machine, len(b), a)
        return a - b
    raise _unsupported(a, b)


def _multiply_others(machine: Machine, a: Value, b: Value) -> Value:
    if type(b) in _SEQUENCES:
        a, b = b, a
    if type(a) in _SEQUENCES and type(b) in (int, bool):
        machine.meter.check_items(len(a) * max(b, 0))
        return a * b
    if type(b) is datetime.timedelta:
        a, b = b, a
    if type(a) is datetime.timedelta and type(b) in NUMBERS:
        return a * b if type(b) is int else _timedelta((a // _MICROSECOND) * Fraction(b))
    raise _unsupported(a, b)


def _timedelta(microseconds: Fraction) -> datetime.timedelta:
    return datetime.timedelta(microseconds=round(microseconds))


def _divide_others(machine: Machine, a: Value, b: Value) -> Value:
    if type(a) is datetime.timedelta and type(b) is datetime.timedelta:
        return numbers.divide(machine, a // _MICROSECOND, b // _MICROSECOND)
    if type(a) is datetime.timedelta and type(b) in NUMBERS:
        return _timedelta((a // _MICROSECOND) / Fraction(b))
    raise _unsupported(a, b)


def _floor_divide_others(machine: Machine, a: Value, b: Value) -> Value:
    if type(a) is datetime.timedelta and type(b) in (datetime.timedelta, int):
        return a // b
    raise _unsupported(a, b)


def _modulo_others(machine: Machine, a: Value, b: Value) -> Value:
    if type(a) is str:
        return percent_format(machine, a, b)
    if type(a) is datetime.timedelta and type(b) is datetime.timedelta:
        return a % b
    raise _unsupported(a, b)


def _power_others(machine: Machine, a: Value, b: Value) -> Value:
    raise _unsupported(a, b)


def _bits(
    on_numbers: Callable[[int, int], int], on_sets: Callable[[Value, Value], Value] | None
) -> Operation:
    def run(machine: Machine, a: Value, b: Value) -> Value:
        if type(a) in (int, bool) and type(b) in (int, bool):
            return on_numbers(a, b)
        if on_sets is not None and type(a) is set and type(b) is set:
            check_keys(machine, len(a), b)
            return on_sets(a, b)
        if on_sets is not None and type(a) is type(b) is dict:
            check_keys(machine, len(a), b)
            return a | b if on_numbers(1, 2) == 3 else _power_others(machine, a, b)
        raise _unsupported(a, b)

    return run


def _shift_left(machine: Machine, a: Value, b: Value) -> Value:
    if type(a) in (int, bool) and type(b) in (int, bool):
        machine.meter.check_bits(a.bit_length() + max(b, 0))
        return a << b
    raise _unsupported(a, b)


BINARY: dict[str, Operation] = {
    "Add": _numeric("Add", numbers.add, _add_others),
    "Sub": _numeric("Sub", numbers.subtract, _subtract_others),
    "Mult": _numeric("Mult", numbers.multiply, _multiply_others),
    "Div": _numeric("Div", numbers.divide, _divide_others),
    "FloorDiv": _numeric("FloorDiv", numbers.floor_divide, _floor_divide_others),
    "Mod": _numeric("Mod", numbers.modulo, _modulo_others),
    "Pow": _numeric("Pow", numbers.power, _power_others),
    "BitAnd": _bits(lambda a, b: a & b, lambda a, b: a & b),
    "BitOr": _bits(lambda a, b: a | b, lambda a, b: a | b),
    "BitXor": _bits(lambda a, b: a ^ b, lambda a, b: a ^ b),
    "LShift": _shift_left,
    "RShift": _bits(lambda a, b: a >> b, None),
}


def negate(machine: Machine, value: Value) -> Value:
    """-value."""
    if type(value) in NUMBERS or type(value) is datetime.timedelta:
        return -value
    if type(value) is Expression:
        return combine(machine, "Mult", -1, value)
    raise TypeError(f"bad operand type for unary -: {type_name(value)!r}")


def posit(machine: Machine, value: Value) -> Value:
    """+value."""
    if type(value) in NUMBERS:
        return +value
    if type(value) is Expression:
        return value
    raise TypeError(f"bad operand type for unary +: {type_name(value)!r}")


def invert(machine: Machine, value: Value) -> Value:
    """~value."""
    if type(value) in (int, bool):
        return ~int(value)
    raise TypeError(f"bad operand type for unary ~: {type_name(value)!r}")


UNARY: dict[str, Callable[[Machine, Value], Value]] = {"USub": negate, "UAdd": posit, "Invert": invert}


def _weigh_comparison(machine: Machine, a: Value, b: Value) -> None:
    for value in (a, b):
        if type(value) in (list, tuple, str, dict, set):
            machine.spend(len(value) >> 3)


def _compare(compare: Callable[[Value, Value], Value]) -> Operation:
    def run(machine: Machine, a: Value, b: Value) -> Value:
        if type(a) not in NUMBERS:
            _weigh_comparison(machine, a, b)
        return compare(a, b)

    return run


def contains(machine: Machine, item: Value, container: Value) -> bool:
    """Item in container."""
    kind = type(container)
    if kind is str:
        if type(item) is not str:
            raise TypeError("'in <string>' requires string as left operand")
        machine.spend(1 + (len(container) * max(1, len(item) >> 4) >> 4))
        return item in container
    if kind in (dict, set, Counter):
        check_keys(machine, len(container), (item,))
        return item in container
    if kind is range:
        return type(item) in NUMBERS and item.denominator == 1 and int(item) in container
    for other in iterate(container):
        machine.spend(1)
        if other is item or other == item:
            return True
    return False


COMPARISONS: dict[str, Operation] = {
    "Eq": _compare(lambda a, b: a == b),
    "NotEq": _compare(lambda a, b: a != b),
    "Lt": _compare(lambda a, b: a < b),
    "LtE": _compare(lambda a, b: a <= b),
    "Gt": _compare(lambda a, b: a > b),
    "GtE": _compare(lambda a, b: a >= b),
    "Is": lambda machine, a, b: a is b or (type(a) is type(b) and type(a) in (int, str) and a == b),
    "IsNot": lambda machine, a, b: not (a is b or (type(a) is type(b) and type(a) in (int, str) and a == b)),
    "In": contains,
    "NotIn": lambda machine, a, b: not contains(machine, a, b),
}
