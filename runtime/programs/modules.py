"""The modules that programs may import: tables of wrapped functions, never module objects."""

import itertools
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from runtime.programs import dates, numbers
from runtime.programs.builtins import BUILTINS, compare_key, read_number
from runtime.programs.machine import (
    Kind,
    Lazy,
    Machine,
    Module,
    Native,
    Value,
    caller,
    check_keys,
    each,
    invoke,
    realise,
    type_name,
)
from runtime.programs.methods import KNOWN_NAMES as METHOD_NAMES
from runtime.programs.numbers import NUMBERS, from_float, square_root, wide_function
from runtime.programs.operators import BINARY
from runtime.programs.symbols import Expression, Relation, make_relation, make_symbol, make_symbols
from runtime.programs.systems import evaluated, solve

Call = Callable[..., Value]
PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")
E = Fraction("2.71828182845904523536028747135266249775724709369995957496697")


def module(name: str, **members: Value) -> Module:
    """A module's table; plain functions become callable values."""
    shown = {key.removesuffix("_"): member for key, member in members.items()}
    return Module(
        name, {key: Native(key, value) if callable(value) else value for key, value in shown.items()}
    )


def _number(value: Value) -> numbers.Number:
    if type(value) not in NUMBERS:
        raise TypeError(f"must be real number, not {type_name(value)}")
    number: numbers.Number = value
    return number


def _host(name: str) -> Call:
    """A function of the host's floating point; exact arguments that give a whole result stay whole."""
    function: Callable[..., float] = getattr(math, name)

    def run(machine: Machine, *values: Value) -> Fraction:
        machine.spend(30)
        return from_float(machine, function(*(float(_number(value)) for value in values)))

    return run


def _integers(function: Callable[..., int]) -> Call:
    def run(machine: Machine, *values: Value) -> int:
        for value in values:
            if type(value) not in (int, bool):
                raise TypeError(f"{type_name(value)!r} object cannot be interpreted as an integer")
        machine.spend(20 + sum(value.bit_length() >> 3 for value in values))
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
        machine.meter.check_bits(total.bit_length() + numbers.bits_of(_number(value)))
        total = math.lcm(total, value)
    return total


def _floor(machine: Machine, value: Value) -> int:
    return math.floor(_number(value))


def _ceil(machine: Machine, value: Value) -> int:
    return math.ceil(_number(value))


def _trunc(machine: Machine, value: Value) -> int:
    return math.trunc(_number(value))


def _sqrt(machine: Machine, value: Value) -> Value:
    return square_root(machine, _number(value))


def _cbrt(machine: Machine, value: Value) -> Value:
    return numbers.power(machine, _number(value), Fraction(1, 3))


def _pow(machine: Machine, base: Value, exponent: Value) -> Fraction:
    return Fraction(numbers.power(machine, _number(base), Fraction(_number(exponent))))


def _hypot(machine: Machine, *values: Value) -> Fraction:
    total: Value = 0
    for value in values:
        total = numbers.add(machine, total, numbers.power(machine, _number(value), 2))
    return square_root(machine, total)


def _log(machine: Machine, value: Value, base: Value = None) -> Fraction:
    if _number(value) <= 0:
        raise ValueError("math domain error")
    if base in (10, 2) and (whole := _whole_log(value, base)) is not None:
        return Fraction(whole)
    above = wide_function(machine, "ln", value) if value != 1 else Fraction(0)
    return (
        above if base is None else numbers.divide(machine, above, wide_function(machine, "ln", _number(base)))
    )


def _whole_log(value: Value, base: int) -> int | None:
    if Fraction(value).denominator != 1:
        return None
    power = round(math.log(int(value), base))
    return power if base**power == value else None


def _exp(machine: Machine, value: Value) -> Fraction:
    if not -2_000 < _number(value) < 2_000:
        raise OverflowError("math range error")
    return Fraction(1) if value == 0 else wide_function(machine, "exp", value)


def _fabs(machine: Machine, value: Value) -> Fraction:
    return abs(Fraction(_number(value)))


def _isclose(
    machine: Machine, a: Value, b: Value, *, rel_tol: Value = Fraction(1, 10**9), abs_tol: Value = 0
) -> bool:
    first, second = Fraction(_number(a)), Fraction(_number(b))
    largest = max(abs(first), abs(second))
    return abs(first - second) <= max(Fraction(rel_tol) * largest, Fraction(abs_tol))


