"""Methods by the type they belong to; what is not listed is refused."""

import datetime
from collections import Counter, defaultdict, deque
from fractions import Fraction
from typing import Any

from runtime.solver.programs.library.collection_methods import (
    DICTS,
    LISTS,
    SETS,
    Method,
    elements,
    most_common,
    total_count,
    walking,
)
from runtime.solver.programs.library.symbols import Expression, Relation, symbol
from runtime.solver.programs.library.systems import evaluated, substitute
from runtime.solver.programs.library.text import brace_format, format_time
from runtime.solver.programs.machine import (
    Kind,
    Machine,
    Module,
    Native,
    Refused,
    Value,
    realise,
    type_name,
)

_COUNT_LIMIT = 20_000


def _text(name: str) -> Method:
    """A method of str that cannot grow its text, with its arguments checked to be plain."""
    method: Any = getattr(str, name)

    def run(machine: Machine, value: str, *arguments: Value) -> Value:
        machine.spend(2 + (len(value) >> 3))
        if any(type(argument) not in (str, int, tuple, type(None)) for argument in arguments):
            raise TypeError(f"str.{name}() cannot take {type_name(arguments[0])!r}")
        return method(value, *arguments)

    return run


def _join(machine: Machine, value: str, items: Value) -> str:
    texts = realise(machine, items)
    machine.meter.check_items(sum(len(text) for text in texts) + len(value) * len(texts))
    return value.join(texts)


def _replace(machine: Machine, value: str, old: str, new: str, count: int = -1) -> str:
    machine.meter.check_items(len(value) + value.count(old) * max(0, len(new) - len(old)))
    return value.replace(old, new, count)


def _width(name: str) -> Method:
    method: Any = getattr(str, name)

    def run(machine: Machine, value: str, width: int, fill: str = " ") -> str:
        machine.meter.check_items(width)
        return str(method(value, width) if name == "zfill" else method(value, width, fill))

    return run


def _format(machine: Machine, value: str, *arguments: Value, **named: Value) -> str:
    return brace_format(machine, value, arguments, named)


_TEXT_NAMES = (
    "lower upper title capitalize strip lstrip rstrip split rsplit splitlines count find rfind index"
)

_TEXT_NAMES += (
    " startswith endswith isdigit isalpha isalnum isdecimal isnumeric isupper islower isspace swapcase"
)

_TEXT_NAMES += " partition rpartition removeprefix removesuffix"


def _is_integer(machine: Machine, value: Fraction) -> bool:
    return value.denominator == 1


def _limit_denominator(machine: Machine, value: Fraction, limit: int = 1_000_000) -> Fraction:
    machine.spend(200)
    return value.limit_denominator(limit)


_NUMBERS: dict[str, Method] = {
    "is_integer": _is_integer,
    "bit_length": lambda machine, value: int(value).bit_length(),
    "limit_denominator": _limit_denominator,
    "conjugate": lambda machine, value: value,
    **dict.fromkeys(("evalf", "n", "simplify", "expand", "doit"), evaluated),
    "subs": substitute,
}

_EXPRESSIONS: dict[str, Method] = {
    **dict.fromkeys(("evalf", "n", "simplify", "expand", "doit", "factor"), evaluated),
    "subs": substitute,
}


def _plain(name: str) -> Method:
    """A method of datetime's types, called as it is."""

    def run(machine: Machine, value: Value, *arguments: Value, **named: Value) -> Value:
        return getattr(value, name)(*arguments, **named)

    return run


def _seconds(machine: Machine, value: datetime.timedelta) -> Fraction:
    return Fraction(value // datetime.timedelta(microseconds=1), 1_000_000)


_DATES: dict[str, Method] = {
    "strftime": lambda machine, value, spec: format_time(machine, value, spec),
    **{name: _plain(name) for name in ("weekday", "isoweekday", "isoformat", "toordinal", "replace")},
}

_TIMES: dict[str, Method] = {
    **_DATES,
    **{name: _plain(name) for name in ("date", "time")},
}

_QUEUES: dict[str, Method] = {
    **{name: LISTS[name] for name in ("append", "extend")},
    "appendleft": lambda machine, value, item: value.appendleft(item),
    **{
        name: walking(name)
        for name in ("pop", "popleft", "reverse", "rotate", "count", "clear", "index", "remove")
    },
}

METHODS: dict[type, dict[str, Method]] = {
    str: {
        **{name: _text(name) for name in _TEXT_NAMES.split()},
        **{name: _width(name) for name in ("ljust", "rjust", "center", "zfill")},
        "join": _join,
        "replace": _replace,
        "format": _format,
    },
    list: LISTS,
    tuple: {name: LISTS[name] for name in ("index", "count")},
    range: {name: LISTS[name] for name in ("index", "count")},
    dict: DICTS,
    defaultdict: DICTS,
    Counter: {**DICTS, "most_common": most_common, "elements": elements, "total": total_count},
    set: SETS,
    deque: _QUEUES,
    int: _NUMBERS,
    Fraction: _NUMBERS,
    Expression: _EXPRESSIONS,
    Relation: _EXPRESSIONS,
    datetime.date: _DATES,
    datetime.time: {name: _DATES[name] for name in ("strftime", "isoformat", "replace")},
    datetime.datetime: _TIMES,
    datetime.timedelta: {"total_seconds": _seconds},
}

_DAY = ("year", "month", "day")

_CLOCK = ("hour", "minute", "second", "microsecond")

_FIELDS: dict[type, tuple[str, ...]] = {
    datetime.date: _DAY,
    datetime.time: _CLOCK,
    datetime.datetime: _DAY + _CLOCK,
    datetime.timedelta: ("days", "seconds", "microseconds"),
    int: ("numerator", "denominator", "real"),
    Fraction: ("numerator", "denominator", "real"),
}

KNOWN_NAMES = frozenset(
    {name for table in METHODS.values() for name in table}
    | {name for fields in _FIELDS.values() for name in fields}
    | {"lhs", "rhs", "free_symbols"}
)


def attribute(machine: Machine, value: Value, name: str) -> Value:
    """`value.name`; raises Refused for every name that is not listed for the value's type."""
    kind = type(value)
    if kind is Module or kind is Kind:
        if name in value.members:
            return value.members[name]
        if kind is Kind and value.types and name in METHODS.get(value.types[0], ()):
            return Native(name, METHODS[value.types[0]][name])
        raise Refused(f"{value.name}.{name}")
    if name in _FIELDS.get(kind, ()):
        return getattr(value, name)
    if kind is Relation and name in ("lhs", "rhs"):
        return value.left if name == "lhs" else value.right
    if kind is Expression and name == "free_symbols":
        return {symbol(each_name) for each_name in value.names}
    method = METHODS.get(kind, {}).get(name)
    if method is None:
        raise Refused(f".{name} of {type_name(value)!r}")
    return Native(name, lambda run, *arguments, **named: method(run, value, *arguments, **named))
