"""What our own elimination cannot do, by sympy, in the worker that has it: polynomials in, numbers out."""

from fractions import Fraction
from typing import Any

from runtime.solver.equations.polynomial import Polynomial
from runtime.solver.equations.symbolic import import_late_parts, sympy_errors
from runtime.solver.programs.library.numbers import from_float
from runtime.solver.programs.library.symbols import whole
from runtime.solver.programs.machine import Fault, Machine, Value


def solve_by_sympy(machine: Machine, zeros: list[Polynomial], names: list[str]) -> list[dict[str, Value]]:
    """Every real solution of `polynomial = 0` for all; raises Fault where sympy knows no method."""
    import sympy

    import_late_parts()
    dummies = {name: sympy.Dummy(real=True) for name in names}
    try:
        found = sympy.solve([_build(zero, dummies) for zero in zeros], list(dummies.values()), dict=True)
    except sympy_errors():
        raise Fault("NotImplementedError", "no method for these equations") from None
    solutions = []
    for solution in found:
        values = {name: _number(machine, solution.get(dummy)) for name, dummy in dummies.items()}
        if None not in values.values():
            solutions.append(values)
    return solutions


def _build(polynomial: Polynomial, dummies: dict[str, Any]) -> Any:
    import sympy

    total = sympy.Integer(0)
    for monomial, coefficient in polynomial.items():
        term = sympy.Rational(coefficient.numerator, coefficient.denominator)
        for name in monomial:
            if name not in dummies:
                raise Fault("NotImplementedError", "an unknown that is not solved for")
            term *= dummies[name]
        total += term
    return total


def _number(machine: Machine, value: Any) -> Value:
    """A real number of sympy's as ours, rounded where it is irrational; None for anything else."""
    if value is None or value.free_symbols or value.is_real is False:
        return None
    if value.is_Rational:
        return whole(Fraction(int(value.p), int(value.q)))
    return from_float(machine, float(value.evalf(17)))
