"""Bring sympy fully into memory: a locked worker can open no file, and sympy imports half of itself late."""

from collections.abc import Mapping

from runtime.meter import Meter
from runtime.sandbox.answering import Solve

# One system of each kind that reaches sympy.
_SYSTEMS = (
    "x * x - 5 * x + 6 = 0\nans = x",
    "x * y = 12\nx + y = 7\nans = x * y",
    "sqrt(x) = 3\nans = x",
    "abs(x - 3) = 2\nans = x",
    "x ^ 3 = 27\nans = x",
    "x ^ 2 + y ^ 2 = 25\nx - y = 1\nans = x + y",
    "x ^ 2 = 2\nans = x",
    "x ^ 2 + x * y = 10\ny ^ 2 + x * y = 15\nans = x",
    "60 / x + 60 / (x + 5) = 7\nans = x",
    "2 ^ x = 8\nans = x",
)


def warm_sympy(solvers: Mapping[str, Solve]) -> None:
    """Solve one system of each kind; what comes out is of no interest."""
    import runtime.equations.symbolic
    import runtime.programs.sympy_systems  # noqa: F401 - both are imported late otherwise

    for system in _SYSTEMS:
        solvers["eot"](system, None, Meter(symbolic=True))
