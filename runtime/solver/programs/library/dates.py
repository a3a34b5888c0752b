"""datetime arithmetic: dates that the program writes, never today's."""

import datetime

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


def _whole(name: str, values: tuple[Value, ...]) -> None:
    for value in values:
        if type(value) not in (int, bool):
            raise TypeError(f"{name}() needs whole numbers, got {type_name(value)!r}")


def _date(machine: Machine, *fields: Value, **named: Value) -> datetime.date:
    _whole("date", (*fields, *named.values()))
    return datetime.date(*fields, **named)


def _datetime(machine: Machine, *fields: Value, **named: Value) -> datetime.datetime:
    _whole("datetime", (*fields, *named.values()))
    return datetime.datetime(*fields, **named)


def _time(machine: Machine, *fields: Value, **named: Value) -> datetime.time:
    _whole("time", (*fields, *named.values()))
    return datetime.time(*fields, **named)


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


def _iso_date(machine: Machine, text: Value) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _iso_datetime(machine: Machine, text: Value) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _combine(machine: Machine, day: Value, clock: Value) -> datetime.datetime:
    return datetime.datetime.combine(day, clock)


def _now(machine: Machine, *unused: Value) -> Value:
    raise Refused("today's date")


def _members(**functions: Value) -> dict[str, Value]:
    return {name: Kind(name, function, ()) for name, function in functions.items()}


DATE = Kind("date", _date, (datetime.date,), _members(fromisoformat=_iso_date, today=_now))
DATETIME = Kind(
    "datetime",
    _datetime,
    (datetime.datetime,),
    _members(
        strptime=_read, fromisoformat=_iso_datetime, combine=_combine, now=_now, today=_now, utcnow=_now
    ),
)
TIME = Kind(
    "time",
    _time,
    (datetime.time,),
    _members(fromisoformat=lambda machine, text: datetime.time.fromisoformat(text)),
)
TIMEDELTA = Kind("timedelta", _timedelta, (datetime.timedelta,))
MODULE = Module("datetime", {"date": DATE, "datetime": DATETIME, "time": TIME, "timedelta": TIMEDELTA})
