"""The state of one run, the kinds of callable values, and how they are called and iterated."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from runtime.solver.budget import Budget

# Values are int, bool, Fraction (what Python has as float), str, None, list, tuple, dict, set, range, datetime's types,
# and the classes below; nothing else may ever reach a program.
Value = Any

# What a program's own operations may raise; each becomes the program's failure, never ours.
PROGRAM_ERRORS = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    StopIteration,
    RuntimeError,
)


class Refused(Exception):
    """The program leaves the allowed language; the text names what it used."""


class BadSyntax(Exception):
    """The text is no Python."""


class Fault(Exception):
    """The program failed as it would in Python: `kind` is the exception's name there."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Machine:
    """One run: its meter, what it printed, its line, and whether a value had to be rounded."""

    __slots__ = ("assumptions", "line", "meter", "printed", "returned", "rounded", "spend")

    def __init__(self, meter: Budget) -> None:
        self.meter = meter
        self.spend = meter.spend
        self.printed: list[Value] = []
        self.returned: Value = None
        self.line = 0
        # Why the answer is not exact ("" while it is).
        self.rounded = ""
        # What the program assumes about its symbols, by their names.
        self.assumptions: dict[str, set[str]] = {}


class Native:
    """A function of ours that a program may call: `call(machine, *arguments)`."""

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: Callable[..., Value]) -> None:
        self.name = name
        self.call = call


class Kind(Native):
    """A type's name as a value: callable, usable in isinstance, with functions of its own (`datetime.strptime`)."""

    __slots__ = ("members", "types")

    def __init__(
        self,
        name: str,
        call: Callable[..., Value],
        types: tuple[type, ...],
        members: dict[str, Value] | None = None,
    ) -> None:
        super().__init__(name, call)
        self.types = types
        self.members = members or {}


class Module:
    """A table of values under a module's name; never a module object."""

    __slots__ = ("members", "name")

    def __init__(self, name: str, members: dict[str, Value]) -> None:
        self.name = name
        self.members = members


class Lazy:
    """An iterator as a value: generator expressions, `zip`, `map`, `enumerate`, `itertools`."""

    __slots__ = ("items",)

    def __init__(self, items: Iterator[Value]) -> None:
        self.items = items


class Env:
    """The variables of one scope and the scope around it."""

    __slots__ = ("names", "outer")

    def __init__(self, names: dict[str, Value], outer: "Env | None") -> None:
        self.names = names
        self.outer = outer


Run = Callable[[Env], Value]


@dataclass(slots=True)
class Function:
    """A function that the program defined."""

    name: str
    parameters: tuple[str, ...]
    defaults: dict[str, Value]
    keyword_only: tuple[str, ...]
    rest: str | None
    keywords: str | None
    body: Run
    env: Env
    machine: Machine = field(repr=False)

    def invoke(self, arguments: list[Value], named: dict[str, Value]) -> Value:
        """Bind the arguments as Python does, run the body, return its value."""
        self.machine.spend(16)
        names = self._bind(arguments, named) if named or len(arguments) != len(self.parameters) else None
        if names is None:
            names = dict(zip(self.parameters, arguments, strict=True))
            if self.keyword_only or self.rest or self.keywords:
                names = self._bind(arguments, named)
        return self.body(Env(names, self.env))

    def _bind(self, arguments: list[Value], named: dict[str, Value]) -> dict[str, Value]:
        names = dict(zip(self.parameters, arguments, strict=False))
        extra = arguments[len(self.parameters) :]
        if extra and self.rest is None:
            raise TypeError(f"{self.name}() takes {len(self.parameters)} arguments, got {len(arguments)}")
        surplus: dict[str, Value] = {}
        for name, value in named.items():
            if name in names:
                raise TypeError(f"{self.name}() got two values for {name!r}")
            known = name in self.parameters or name in self.keyword_only
            if not known and self.keywords is None:
                raise TypeError(f"{self.name}() has no argument {name!r}")
            (names if known else surplus)[name] = value
        for name in (*self.parameters, *self.keyword_only):
            if name not in names:
                if name not in self.defaults:
                    raise TypeError(f"{self.name}() needs the argument {name!r}")
                names[name] = self.defaults[name]
        if self.rest is not None:
            names[self.rest] = tuple(extra)
        if self.keywords is not None:
            names[self.keywords] = surplus
        return names


def invoke(machine: Machine, function: Value, arguments: list[Value], named: dict[str, Value]) -> Value:
    """Call any callable value."""
    kind = type(function)
    if kind is Native or kind is Kind:
        machine.spend(8)
        try:
            return function.call(machine, *arguments, **named)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # the call itself
                raise TypeError(f"{function.name}() does not take these arguments") from None
            raise
    if kind is Function:
        return function.invoke(arguments, named)
    raise TypeError(f"{type_name(function)!r} object is not callable")


def caller(machine: Machine, function: Value) -> Callable[..., Value]:
    """A callable value as a Python function of positional arguments, for `sorted`, `map` and the like."""
    return lambda *arguments: invoke(machine, function, list(arguments), {})


_SIZED = (list, tuple, str, dict, set, range, deque)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


def sized(value: Value) -> bool:
    """Whether a value knows its length and may be iterated."""
    return isinstance(value, _SIZED + _VIEWS)


def iterate(value: Value) -> Iterator[Value]:
    """A Python iterator over a value that may be iterated; the loop around it pays for each turn."""
    if type(value) is Lazy:
        return value.items
    if sized(value):
        return iter(value)
    raise TypeError(f"{type_name(value)!r} object is not iterable")


def each(machine: Machine, value: Value) -> Iterator[Value]:
    """The items of a value, each of them paid for."""
    spend = machine.spend
    for item in iterate(value):
        spend(2)
        yield item


def realise(machine: Machine, value: Value) -> list[Value]:
    """The items of a value as a new list, its size checked."""
    if sized(value):
        machine.meter.check_items(len(value))
        return list(value)
    items: list[Value] = []
    for item in iterate(value):
        machine.spend(2)
        items.append(item)
        if len(items) % 1024 == 0:
            machine.meter.check_items(len(items))
    return items


def check_keys(machine: Machine, held: int, keys: Iterable[Value]) -> None:
    """Pay for putting keys into a table of `held` items: numbers chosen to collide cost as much as they can."""
    for key in keys:
        if type(key) is tuple:
            check_keys(machine, held, key)
        plain = type(key) is str or (type(key) is int and -(1 << 60) < key < 1 << 60)
        machine.spend(3 if plain else 10 + (held >> 1))


_NAMES = {Fraction: "float", Lazy: "iterator", Native: "function", Kind: "type", type(None): "NoneType"}


def type_name(value: Value) -> str:
    """The name of a value's type as Python programs know it."""
    return _NAMES.get(type(value), type(value).__name__.lower())
