"""sympy's `solve` and `subs` on our exact polynomials: elimination first, then the roots of one unknown at a time."""

from collections.abc import Iterator

from runtime.solver.budget import NeedsSympy
from runtime.solver.equations.polynomial import Polynomial, coefficients
from runtime.solver.expressions.numerals import whole
from runtime.solver.programs.library.numbers import NUMBERS
from runtime.solver.programs.library.roots import real_roots
from runtime.solver.programs.library.symbols import (
    Expression,
    Relation,
    allowed,
    combine,
    make_relation,
    parts,
    simplified,
    symbol,
)
from runtime.solver.programs.machine import Fault, Machine, Value, each
from runtime.solver.programs.operators import BINARY

Solution = dict[str, Value]
_MAX_EQUATIONS = 20


def as_zero(machine: Machine, equation: Value) -> Value:
    """The expression that an equation says is zero."""
    if type(equation) is Relation:
        return BINARY["Sub"](machine, equation.left, equation.right)
    if type(equation) is bool:
        return 0 if equation else 1
    parts(equation)
    return equation


def substitute(machine: Machine, value: Value, *change: Value) -> Value:
    """`value.subs(x, 3)` or `value.subs({x: 3})`."""
    if type(value) is Relation:
        left = substitute(machine, value.left, *change)
        return make_relation(machine, left, substitute(machine, value.right, *change))
    if len(change) == 1:
        pairs = change[0].items() if type(change[0]) is dict else each(machine, change[0])
        for old, new in pairs:
            value = substitute(machine, value, old, new)
        return value
    if len(change) != 2 or type(change[0]) is not Expression or len(change[0].names) != 1:
        raise TypeError("subs() needs a symbol and its value")
    return put_in(machine, value, min(change[0].names), change[1])


def put_in(machine: Machine, value: Value, name: str, new: Value) -> Value:
    """A value with a number or an expression in place of one symbol."""
    if type(value) is not Expression or name not in value.names:
        return value
    below = _put_in(machine, value.below, name, new)
    return _divided(machine, _put_in(machine, value.above, name, new), below)


def _divided(machine: Machine, above: Value, below: Value) -> Value:
    quotient = BINARY["Div"](machine, above, below)
    return whole(quotient) if type(quotient) in NUMBERS else quotient


def _put_in(machine: Machine, polynomial: Polynomial, name: str, new: Value) -> Value:
    total: Value = 0
    for monomial, coefficient in polynomial.items():
        rest = tuple(other for other in monomial if other != name)
        term: Value = simplified({rest: coefficient}, {(): 1})
        for _ in range(len(monomial) - len(rest)):
            term = BINARY["Mult"](machine, term, new)
        total = BINARY["Add"](machine, total, term)
    return total


def solve(machine: Machine, equations: Value, *unknowns: Value, **options: Value) -> Value:
    """`solve(equation or list, symbols..., dict=False)`; the result has the shape that sympy gives it.

    Only real solutions are given. Raises NeedsSympy where neither elimination nor one unknown at a time gets
    on.
    """
    many = type(equations) in (list, tuple, set)
    zeros = [as_zero(machine, equation) for equation in (each(machine, equations) if many else (equations,))]
    listed = any(type(unknown) in (list, tuple, set) for unknown in unknowns)
    names = list(dict.fromkeys(_names(machine, unknowns)))
    chosen = names or sorted(set().union(*(zero.names for zero in zeros if type(zero) is Expression)))
    if len(zeros) > _MAX_EQUATIONS or len(chosen) > _MAX_EQUATIONS:
        raise Fault("NotImplementedError", f"more than {_MAX_EQUATIONS} equations or unknowns")
    solutions = [
        found
        for found in _solutions(machine, zeros, chosen)
        if all(allowed(machine, name, value) for name, value in found.items())
    ]
    if options.get("dict") is True or (not names and len(chosen) > 1 and not many):
        return [_keyed(found) for found in solutions]
    if not many and not listed and len(chosen) == 1:
        return [found[chosen[0]] for found in solutions if chosen[0] in found]
    if all(_linear(zero, chosen) for zero in zeros):
        return _keyed(solutions[0]) if solutions else []
    return [tuple(found.get(name, symbol(name)) for name in chosen) for found in solutions]


