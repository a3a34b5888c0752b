"""datetime arithmetic: dates that the program writes, never today's."""

import datetime
from collections.abc import Callable

from runtime.solver.programs.library.builtins import Call
from runtime.solver.programs.library.numbers import NUMBERS
from runtime.solver.programs.library.text import check_time_format
from runtime.solver.programs.machine import Kind, Machine, Module, Refused, Value, type_name

# Imported now: a locked worker can open no file, and strptime imports it late.
datetime.datetime.strptime("2000-01-01", "%Y-%m-%d")
_MICROSECONDS = {
    "days": 86_400_000_000,
    "seconds": 1_000_000,
    "microseconds": 1,
    "milliseconds": 1_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
    "weeks": 604_800_000_000,
}


def _fields(make: Callable[..., Value]) -> Call:
    """One of datetime's types from whole numbers."""

    def run(machine: Machine, *fields: Value, **named: Value) -> Value:
        for value in (*fields, *named.values()):
            if type(value) not in (int, bool):
                raise TypeError(f"{make.__name__}() needs whole numbers, got {type_name(value)!r}")
        return make(*fields, **named)

    return run


def _timedelta(machine: Machine, *fields: Value, **named: Value) -> datetime.timedelta:
    machine.spend(30)
    amounts = {**dict(zip(_MICROSECONDS, fields, strict=False)), **named}
    if any(type(value) not in NUMBERS for value in amounts.values()) or len(fields) > len(_MICROSECONDS):
        raise TypeError("timedelta() needs numbers")
    total = sum(_MICROSECONDS[name] * value for name, value in amounts.items())
    return datetime.timedelta(microseconds=round(total))


def _read(machine: Machine, text: Value, spec: Value) -> datetime.datetime:
    if type(text) is not str or type(spec) is not str or len(text) > 60:
        raise TypeError("strptime() needs two short texts")
    machine.spend(300)
    return datetime.datetime.strptime(text, check_time_format(spec))


def _now(machine: Machine, *unused: Value) -> Value:
    raise Refused("today's date")


def _members(**functions: Value) -> dict[str, Value]:
    return {name: Kind(name, function, ()) for name, function in functions.items()}


DATE = Kind(
    "date",
    _fields(datetime.date),
    (datetime.date,),
    _members(fromisoformat=lambda machine, text: datetime.date.fromisoformat(text), today=_now),
)
DATETIME = Kind(
    "datetime",
    _fields(datetime.datetime),
    (datetime.datetime,),
    _members(
        strptime=_read,
        fromisoformat=lambda machine, text: datetime.datetime.fromisoformat(text),
        combine=lambda machine, day, clock: datetime.datetime.combine(day, clock),
        **dict.fromkeys(("now", "today", "utcnow"), _now),
    ),
)
TIME = Kind(
    "time",
    _fields(datetime.time),
    (datetime.time,),
    _members(fromisoformat=lambda machine, text: datetime.time.fromisoformat(text)),
)
TIMEDELTA = Kind("timedelta", _timedelta, (datetime.timedelta,))
MODULE = Module("datetime", {"date": DATE, "datetime": DATETIME, "time": TIME, "timedelta": TIMEDELTA})
