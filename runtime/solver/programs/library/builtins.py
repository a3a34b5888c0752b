"""Python's built-in functions and types, as programs of thought use them."""

import datetime
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from runtime.solver.programs.library import numbers
from runtime.solver.programs.library.numbers import NUMBERS
from runtime.solver.programs.library.text import format_value, to_repr, to_text
from runtime.solver.programs.literals import check_written, read_number
from runtime.solver.programs.machine import (
    Kind,
    Lazy,
    Machine,
    Native,
    Refused,
    Value,
    caller,
    check_keys,
    each,
    iterate,
    realise,
    sized,
    type_name,
)
from runtime.solver.programs.operators import BINARY

Call = Callable[..., Value]
_MISSING: Any = object()

_INFINITIES = {"inf": numbers.INFINITY, "infinity": numbers.INFINITY, "-inf": -numbers.INFINITY}


def _int(machine: Machine, value: Value = 0, base: Value = None) -> int:
    if type(value) is str:
        check_written(machine, len(value))
        return int(value, base if base is not None else 10)
    if type(value) in NUMBERS and base is None:
        return int(value)
    raise TypeError(f"int() cannot read {type_name(value)!r}")


def _float(machine: Machine, value: Value = 0) -> Fraction:
    if type(value) is str:
        return _INFINITIES.get(value.strip().lower()) or Fraction(read_number(machine, value))
    if type(value) in NUMBERS:
        return Fraction(value)
    raise TypeError(f"float() cannot read {type_name(value)!r}")


def _set(machine: Machine, value: Value = ()) -> set[Value]:
    items = realise(machine, value)
    check_keys(machine, len(items), items)
    return set(items)


def _dict(machine: Machine, value: Value = (), **named: Value) -> dict[Value, Value]:
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        pairs = [tuple(realise(machine, pair)) for pair in each(machine, value)]
    check_keys(machine, len(pairs), (pair[0] for pair in pairs))
    return {**dict(pairs), **named}


def whole_number(value: Value) -> int:
    """The value, if it is a whole number; raises TypeError as Python does where an index is needed."""
    if type(value) not in (int, bool):
        raise TypeError(f"{type_name(value)!r} object cannot be interpreted as an integer")
    number: int = value
    return number


def _range(machine: Machine, *bounds: Value) -> range:
    return range(*map(whole_number, bounds))


def _len(machine: Machine, value: Value) -> int:
    if not sized(value):
        raise TypeError(f"object of type {type_name(value)!r} has no len()")
    return len(value)


