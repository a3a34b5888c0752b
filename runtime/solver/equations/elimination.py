"""Elimination: exact linear systems over the rationals, once substitution has come to its end.

Each round brings the open equations to `polynomial = 0`, solves the linear ones by Gauss and Jordan, and puts what
they determine into the others, until a round brings nothing new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.solver.budget import Budget
from runtime.solver.equations.polynomial import (
    ONE,
    Expander,
    Monomial,
    Polynomial,
    UnknownArgument,
    added,
    degree,
    multiplied,
)
from runtime.solver.equations.substitution import settle
from runtime.solver.expressions.exact import NotExact, absolute, checked, divide
from runtime.solver.expressions.failure import Contradiction, Failure
from runtime.solver.expressions.printing import print_value
from runtime.solver.expressions.tree import Equation, Name, Rational, connected_names

# What one step over one coefficient may cost, in units of the meter (a tenth of a microsecond).
_COST = 15


@dataclass(slots=True)
class Open:
    """What elimination leaves: reduced linear rows with more than one unknown, and equations it cannot take."""

    rows: dict[str, Polynomial] = field(default_factory=dict)
    others: list[Equation] = field(default_factory=list)
    # Why each of `others` was not taken, where it is a function of an unknown.
    refusals: list[UnknownArgument] = field(default_factory=list)


def eliminate(equations: list[Equation], values: dict[str, Rational], meter: Budget) -> Open:
    """Put every value that the linear equations determine into `values`; returns what is left open.

    Raises Contradiction when they cannot all be true, Failure `no_solution` when a divisor turns out to be zero.
    """
    waiting = equations
    while True:
        known = len(values)
        rest = Open()
        divisors: list[tuple[Polynomial, int]] = []
        for equation in sorted(waiting, key=_defines_a_name):
            if not settle(equation, values, meter):
                _take(equation, values, rest, divisors, meter)
                _learn(rest.rows, values)
        _check_divisors(divisors, values, meter)
        open_rows = any(name not in values for name in rest.rows)
        if len(values) == known or not (rest.others or open_rows):
            return rest
        # What was learned late may close a row or turn one of the others linear: take all of them again.


def _defines_a_name(equation: Equation) -> bool:
    """Definitions come last: once the coupled equations are solved, substitution settles them."""
    return isinstance(equation.left, Name) or isinstance(equation.right, Name)


def _take(
    equation: Equation,
    values: dict[str, Rational],
    rest: Open,
    divisors: list[tuple[Polynomial, int]],
    meter: Budget,
) -> None:
    """Add one equation to the linear rows, or to the others."""
    try:
        polynomial = as_zero(equation, values, divisors, meter)
    except NotExact:
        rest.others.append(equation)
        return
    except UnknownArgument as failure:
        rest.others.append(equation)
        rest.refusals.append(failure)
        return
    except Failure as failure:
        raise failure.on_line(equation.line) from None
    if degree(polynomial) > 1:
        rest.others.append(equation)
        return
    _insert(polynomial, rest.rows, equation, meter)


def as_zero(
    equation: Equation, values: Mapping[str, Rational], divisors: list[tuple[Polynomial, int]], meter: Budget
) -> Polynomial:
    """The polynomial that is zero where both sides are equal; what it was multiplied out by joins `divisors`."""
    expander = Expander(values, meter)
    left, right = expander.expand(equation.left), expander.expand(equation.right)
    divisors += [(side.below, equation.line) for side in (left, right) if side.below is not ONE]
    above = multiplied(left.above, right.below, meter)
    return added(above, multiplied(right.above, left.below, meter), -1)


def _insert(polynomial: Polynomial, rows: dict[str, Polynomial], equation: Equation, meter: Budget) -> None:
    """Reduce one linear equation by the rows, then the rows by it. A row maps its pivot to what equals it."""
    for monomial in list(polynomial):
        if monomial and monomial[0] in rows:
            row = rows[monomial[0]]
            meter.spend(_COST * (len(row) + 1))
            polynomial = added(_without(polynomial, monomial), row, polynomial[monomial])
    unknowns = [monomial for monomial in polynomial if monomial]
    if not unknowns:
        if polynomial:
            raise Contradiction("no_solution", _contradiction(equation, polynomial[()]))
        return
    pivot = unknowns[0]
    scale = divide(-1, polynomial[pivot])
    row = {monomial: checked(value * scale) for monomial, value in polynomial.items() if monomial != pivot}
    for name, other in rows.items():
        if pivot in other:
            meter.spend(_COST * (len(row) + 1))
            rows[name] = added(_without(other, pivot), row, other[pivot])
    rows[pivot[0]] = row


def _without(polynomial: Polynomial, monomial: Monomial) -> Polynomial:
    return {other: value for other, value in polynomial.items() if other != monomial}


def _contradiction(equation: Equation, gap: Rational) -> str:
    return (
        f"line {equation.line}: together with the other equations it cannot be true "
        f"(its sides differ by {print_value(absolute(gap))})"
    )


def _learn(rows: dict[str, Polynomial], values: dict[str, Rational]) -> None:
    for name, row in rows.items():
        if not any(row.keys()):
            values[name] = row.get((), 0)


def _check_divisors(
    divisors: list[tuple[Polynomial, int]], values: dict[str, Rational], meter: Budget
) -> None:
    """Refuse a solution that makes a divisor zero: multiplying an equation out hid it."""
    for divisor, line in divisors:
        total: Rational = 0
        for monomial, coefficient in divisor.items():
            meter.spend(_COST)
            for name in monomial:
                if name not in values:
                    break
                coefficient = checked(coefficient * values[name])
            else:
                total = checked(total + coefficient)
                continue
            break
        else:
            if not total:
                raise Failure("no_solution", f"line {line}: there is a division by zero")


def connected(target: str, rest: Open) -> set[str]:
    """The unknowns that share an equation with the target, directly or through others."""
    groups = [{name, *(monomial[0] for monomial in row if monomial)} for name, row in rest.rows.items()]
    groups += [equation.names() for equation in rest.others]
    return connected_names(target, groups)
