"""The modules that programs may import: tables of wrapped functions, never module objects."""

from fractions import Fraction

from runtime.solver.programs.library import dates
from runtime.solver.programs.library.builtins import BUILTINS
from runtime.solver.programs.library.libraries import COLLECTIONS, FUNCTOOLS, ITERTOOLS, STATISTICS
from runtime.solver.programs.library.mathematics import (
    FRACTION,
    MATH,
    PI,
    E,
    make_decimal,
    make_fraction,
    module,
)
from runtime.solver.programs.library.methods import KNOWN_NAMES as METHOD_NAMES
from runtime.solver.programs.library.symbols import (
    Expression,
    Relation,
    make_relation,
    make_symbol,
    make_symbols,
)
from runtime.solver.programs.library.systems import evaluated, solve
from runtime.solver.programs.machine import (
    Kind,
    Machine,
    Module,
    Native,
    Value,
)


def solve_it(machine: Machine, equations: Value, unknowns: Value) -> Value:
    """The PoT paper's helper: the first solution as a dict."""
    found = solve(machine, equations, unknowns, dict=True)
    names = unknowns if type(unknowns) in (list, tuple) else [unknowns]
    return found[0] if found else dict.fromkeys(names)


def _rational(machine: Machine, above: Value, below: Value = 1) -> Value:
    value = make_fraction(machine, above, below)
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
    **{name: MATH.members[name] for name in ("sqrt", "gcd", "lcm", "factorial", "log", "exp", "floor")},
    ceiling=MATH.members["ceil"].call,
)

_TYPING = ("List", "Dict", "Tuple", "Set", "Optional", "Union", "Any", "Callable", "Iterable")

MODULES: dict[str, Module] = {
    "math": MATH,
    "fractions": module("fractions", Fraction=FRACTION, gcd=MATH.members["gcd"]),
    "decimal": module("decimal", Decimal=Kind("Decimal", make_decimal, (Fraction,))),
    "datetime": dates.MODULE,
    "collections": COLLECTIONS,
    "itertools": ITERTOOLS,
    "functools": FUNCTOOLS,
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