def _modf(machine: Machine, value: Value) -> tuple[Fraction, Fraction]:
    whole = math.trunc(_number(value))
    return Fraction(value - whole), Fraction(whole)


def _fmod(machine: Machine, a: Value, b: Value) -> Fraction:
    rest = numbers.modulo(machine, abs(Fraction(_number(a))), abs(Fraction(_number(b))))
    return Fraction(rest if a >= 0 else -rest)


def _fsum(machine: Machine, values: Value) -> Value:
    return Fraction(invoke(machine, BUILTINS["sum"], [values], {}))


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
    sqrt=_sqrt,
    cbrt=_cbrt,
    pow=_pow,
    hypot=_hypot,
    log=_log,
    log2=lambda machine, value: _log(machine, value, 2),
    log10=lambda machine, value: _log(machine, value, 10),
    exp=_exp,
    floor=_floor,
    ceil=_ceil,
    trunc=_trunc,
    fabs=_fabs,
    fmod=_fmod,
    modf=_modf,
    fsum=_fsum,
    prod=_prod,
    isclose=_isclose,
    factorial=_factorial,
    comb=_choices(math.comb),
    perm=_choices(math.perm),
    gcd=_integers(math.gcd),
    isqrt=_integers(math.isqrt),
    lcm=_lcm,
    isnan=lambda machine, value: False,
    isinf=lambda machine, value: abs(Fraction(_number(value))) >= numbers.INFINITY,
    **{name: _host(name) for name in _HOSTED},
)


def _fraction(machine: Machine, above: Value = 0, below: Value = 1) -> Fraction:
    if type(above) is str:
        first, bar, second = above.partition("/")
        value = Fraction(read_number(machine, first))
        return numbers.divide(machine, value, read_number(machine, second)) if bar else value
    return numbers.divide(machine, _number(above), _number(below))


def _decimal(machine: Machine, value: Value = 0) -> Fraction:
    return Fraction(read_number(machine, value)) if type(value) is str else Fraction(_number(value))


FRACTION = Kind("Fraction", _fraction, (Fraction,))


def _counter(machine: Machine, values: Value = (), **named: Value) -> Counter[Value]:
    counter: Counter[Value] = Counter(named)
    for value in each(machine, values):
        check_keys(machine, len(counter), (value,))
        counter[value] += values[value] if isinstance(values, dict) else 1
    return counter


def _default_dict(machine: Machine, factory: Value = None, values: Value = ()) -> defaultdict[Value, Value]:
    make = None if factory is None else caller(machine, factory)
    return defaultdict(make, BUILTINS["dict"].call(machine, values))


def _ordered(machine: Machine, values: Value = (), **named: Value) -> dict[Value, Value]:
    ordered: dict[Value, Value] = BUILTINS["dict"].call(machine, values, **named)
    return ordered


def _queue(machine: Machine, values: Value = ()) -> deque[Value]:
    return deque(realise(machine, values))


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


def _cycle(machine: Machine, values: Value) -> Lazy:
    return Lazy(itertools.cycle(realise(machine, values)))


def _count(machine: Machine, start: Value = 0, step: Value = 1) -> Lazy:
    return Lazy(itertools.count(_number(start), _number(step)))


def _slice(machine: Machine, values: Value, *bounds: Value) -> Lazy:
    return Lazy(itertools.islice(each(machine, values), *bounds))


def _chain(machine: Machine, *values: Value) -> Lazy:
    return Lazy(itertools.chain.from_iterable(each(machine, value) for value in values))


def _reduce(machine: Machine, function: Value, values: Value, *start: Value) -> Value:
    items = each(machine, values)
    total = start[0] if start else next(items)
    for item in items:
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


def _mode(machine: Machine, values: Value) -> Value:
    return _counter(machine, values).most_common(1)[0][0]


def _spread(*, sample: bool, root: bool) -> Call:
    def run(machine: Machine, values: Value) -> Value:
        items = realise(machine, values)
        mean = _mean(machine, items)
        total: Value = 0
        for item in items:
            total = numbers.add(machine, total, numbers.power(machine, item - mean, 2))
        variance = numbers.divide(machine, total, len(items) - sample)
        return square_root(machine, variance) if root else variance

    return run


