"""collections, itertools, functools and statistics, as programs of thought use them."""

import heapq  # noqa: F401 - Counter.most_common imports it late, and a locked worker can open no file
import itertools
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from runtime.solver.programs.library import numbers
from runtime.solver.programs.library.builtins import BUILTINS, Call, compare_key
from runtime.solver.programs.library.mathematics import module, real_number
from runtime.solver.programs.library.numbers import square_root
from runtime.solver.programs.machine import (
    Kind,
    Lazy,
    Machine,
    Native,
    Value,
    caller,
    check_keys,
    each,
    invoke,
    realise,
)
from runtime.solver.programs.operators import BINARY


def _counter(machine: Machine, values: Value = (), **named: Value) -> Counter[Value]:
    counter: Counter[Value] = Counter(named)
    for value in each(machine, values):
        check_keys(machine, len(counter), (value,))
        counter[value] += values[value] if isinstance(values, dict) else 1
    return counter


def _default_dict(machine: Machine, factory: Value = None, values: Value = ()) -> defaultdict[Value, Value]:
    make = None if factory is None else caller(machine, factory)
    return defaultdict(make, BUILTINS["dict"].call(machine, values))


def _lazily(function: Callable[..., Iterator[Value]]) -> Call:
    """A function of itertools over copies of its arguments."""

    def run(machine: Machine, *values: Value, **named: Value) -> Lazy:
        made = [value if type(value) is int else realise(machine, value) for value in values]
        return Lazy(_paid(machine, function(*made, **named)))

    return run


def _paid(machine: Machine, items: Iterator[Value]) -> Iterator[Value]:
    for item in items:
        machine.spend(4 + (len(item) if isinstance(item, tuple) else 0))
        yield item


def _accumulate(machine: Machine, values: Value, function: Value = None) -> Lazy:
    add = BINARY["Add"]
    step = (lambda a, b: add(machine, a, b)) if function is None else caller(machine, function)
    return Lazy(itertools.accumulate(each(machine, values), step))


def _chain(machine: Machine, *values: Value) -> Lazy:
    return Lazy(itertools.chain.from_iterable(each(machine, value) for value in values))


def _reduce(machine: Machine, function: Value, values: Value, *start: Value) -> Value:
    items = each(machine, values)
    total = start[0] if start else next(items)
    for item in items:
        machine.spend(6)
        total = invoke(machine, function, [total, item], {})
    return total


def _cached(machine: Machine, function: Value = None, **options: Value) -> Value:
    """`lru_cache`, with or without brackets: answers by argument, kept for the run."""
    if function is None or type(function) is int:
        return Native("lru_cache", _cached)
    kept: dict[Any, Value] = {}

    def run(run_machine: Machine, *arguments: Value) -> Value:
        check_keys(run_machine, len(kept), arguments)
        if arguments not in kept:
            kept[arguments] = invoke(run_machine, function, list(arguments), {})
        return kept[arguments]

    return Native("cached", run)


def _mean(machine: Machine, values: Value) -> Fraction:
    items = realise(machine, values)
    return numbers.divide(machine, invoke(machine, BUILTINS["sum"], [items], {}), len(items))


def _median(machine: Machine, values: Value) -> Value:
    items = sorted(realise(machine, values))
    if not items:
        raise ValueError("no median for empty data")
    middle = len(items) // 2
    return items[middle] if len(items) % 2 else numbers.divide(machine, items[middle - 1] + items[middle], 2)


def _spread(*, sample: bool, root: bool) -> Call:
    def run(machine: Machine, values: Value) -> Value:
        items = realise(machine, values)
        if len(items) <= sample:
            raise ValueError("too few values for a variance")
        mean = _mean(machine, items)
        total: Value = 0
        for item in items:
            machine.spend(40)
            total = numbers.add(machine, total, numbers.power(machine, item - mean, 2))
        variance = numbers.divide(machine, total, len(items) - sample)
        return square_root(machine, variance) if root else variance

    return run


COLLECTIONS = module(
    "collections",
    Counter=Kind("Counter", _counter, (Counter,)),
    defaultdict=Kind("defaultdict", _default_dict, (defaultdict,)),
    OrderedDict=Kind("OrderedDict", BUILTINS["dict"].call, (dict, OrderedDict)),
    deque=Kind(
        "deque", lambda machine, values=(), maxlen=None: deque(realise(machine, values), maxlen), (deque,)
    ),
)

ITERTOOLS = module(
    "itertools",
    **{
        function.__name__: _lazily(function)
        for function in (
            itertools.product,
            itertools.permutations,
            itertools.combinations,
            itertools.combinations_with_replacement,
            itertools.zip_longest,
        )
    },
    chain=_chain,
    accumulate=_accumulate,
    cycle=lambda machine, values: Lazy(itertools.cycle(realise(machine, values))),
    count=lambda machine, start=0, step=1: Lazy(itertools.count(real_number(start), real_number(step))),
    islice=lambda machine, values, *bounds: Lazy(itertools.islice(each(machine, values), *bounds)),
)

STATISTICS = module(
    "statistics",
    mean=_mean,
    fmean=_mean,
    median=_median,
    mode=lambda machine, values: _counter(machine, values).most_common(1)[0][0],
    stdev=_spread(sample=True, root=True),
    pstdev=_spread(sample=False, root=True),
    variance=_spread(sample=True, root=False),
    pvariance=_spread(sample=False, root=False),
)

FUNCTOOLS = module("functools", reduce=_reduce, lru_cache=_cached, cache=_cached, cmp_to_key=compare_key)