def _sum(machine: Machine, values: Value, start: Value = 0) -> Value:
    if type(values) is range and type(start) is int:
        return start + (len(values) * (values[0] + values[-1]) // 2 if values else 0)
    if type(start) is str:
        raise TypeError("sum() can't sum strings")
    add, total = BINARY["Add"], start
    for item in each(machine, values):
        machine.spend(5)
        total = add(machine, total, item)
    return total


def _extreme(choose: Callable[..., Value]) -> Call:
    """`min` or `max`."""

    def run(machine: Machine, *values: Value, key: Value = None, default: Value = _MISSING) -> Value:
        items = realise(machine, values[0]) if len(values) == 1 else list(values)
        machine.spend(3 * len(items))
        if not items and default is not _MISSING:
            return default
        return choose(items, key=None if key is None else caller(machine, key))

    return run


def _abs(machine: Machine, value: Value) -> Value:
    if type(value) in NUMBERS or type(value) is datetime.timedelta:
        return abs(value)
    raise TypeError(f"bad operand type for abs(): {type_name(value)!r}")


def _round(machine: Machine, number: Value, ndigits: Value = None) -> Value:
    if type(number) not in NUMBERS:
        raise TypeError(f"type {type_name(number)} doesn't define __round__ method")
    return numbers.round_half_even(machine, number, ndigits)


def sort_items(machine: Machine, items: list[Value], key: Value, reverse: Value) -> None:
    """Sort a list in place, paid for beforehand."""
    machine.spend(len(items) * max(1, len(items).bit_length()))
    items.sort(key=None if key is None else caller(machine, key), reverse=bool(reverse))


def _sorted(machine: Machine, values: Value, *, key: Value = None, reverse: Value = False) -> list[Value]:
    items = realise(machine, values)
    sort_items(machine, items, key, reverse)
    return items


def _zip(machine: Machine, *values: Value, strict: Value = False) -> Lazy:
    return Lazy(zip(*(each(machine, value) for value in values), strict=bool(strict)))


def _map(machine: Machine, function: Value, *values: Value) -> Lazy:
    return Lazy(map(caller(machine, function), *(each(machine, value) for value in values)))


def _filter(machine: Machine, function: Value, values: Value) -> Lazy:
    keep = bool if function is None else caller(machine, function)
    return Lazy(filter(keep, each(machine, values)))


def _next(machine: Machine, values: Value, default: Value = _MISSING) -> Value:
    if type(values) is not Lazy:
        raise TypeError(f"{type_name(values)!r} object is not an iterator")
    return next(values.items) if default is _MISSING else next(values.items, default)


def _pow(machine: Machine, base: Value, exponent: Value, modulus: Value = None) -> Value:
    if modulus is None:
        return BINARY["Pow"](machine, base, exponent)
    if {type(base), type(exponent), type(modulus)} - {int, bool}:
        raise TypeError("pow() with 3 arguments needs integers")
    bits = modulus.bit_length()
    machine.spend(20 + (exponent.bit_length() * bits * bits >> 16))
    machine.meter.check_bits(bits + exponent.bit_length())
    return pow(base, exponent, modulus)


def _isinstance(machine: Machine, value: Value, kinds: Value) -> bool:
    wanted = kinds if type(kinds) is tuple else (kinds,)
    if any(type(kind) is not Kind for kind in wanted):
        raise TypeError("isinstance() arg 2 must be a type or tuple of types")
    return any(isinstance(value, kind.types) for kind in wanted)


def _type(machine: Machine, value: Value) -> Kind:
    for kind in KINDS.values():
        if type(value) in kind.types[:1]:
            return kind
    raise Refused(f"type() of {type_name(value)!r}")


def _print(
    machine: Machine, *values: Value, sep: Value = " ", end: Value = "\n", flush: Value = None
) -> None:
    machine.meter.check_items(len(machine.printed) + len(values))
    machine.printed += values


def _based(prefix: str, spec: str) -> Call:
    def run(machine: Machine, value: Value) -> str:
        return ("-" if whole_number(value) < 0 else "") + prefix + format(abs(value), spec)

    return run


def compare_key(machine: Machine, function: Value) -> Native:
    """`functools.cmp_to_key(function)`."""
    return Native("cmp_to_key", lambda _, value: cmp_to_key(caller(machine, function))(value))


KINDS: dict[str, Kind] = {
    "bool": Kind("bool", lambda machine, value=False: bool(value), (bool,)),
    "int": Kind("int", _int, (int,)),
    "float": Kind("float", _float, (Fraction,)),
    "str": Kind("str", lambda machine, value="": to_text(machine, value), (str,)),
    "list": Kind("list", lambda machine, value=(): realise(machine, value), (list,)),
    "tuple": Kind("tuple", lambda machine, value=(): tuple(realise(machine, value)), (tuple,)),
    "set": Kind("set", _set, (set,)),
    "dict": Kind("dict", _dict, (dict, Counter)),
}

_FUNCTIONS: dict[str, Call] = {
    "range": _range,
    "len": _len,
    "sum": _sum,
    "min": _extreme(min),
    "max": _extreme(max),
    "abs": _abs,
    "round": _round,
    "sorted": _sorted,
    "reversed": lambda machine, values: Lazy(reversed(realise(machine, values))),
    "zip": _zip,
    "enumerate": lambda machine, values, start=0: Lazy(enumerate(each(machine, values), int(start))),
    "map": _map,
    "filter": _filter,
    "any": lambda machine, values: any(each(machine, values)),
    "all": lambda machine, values: all(each(machine, values)),
    "iter": lambda machine, values: Lazy(iterate(values)),
    "next": _next,
    "pow": _pow,
    "divmod": lambda machine, a, b: (BINARY["FloorDiv"](machine, a, b), BINARY["Mod"](machine, a, b)),
    "isinstance": _isinstance,
    "type": _type,
    "print": _print,
    "repr": to_repr,
    "format": format_value,
    "chr": lambda machine, code: chr(code),
    "ord": lambda machine, character: ord(character),
    "frozenset": _set,
    "bin": _based("0b", "b"),
    "hex": _based("0x", "x"),
    "oct": _based("0o", "o"),
}

BUILTINS: dict[str, Value] = {
    **KINDS,
    **{name: Native(name, function) for name, function in _FUNCTIONS.items()},
    "__name__": "__main__",
}
