"""Programs of thought (PoT, arXiv 2211.12588; PAL, arXiv 2211.10435): plain Python with its value in `ans`."""

from runtime.meter import Meter
from runtime.outcome import Outcome
from runtime.programs.running import run_program

TAG = "Program:"
EXEMPLAR = "clips_april = 48\nclips_may = clips_april / 2\nans = clips_april + clips_may"


def solve(text: str, target: str | None, meter: Meter) -> Outcome:
    """The value that a program leaves in `ans` (or `target`), returns from `solution()`, or prints.

    Raises OverBudget when the meter says so, NeedsSympy for systems of equations that only sympy can solve.
    """
    return run_program(text, target, meter)
