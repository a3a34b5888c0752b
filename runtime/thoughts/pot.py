"""Programs of thought (PoT, arXiv 2211.12588; PAL, arXiv 2211.10435): plain Python with its value in `ans`."""

from runtime.equations.failure import Failure
from runtime.equations.limits import MAX_CHARACTERS
from runtime.meter import Meter, OverBudget
from runtime.outcome import Outcome
from runtime.programs.canonical import canonical_program
from runtime.programs.completeness import is_complete
from runtime.programs.machine import BadSyntax
from runtime.programs.parse import parse_program, program_text
from runtime.programs.running import run_program

TAG = "Program:"
EXEMPLAR = "clips_april = 48\nclips_may = clips_april / 2\nans = clips_april + clips_may"


def solve(text: str, target: str | None, meter: Meter) -> Outcome:
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