def solve_it(machine: Machine, equations: Value, unknowns: Value) -> Value:
    """The PoT paper's helper: the first solution as a dict."""
    found = solve(machine, equations, unknowns, dict=True)
    names = unknowns if type(unknowns) in (list, tuple) else [unknowns]
    return found[0] if found else dict.fromkeys(names)


def _rational(machine: Machine, above: Value, below: Value = 1) -> Value:
    value = _fraction(machine, above, below)
    return value.numerator if value.denominator == 1 else value


SYMPY = module(
    "sympy",
    symbols=make_symbols,
    var=make_symbols,
    Symbol=Kind("Symbol", make_symbol, (Expression,)),
    Eq=Kind("Eq", make_relation, (Relation,)),
    Rational=_rational,
    Integer=BUILTINS["int"],
    Float=BUILTINS["float"],
    pi=PI,
    E=E,
    Abs=BUILTINS["abs"],
    Max=BUILTINS["max"],
    Min=BUILTINS["min"],
    solve=solve,
    nsolve=lambda machine, equation, unknown, *guess: solve(machine, equation, unknown)[0],
    **dict.fromkeys(("simplify", "expand", "N", "nsimplify", "factor", "sympify", "S"), evaluated),
    **{name: MATH.members[name] for name in ("sqrt", "gcd", "lcm", "factorial", "log", "exp")},
    ceiling=_ceil,
    floor=_floor,
)
COLLECTIONS = module(
    "collections",
    Counter=Kind("Counter", _counter, (Counter,)),
    defaultdict=Kind("defaultdict", _default_dict, (defaultdict,)),
    OrderedDict=Kind("OrderedDict", _ordered, (dict, OrderedDict)),
    deque=Kind("deque", _queue, (deque,)),
)
ITERTOOLS = module(
    "itertools",
    **{name: _lazily(getattr(itertools, name)) for name in ("product", "permutations", "combinations")},
    combinations_with_replacement=_lazily(itertools.combinations_with_replacement),
    chain=_chain,
    accumulate=_accumulate,
    cycle=_cycle,
    count=_count,
    islice=_slice,
    zip_longest=_lazily(itertools.zip_longest),
)
STATISTICS = module(
    "statistics",
    mean=_mean,
    fmean=_mean,
    median=_median,
    mode=_mode,
    stdev=_spread(sample=True, root=True),
    pstdev=_spread(sample=False, root=True),
    variance=_spread(sample=True, root=False),
    pvariance=_spread(sample=False, root=False),
)
_TYPING = ("List", "Dict", "Tuple", "Set", "Optional", "Union", "Any", "Callable", "Iterable")
MODULES: dict[str, Module] = {
    "math": MATH,
    "fractions": module("fractions", Fraction=FRACTION, gcd=MATH.members["gcd"]),
    "decimal": module("decimal", Decimal=Kind("Decimal", _decimal, (Fraction,))),
    "datetime": dates.MODULE,
    "collections": COLLECTIONS,
    "itertools": ITERTOOLS,
    "functools": module(
        "functools", reduce=_reduce, lru_cache=_cached, cache=_cached, cmp_to_key=compare_key
    ),
    "statistics": STATISTICS,
    "sympy": SYMPY,
    "typing": module("typing", **dict.fromkeys(_TYPING)),
}
_KINDS = [
    value
    for table in (BUILTINS, *(known.members for known in MODULES.values()))
    for value in table.values()
    if isinstance(value, Kind)
]
# Every name that may stand after a dot, whatever stands before it.
ATTRIBUTES = METHOD_NAMES.union(
    *(known.members for known in MODULES.values()), *(kind.members for kind in _KINDS)
)
# What published prompts of programs of thought assume to be imported already.
PREPARED: dict[str, Value] = {
    **MODULES,
    "sp": SYMPY,
    "Fraction": FRACTION,
    "Counter": COLLECTIONS.members["Counter"],
    "timedelta": dates.TIMEDELTA,
    "solve_it": Native("solve_it", solve_it),
    **{name: SYMPY.members[name] for name in ("Symbol", "symbols", "Eq", "solve", "simplify")},
}
del PREPARED["typing"]
