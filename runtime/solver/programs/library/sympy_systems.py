"""What our own elimination cannot do, by sympy, in the worker that has it: polynomials in, numbers out."""

from fractions import Fraction
from typing import Any

from runtime.solver.equations.polynomial import Polynomial
from runtime.solver.equations.symbolic import Builder, import_late_parts, sympy_errors
from runtime.solver.expressions.numerals import whole
from runtime.solver.programs.library.numbers import from_float
from runtime.solver.programs.machine import Fault, Machine, Value


def solve_by_sympy(machine: Machine, zeros: list[Polynomial], names: list[str]) -> list[dict[str, Value]]:
    """Every real solution of `polynomial = 0` for all; raises Fault where sympy knows no method."""
    import sympy

    import_late_parts()
    builder = Builder({})
    dummies = {name: builder.dummy(name) for name in names}
    built = [builder.polynomial(zero) for zero in zeros]
    if len(builder.dummies) > len(names):
        raise Fault("NotImplementedError", "an unknown that is not solved for")
    try:
        found = sympy.solve(built, list(dummies.values()), dict=True)
    except sympy_errors():
        raise Fault("NotImplementedError", "no method for these equations") from None
    solutions = []
    for solution in found:
        values = {name: _number(machine, solution.get(dummy)) for name, dummy in dummies.items()}
        if None not in values.values():
            solutions.append(values)
    return solutions


def _number(machine: Machine, value: Any) -> Value:
    """A real number of sympy's as ours, rounded where it is irrational; None for anything else."""
    if value is None or value.free_symbols or value.is_real is False:
        return None
    if value.is_Rational:
        return whole(Fraction(int(value.p), int(value.q)))
    return from_float(machine, float(value.evalf(17)))
