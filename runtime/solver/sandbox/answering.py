"""One request becomes one reply: the only place where a thought's exceptions turn into statuses."""

from collections.abc import Callable, Mapping

from runtime.solver.budget import Budget, NeedsSympy, OverBudget
from runtime.solver.sandbox.frames import NEEDS_SYMPY, Reply, Request, status_code
from runtime.values.answers import MAX_DIGITS
from runtime.values.outcome import Outcome

Solve = Callable[[str, str | None, Budget], Outcome]
_LIMIT = 10**MAX_DIGITS


def answer(solvers: Mapping[str, Solve], request: Request, deadline: float, *, symbolic: bool) -> Reply:
    """Solve one request; after running out of memory the worker retires, because its heap is in pieces."""
    meter = Budget(request.fuel, deadline, symbolic=symbolic)
    try:
        outcome = solvers[request.thought](request.text, request.target, meter)
    except NeedsSympy:
        return _needs_sympy(symbolic)
    except OverBudget as verdict:
        return Reply(status_code("over_budget"), None, str(verdict))
    except RecursionError:
        return Reply(status_code("over_budget"), None, "nested too deeply")
    except MemoryError:
        return Reply(status_code("over_budget"), None, "out of memory", retiring=True)
    value = outcome.value
    if value is not None and not (-_LIMIT < value.numerator < _LIMIT and value.denominator < _LIMIT):
        return Reply(status_code("over_budget"), None, f"an answer of more than {MAX_DIGITS} digits")
    return Reply(status_code(outcome.status), value, outcome.reason)


def _needs_sympy(symbolic: bool) -> Reply:
    if symbolic:
        return Reply(status_code("no_solution"), None, "no method for this system")
    return Reply(NEEDS_SYMPY)
