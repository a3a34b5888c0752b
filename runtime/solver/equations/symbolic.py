"""Symbolic: the systems that exact elimination cannot do, solved by sympy in the worker that has it.

Objects are built from validated trees; no text is parsed. Every name is an anonymous `Dummy`, so names like `N`, `S`,
`E`, `I` or `lambda` mean nothing special.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from runtime.solver.equations.choosing import Candidate, Chosen, choose
from runtime.solver.equations.polynomial import Polynomial
from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.limits import MAX_EXPONENT
from runtime.solver.expressions.numerals import whole
from runtime.solver.expressions.tree import Equation, Name, Node, Number, Power, Product, Rational, Sum

_LATE = (
    "sympy.assumptions", "sympy.assumptions.handlers", "sympy.calculus", "sympy.combinatorics", "sympy.concrete",
    "sympy.discrete", "sympy.functions.elementary", "sympy.functions.special", "sympy.logic.algorithms",
    "sympy.matrices", "sympy.ntheory", "sympy.polys", "sympy.polys.domains", "sympy.polys.numberfields",
    "sympy.series", "sympy.sets", "sympy.sets.handlers", "sympy.solvers",
)  # fmt: skip


@cache
def import_late_parts() -> None:
    """Import the modules that sympy would import while it solves: a locked worker can open no file."""
    for package in _LATE:
        for module in iter_modules(import_module(package).__path__, f"{package}."):
            if not module.ispkg:
                import_module(module.name)


@cache
def sympy_errors() -> tuple[type[Exception], ...]:
    """What sympy raises for systems it cannot do: beside NotImplementedError, whatever its inside stumbles over.

    ImportError: a part that comes so late that `import_late_parts` does not know it, and a locked worker may not open.
    """
    from sympy.polys.polyerrors import BasePolynomialError

    return (NotImplementedError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError,
            AssertionError, ImportError, BasePolynomialError)  # fmt: skip


def solve_symbolically(
    equations: list[Equation], rows: Mapping[str, Polynomial], values: Mapping[str, Rational], target: str
) -> Chosen:
    """The target's value from the open equations, the reduced linear rows (`name = polynomial`) and known values.

    Where several roots solve the system, `choose` says which. Raises Failure as it does, and `ambiguous` where nothing
    determines the target.
    """
    import sympy

    import_late_parts()
    builder = Builder(values)
    zeros = [builder.build(equation.left) - builder.build(equation.right) for equation in equations]
    for name, row in rows.items():
        zeros.append(builder.dummy(name) - builder.polynomial(row))
    wanted = builder.dummy(target)
    try:
        found = sympy.solve(zeros, list(builder.dummies.values()), dict=True)
        return _choose([solution for solution in found if isinstance(solution, dict)], wanted, target)
    except sympy_errors():
        raise Failure("no_solution", "these equations are of a kind that cannot be solved exactly") from None


class Builder:
    """Builds sympy objects from trees and polynomials, with a `Dummy` for each name that has no value."""

    def __init__(self, values: Mapping[str, Rational]) -> None:
        self.values = values
        self.dummies: dict[str, Any] = {}

    def dummy(self, name: str) -> Any:
        """The anonymous symbol of a name."""
        import sympy

        if name not in self.dummies:
            self.dummies[name] = sympy.Dummy(real=True)
        return self.dummies[name]

    def number(self, value: Rational) -> Any:
        """An exact sympy number."""
        import sympy

        return sympy.Rational(value.numerator, value.denominator)

    def polynomial(self, row: Polynomial) -> Any:
        """A polynomial as a sum."""
        total = self.number(0)
        for monomial, coefficient in row.items():
            term = self.number(coefficient)
            for name in monomial:
                term *= self.dummy(name)
            total += term
        return total

    def build(self, node: Node) -> Any:
        """The sympy expression of a tree."""
        import sympy

        if isinstance(node, Number):
            return self.number(node.value)
        if isinstance(node, Name):
            value = self.values.get(node.name)
            return self.dummy(node.name) if value is None else self.number(value)
        if isinstance(node, Sum):
            return sympy.Add(
                *(-self.build(term) if minus else self.build(term) for minus, term in node.terms)
            )
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Power):
            return self._power(node)
        arguments = [self.build(argument) for argument in node.arguments]
        if node.function in ("sqrt", "abs"):
            return sympy.sqrt(arguments[0]) if node.function == "sqrt" else sympy.Abs(arguments[0])
        raise Failure("refused", f"{node.function} of a value that is not rational")

    def _product(self, node: Product) -> Any:
        total = self.build(node.first)
        for operator, factor in node.rest:
            if operator not in ("*", "/"):
                raise Failure("refused", f"'{operator}' of a value that is not rational")
            built = self.build(factor)
            if operator == "/" and built == 0:
                raise Failure("no_solution", "there is a division by zero")
            total = total * built if operator == "*" else total / built
        return total

    def _power(self, node: Power) -> Any:
        base, exponent = self.build(node.base), self.build(node.exponent)
        if exponent.is_Rational and max(abs(exponent.p), exponent.q) > MAX_EXPONENT:
            raise Failure("over_budget", f"a power of an unknown above {MAX_EXPONENT}")
        return base**exponent


def _choose(solutions: list[dict[Any, Any]], wanted: Any, target: str) -> Chosen:
    """The one solution that makes sense; see `solve_symbolically`."""
    if not solutions:
        raise Failure("no_solution", "no common solution of the equations can be found exactly")
    candidates: list[Candidate] = []
    irrational = False
    for solution in solutions:
        if any(value.is_real is False for value in solution.values()):
            continue
        value = solution.get(wanted)
        if value is None or value.free_symbols:
            raise Failure("ambiguous", f"nothing determines {quoted(target)}")
        number = _rational(value)
        if number is None:
            irrational = True
        else:
            positive = all(bool(other.is_positive) for other in solution.values())
            candidates.append(Candidate(number, positive))
    return choose(candidates, irrational, target)


def _rational(value: Any) -> Rational | None:
    """An exact sympy number as a rational, simplified first where it is a combination of roots."""
    import sympy

    if not value.is_Rational:
        value = sympy.nsimplify(sympy.radsimp(sympy.expand(value)), rational=False)
    if not value.is_Rational:
        return None
    return whole(Fraction(int(value.p), int(value.q)))
