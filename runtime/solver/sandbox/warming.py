"""Bring sympy fully into memory: a locked worker can open no file, and sympy imports half of itself late."""

from collections.abc import Mapping

from runtime.solver.budget import Budget
from runtime.solver.sandbox.answering import Solve

# One system of each kind that reaches sympy.
_SYSTEMS = (
    "ans = sqrt(2)",
    "sqrt(x) = 3\nans = x",
    "abs(x - 3) = 2\nans = x",
    "x ^ 2 = 2\nans = x * x",
    "x ^ 3 = 2\nans = x + sqrt(5)",
    "x ^ 2 + x * y = 10\ny ^ 2 + x * y = 15\nans = x",
    "a * b = 6\nb * c = 12\na * c = 8\nans = a + b + c",
    "60 / x + 60 / y = 7\nx * y = 300\nx ^ 2 + y = 240\nans = x",
    "x ^ (1 / 2) + y = 5\nx * y = 12\nans = x",
    "2 ^ x = 8\nans = x",
    "2 ^ x = 7\nans = x",
)


def warm_sympy(solvers: Mapping[str, Solve]) -> None:
    """Solve one system of each kind; what comes out is of no interest."""
    import runtime.solver.equations.symbolic
    import runtime.solver.programs.library.sympy_systems  # noqa: F401 - both are imported late otherwise

    for system in _SYSTEMS:
        solvers["eot"](system, None, Budget(symbolic=True))
