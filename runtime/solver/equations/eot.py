"""Equations of thought (EoTD, arXiv 2401.11864): a system of equations that names the value asked for."""

from fractions import Fraction

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.equations.canonical import canonical_form
from runtime.solver.equations.solving import as_meant, solve_text
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.reading import read_system
from runtime.solver.expressions.tree import Equation, connected_names
from runtime.values.outcome import Outcome

TAG = "Equations:"
EXEMPLAR = "clips_april = 48\nclips_may = clips_april / 2\nans = clips_april + clips_may"
DEFAULT_TARGET = "ans"


def solve_eot(text: str, target: str | None, meter: Budget) -> Outcome:
    """The value of `target` (default `ans`) in a system of equations.

    Raises NeedsSympy when exact elimination cannot do it and `meter.symbolic` is false.
    """
    try:
        value, note = solve_text(text, target_name(target), meter)
    except Failure as failure:
        return Outcome(failure.status, reason=failure.reason)
    except OverBudget as verdict:
        return Outcome("over_budget", reason=str(verdict))
    return Outcome("solved", Fraction(value), note)


def target_name(target: str | None) -> str:
    """The name under which a target stands in a system: words joined by `_`, `ans` when none is given."""
    return "_".join((target or DEFAULT_TARGET).split())


def canonical(text: str, target: str | None = None) -> str | None:
    """A text that is equal for systems that differ only in names and order; None for what is no system."""
    meter = Budget()
    name = target_name(target)
    try:
        return canonical_form(*as_meant(read_system(text, name, meter), name, meter), meter)
    except (Failure, OverBudget):
        return None


def finished(text: str, target: str | None = None) -> bool:
    """Whether the complete lines of a growing system already determine the target; no value is computed."""
    end = text.rfind("\n")
    if end < 0:
        return False
    name = target_name(target)
    try:
        return _determines(read_system(text[:end], name, Budget()), name)
    except (Failure, OverBudget):
        return False


def _determines(equations: list[Equation], target: str) -> bool:
    """Whether substitution, or as many equations as unknowns around the target, will reach it; judged by names alone."""
    pending = [equation.names() for equation in equations]
    known: set[str] = set()
    while True:
        for names in pending:
            unknown = names - known
            if len(unknown) == 1:
                known |= unknown
        if target in known:
            return True
        left_over = [unknown for names in pending if (unknown := names - known)]
        if len(left_over) == len(pending):
            near = connected_names(target, left_over)
            return sum(names <= near for names in left_over) >= len(near)
        pending = left_over
