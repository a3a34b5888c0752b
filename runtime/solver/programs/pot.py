"""Programs of thought (PoT, arXiv 2211.12588; PAL, arXiv 2211.10435): plain Python with its value in `ans`."""

import ast

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.limits import MAX_CHARACTERS
from runtime.solver.programs.canonical import canonical_program
from runtime.solver.programs.machine import BadSyntax
from runtime.solver.programs.parse import parse_program, program_text
from runtime.solver.programs.running import run_program
from runtime.values.outcome import Outcome

TAG = "Program:"
EXEMPLAR = "clips_april = 48\nclips_may = clips_april / 2\nans = clips_april + clips_may"


def solve_pot(text: str, target: str | None, meter: Budget) -> Outcome:
    """The value that a program leaves in `ans` (or `target`), returns from `solution()`, or prints.

    Raises OverBudget when the meter says so, NeedsSympy for systems of equations that only sympy can solve.
    """
    return run_program(text, target, meter)


def canonical(text: str) -> str | None:
    """A text that is equal for programs that differ only in names and order; None for what is no Python."""
    if len(text) > MAX_CHARACTERS:
        return None
    program = program_text(text)
    try:
        return canonical_program(parse_program(program), program)
    except (BadSyntax, Failure, OverBudget, ValueError, RecursionError, MemoryError):
        return None


def finished(text: str) -> bool:
    """Whether the complete lines of a growing program already hold its answer."""
    end = text.rfind("\n")
    if not 0 <= end < MAX_CHARACTERS:
        return False
    try:
        return is_complete(parse_program(program_text(text[:end])))
    except (BadSyntax, RecursionError, MemoryError):
        return False


def is_complete(tree: ast.Module) -> bool:
    """The last statement gives the answer, and every name bound before it is used.

    A bare constant is no answer yet (`ans = 0` before a loop), nor is one that leaves names unused.
    """
    if not tree.body:
        return False
    last = tree.body[-1]
    if isinstance(last, ast.Assign):
        named = (
            len(last.targets) == 1 and isinstance(last.targets[0], ast.Name) and last.targets[0].id == "ans"
        )
        return named and not isinstance(last.value, ast.Constant) and not _unused(tree)
    return _is_print(last) and not _unused(tree)


def _is_print(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _unused(tree: ast.Module) -> set[str]:
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return {node.id for node in names if not isinstance(node.ctx, ast.Load)} - read - {"ans"}
