"""Solving: a text of equations and the name of its target to one exact value."""

from runtime.solver.budget import Budget, NeedsSympy
from runtime.solver.equations.branching import solve_by_roots
from runtime.solver.equations.choosing import Chosen
from runtime.solver.equations.elimination import Open, connected, eliminate
from runtime.solver.equations.polynomial import Polynomial
from runtime.solver.equations.reassignment import rename_assigned_again
from runtime.solver.equations.substitution import substitute
from runtime.solver.expressions.failure import Contradiction, Failure, quoted
from runtime.solver.expressions.limits import FEW_UNKNOWNS, MAX_UNKNOWNS
from runtime.solver.expressions.reading import read_system
from runtime.solver.expressions.tree import Equation, Name, Rational

# How many names a reason lists.
_LISTED = 4


def solve_text(text: str, target: str, meter: Budget) -> Chosen:
    """The value of `target` in a system of equations.

    Raises Failure with the status and reason; NeedsSympy when exact elimination cannot do it and `meter.symbolic`
    is false; OverBudget for absurd sizes.
    """
    equations = read_system(text, target, meter)
    try:
        return solve_equations(equations, target, meter)
    except Contradiction as contradiction:
        renamed = rename_assigned_again(equations, target, meter)
        if not renamed.changes:
            raise
        try:
            value, note = solve_equations(renamed.equations, renamed.target, meter)
        except Failure:
            raise contradiction from None
        again = ", ".join(f"{quoted(name)} on line {line}" for name, line in renamed.changes[:_LISTED])
        return Chosen(
            value, "; ".join(filter(None, (f"assigned again and read as a new value: {again}", note)))
        )


def as_meant(equations: list[Equation], target: str, meter: Budget) -> tuple[list[Equation], str]:
    """The system and target as solving reads them: with later assignments renamed where that is what it does."""
    defined = [equation.left for equation in equations if isinstance(equation.left, Name)]
    if len(set(defined)) == len(defined):
        return equations, target
    try:
        solve_equations(equations, target, meter)
    except Contradiction:
        renamed = rename_assigned_again(equations, target, meter)
        return renamed.equations, renamed.target
    except (Failure, NeedsSympy):
        pass
    return equations, target


def solve_equations(equations: list[Equation], target: str, meter: Budget) -> Chosen:
    """The value of `target` where the equations determine it; raises as `solve_text` does."""
    values: dict[str, Rational] = {}
    pending = substitute(equations, values, meter)
    if not pending:
        if target in values:
            return Chosen(values[target])
        raise _undetermined(equations, target, {target})
    rest = eliminate(pending, values, meter)
    if target in values:
        return Chosen(values[target])
    return _beyond_elimination(equations, rest, values, target, meter)


def _beyond_elimination(
    equations: list[Equation], rest: Open, values: dict[str, Rational], target: str, meter: Budget
) -> Chosen:
    """Solve the part of the system that the target depends on by roots in one unknown, or hand it to sympy."""
    near = connected(target, rest)
    others = [equation for equation in rest.others if near & equation.names()]
    if not others:
        raise _undetermined(equations, target, near - values.keys())
    if rest.refusals:
        raise rest.refusals[0].on_line(others[0].line)
    pending = [equation for equation in equations if not equation.names() <= values.keys()]
    found = solve_by_roots(pending, rest, values, target, meter)
    if found is None:
        rows = {name: row for name, row in rest.rows.items() if name in near and name not in values}
        found = _by_sympy(others, rows, values, target, near - values.keys(), meter)
    return found


def _by_sympy(
    others: list[Equation],
    rows: dict[str, Polynomial],
    values: dict[str, Rational],
    target: str,
    unknowns: set[str],
    meter: Budget,
) -> Chosen:
    """Ask sympy, unless it would search long and in vain."""
    counts = f"{len(unknowns)} unknowns in {len(others) + len(rows)} equations"
    if len(others) + len(rows) < len(unknowns) > FEW_UNKNOWNS:
        raise Failure("ambiguous", f"nothing determines {quoted(target)}: there are {counts}")
    if len(unknowns) > MAX_UNKNOWNS or len(others) + len(rows) > 2 * MAX_UNKNOWNS:
        raise Failure("over_budget", f"{counts} that are not linear; expected: up to {MAX_UNKNOWNS} unknowns")
    if not meter.symbolic:
        raise NeedsSympy
    from runtime.solver.equations.symbolic import solve_symbolically

    return solve_symbolically(others, rows, values, target)


def _undetermined(equations: list[Equation], target: str, open_names: set[str]) -> Failure:
    if not any(target in equation.names() for equation in equations):
        return Failure("ambiguous", f"no equation names {quoted(target)}, the value asked for")
    others = sorted(open_names - {target})
    if not others:
        return Failure("ambiguous", f"nothing determines {quoted(target)}")
    listed = ", ".join(map(quoted, others[:_LISTED])) + (" and others" if len(others) > _LISTED else "")
    return Failure("ambiguous", f"{quoted(target)} depends on {listed}, which nothing determines")
