"""Methods of lists, dicts, counters and sets, their growth checked."""

from collections import Counter
from collections.abc import Callable

from runtime.solver.programs.library.builtins import sort_items
from runtime.solver.programs.machine import (
    Lazy,
    Machine,
    Value,
    check_keys,
    each,
    realise,
)
from runtime.solver.programs.operators import BINARY

Method = Callable[..., Value]


def _append(machine: Machine, value: list[Value], item: Value) -> None:
    if len(value) % 1024 == 0:
        machine.meter.check_items(len(value))
    value.append(item)


def _extend(machine: Machine, value: list[Value], items: Value) -> None:
    more = realise(machine, items)
    machine.meter.check_items(len(value) + len(more))
    value.extend(more)


def _insert(machine: Machine, value: list[Value], index: int, item: Value) -> None:
    machine.meter.check_items(len(value))
    value.insert(index, item)


def _sort(machine: Machine, value: list[Value], *, key: Value = None, reverse: Value = False) -> None:
    sort_items(machine, value, key, reverse)


def walking(name: str) -> Method:
    """A method that looks at every item."""

    def run(machine: Machine, value: Value, *arguments: Value) -> Value:
        machine.spend(2 + len(value))
        return getattr(value, name)(*arguments)

    return run


LISTS: dict[str, Method] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "sort": _sort,
    **{name: walking(name) for name in ("pop", "remove", "reverse", "index", "count", "copy", "clear")},
}


def _get(machine: Machine, value: dict[Value, Value], key: Value, default: Value = None) -> Value:
    check_keys(machine, len(value), (key,))
    return value.get(key, default)


def _set_default(machine: Machine, value: dict[Value, Value], key: Value, default: Value = None) -> Value:
    check_keys(machine, len(value), (key,))
    return value.setdefault(key, default)


def _pop_key(machine: Machine, value: dict[Value, Value], key: Value, *default: Value) -> Value:
    check_keys(machine, len(value), (key,))
    return value.pop(key, *default)


def _update(machine: Machine, value: dict[Value, Value], other: Value = (), **named: Value) -> None:
    if type(value) is Counter:
        _count(machine, value, other)
        return
    pairs = list(other.items()) if isinstance(other, dict) else [tuple(pair) for pair in each(machine, other)]
    check_keys(machine, len(value) + len(pairs), (pair[0] for pair in pairs))
    value.update(pairs, **named)


def _count(machine: Machine, value: dict[Value, Value], items: Value) -> None:
    for item in each(machine, items):
        check_keys(machine, len(value), (item,))
        value[item] = BINARY["Add"](
            machine, value.get(item, 0), items[item] if isinstance(items, dict) else 1
        )


DICTS: dict[str, Method] = {
    "get": _get,
    "setdefault": _set_default,
    "pop": _pop_key,
    "update": _update,
    **{name: walking(name) for name in ("keys", "values", "items", "copy", "clear", "popitem")},
}


def most_common(machine: Machine, value: Counter[Value], n: Value = None) -> list[tuple[Value, int]]:
    """`counter.most_common(n)`."""
    machine.spend(len(value) * max(1, len(value).bit_length()))
    return value.most_common(n)


def elements(machine: Machine, value: Counter[Value]) -> Lazy:
    """`counter.elements()`."""
    return Lazy(value.elements())


def total_count(machine: Machine, value: Counter[Value]) -> Value:
    """`counter.total()`."""
    total: Value = 0
    for item in value.values():
        total = BINARY["Add"](machine, total, item)
    return total


def _change(name: str) -> Method:
    """A method of set that puts in or takes out one item."""

    def run(machine: Machine, value: set[Value], *items: Value) -> Value:
        check_keys(machine, len(value), items)
        return getattr(value, name)(*items)

    return run


def _merge(name: str) -> Method:
    """A method of set that takes other collections."""

    def run(machine: Machine, value: set[Value], *others: Value) -> Value:
        lists = [realise(machine, other) for other in others]
        for items in lists:
            check_keys(machine, len(value) + len(items), items)
        return getattr(value, name)(*lists)

    return run


_MERGES = "union intersection difference symmetric_difference update issubset issuperset isdisjoint"

_MERGES += " intersection_update difference_update"

SETS: dict[str, Method] = {
    **{name: _change(name) for name in ("add", "remove", "discard", "pop")},
    **{name: _merge(name) for name in _MERGES.split()},
    **{name: walking(name) for name in ("copy", "clear")},
}
