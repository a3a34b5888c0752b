"""Substitution: what follows from known values alone, read forwards and as often as that brings something new."""

from fractions import Fraction

from runtime.solver.budget import Budget
from runtime.solver.expressions.exact import NotExact, absolute, evaluate
from runtime.solver.expressions.failure import Contradiction, Failure, quoted
from runtime.solver.expressions.printing import print_node, print_value
from runtime.solver.expressions.tree import Equation, Name, Node, Number, Rational

# What one attempt at an equation may cost, in units of the meter (a tenth of a microsecond).
_COST = 40


def substitute(equations: list[Equation], values: dict[str, Rational], meter: Budget) -> list[Equation]:
    """Put every value that substitution reaches into `values`; returns the equations that still hold unknowns.

    Raises Contradiction for an equation between known values that is false, Failure for a division by zero.
    """
    pending = equations
    while True:
        left_over = [equation for equation in pending if not settle(equation, values, meter)]
        if not left_over or len(left_over) == len(pending):
            return left_over
        pending = left_over


def settle(equation: Equation, values: dict[str, Rational], meter: Budget) -> bool:
    """Learn from one equation, or check it; false when it needs more than known values."""
    meter.spend(_COST)
    left, right, line = equation
    try:
        if isinstance(left, Name) and left.name not in values:
            values[left.name] = evaluate(right, values)
        elif isinstance(right, Name) and right.name not in values:
            values[right.name] = evaluate(left, values)
        else:
            _check(equation, evaluate(left, values), evaluate(right, values))
    except (KeyError, NotExact):
        return False
    except Failure as failure:
        raise failure.on_line(line) from None
    return True


def _check(equation: Equation, left: Rational, right: Rational) -> None:
    if (
        left != right
        and not _rounded(equation.left, left, right)
        and not _rounded(equation.right, right, left)
    ):
        raise Contradiction("no_solution", _contradiction(equation, left, right))


def _rounded(node: Node, printed: Rational, value: Rational) -> bool:
    """Whether `printed` is a written decimal that `value` rounds to, as in `share = 10 / 3 = 3.33`."""
    if not isinstance(node, Number) or not node.decimals:
        return False
    return absolute(printed - value) <= Fraction(1, 2 * 10**node.decimals)


def _contradiction(equation: Equation, left: Rational, right: Rational) -> str:
    sides = f"{quoted(print_node(equation.left))} and {quoted(print_node(equation.right))} are not equal"
    if isinstance(equation.left, Number) and isinstance(equation.right, Number):
        return sides
    return f"{sides}: {print_value(left)} and {print_value(right)}"