def _names(machine: Machine, unknowns: Value) -> Iterator[str]:
    for unknown in unknowns:
        if type(unknown) in (list, tuple, set):
            yield from _names(machine, list(each(machine, unknown)))
        elif type(unknown) is Expression and len(unknown.names) == 1:
            yield from unknown.names
        else:
            raise TypeError("solve() needs symbols to solve for")


def _keyed(found: Solution) -> dict[Expression, Value]:
    return {symbol(name): value for name, value in found.items()}


def _linear(zero: Value, names: list[str]) -> bool:
    return type(zero) is not Expression or all(
        sum(name in names for name in monomial) <= 1 for monomial in zero.above
    )


def _solutions(machine: Machine, zeros: list[Value], names: list[str]) -> list[Solution]:
    """Every real solution; unknowns that nothing determines stay in the values of the others."""
    machine.spend(100)
    open_zeros = []
    for zero in zeros:
        if type(zero) is Expression:
            open_zeros.append(Expression(zero.above))
        elif zero != 0:
            return []
    if not any(set(names) & zero.names for zero in open_zeros):
        return [{}] if not open_zeros else []
    for constant_only in (True, False):
        for zero in open_zeros:
            for name in names:
                value = _isolated(machine, zero, name, names, constant_only)
                if value is not None:
                    return list(_carried_on(machine, zeros, zero, name, [value], names))
        for zero in open_zeros:
            unknown = zero.names
            if len(unknown) == 1 and unknown <= set(names) and constant_only:
                name = min(unknown)
                roots = [
                    root
                    for root in real_roots(machine, coefficients(zero.above))
                    if allowed(machine, name, root)
                ]
                return list(_carried_on(machine, zeros, zero, name, roots, names))
    if not machine.meter.symbolic:
        raise NeedsSympy
    from runtime.solver.programs.library.sympy_systems import solve_by_sympy

    return solve_by_sympy(machine, [zero.above for zero in open_zeros], names)


def _isolated(machine: Machine, zero: Expression, name: str, names: list[str], constant_only: bool) -> Value:
    """The value of a name that stands alone and to the first power in an equation, else None."""
    coefficient: Polynomial = {}
    rest: Polynomial = {}
    for monomial, value in zero.above.items():
        times = monomial.count(name)
        if times > 1:
            return None
        if times:
            coefficient[tuple(other for other in monomial if other != name)] = value
        else:
            rest[monomial] = value
    if not coefficient or (constant_only and any(coefficient.keys())):
        return None
    divisor = simplified(coefficient, {(): 1})
    above = simplified({monomial: -value for monomial, value in rest.items()}, {(): 1})
    return _divided(machine, above, divisor)


def _carried_on(
    machine: Machine, zeros: list[Value], used: Expression, name: str, values: list[Value], names: list[str]
) -> Iterator[Solution]:
    """Each value of one unknown put into the other equations, solved on, and put back together."""
    for value in values:
        others = []
        try:
            for zero in zeros:
                if type(zero) is not Expression or zero.above is not used.above:
                    others.append(put_in(machine, zero, name, value))
                elif len(used.names) == 1:
                    put_in(machine, zero, name, value)  # a divisor that becomes zero rules the value out
        except ZeroDivisionError:
            continue
        for found in _solutions(machine, others, [other for other in names if other != name]):
            own = value
            for other, theirs in found.items():
                own = put_in(machine, own, other, theirs)
            yield {name: own, **found}


def evaluated(machine: Machine, value: Value, *unused: Value) -> Value:
    """`simplify`, `expand`, `N`, `evalf` and `nsimplify`: our values are in their simplest form already."""
    if type(value) is Relation:
        return value
    return combine(machine, "Add", value, 0) if type(value) is Expression else value
