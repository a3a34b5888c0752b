"""Polynomials over the unknowns, for bringing an equation to `polynomial = 0`.

A polynomial maps monomials (names in order, repeated for powers; `()` is the constant) to coefficients, none of them
zero. An expression is a numerator over a denominator, because models divide by unknowns (`240 / speed = 4`).
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.expressions.exact import NotExact, call, checked, divide, evaluate, power
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.limits import MAX_DEGREE, MAX_EXPONENT, MAX_TERMS
from runtime.solver.expressions.tree import Call, Name, Node, Number, Power, Product, Rational, Sum, names_in

Monomial: TypeAlias = tuple[str, ...]
Polynomial: TypeAlias = dict[Monomial, Rational]
ONE: Polynomial = {(): 1}
# What one product of two terms may cost, in units of the meter (a tenth of a microsecond).
_COST = 20
# Functions of an unknown that sympy can take apart; the others need their arguments known.
_ALGEBRAIC = frozenset(("sqrt", "abs"))


class Fractional(NamedTuple):
    """A numerator over a denominator."""

    above: Polynomial
    below: Polynomial


def degree(polynomial: Polynomial) -> int:
    """The greatest degree of a term; 0 for constants."""
    return max(map(len, polynomial), default=0)


def constant(polynomial: Polynomial) -> Rational | None:
    """The value of a polynomial without unknowns, else None."""
    if not polynomial:
        return 0
    return polynomial[()] if len(polynomial) == 1 and () in polynomial else None


def coefficients(polynomial: Polynomial) -> list[Rational]:
    """The coefficients of a polynomial in one unknown, from the constant upwards."""
    found: list[Rational] = [0] * (degree(polynomial) + 1)
    for monomial, value in polynomial.items():
        found[len(monomial)] = value
    return found


def added(left: Polynomial, right: Polynomial, factor: Rational = 1) -> Polynomial:
    """left + factor * right."""
    result = dict(left)
    for monomial, coefficient in right.items():
        value = checked(result.get(monomial, 0) + factor * coefficient)
        if value:
            result[monomial] = value
        else:
            result.pop(monomial, None)
    return result


def multiplied(left: Polynomial, right: Polynomial, meter: Budget) -> Polynomial:
    """left * right; raises OverBudget above 200 terms, NotExact above degree 8 (64 in a single unknown)."""
    if left is ONE or right is ONE:
        return left if right is ONE else right
    if len(left) * len(right) > MAX_TERMS * MAX_TERMS // 4:
        raise OverBudget(f"an equation of more than {MAX_TERMS} terms")
    meter.spend(_COST * len(left) * len(right))
    result: Polynomial = {}
    for one, first in left.items():
        for other, second in right.items():
            monomial = tuple(sorted(one + other)) if one and other else one or other
            value = checked(result.get(monomial, 0) + first * second)
            if value:
                result[monomial] = value
            else:
                result.pop(monomial, None)
    if len(result) > MAX_TERMS:
        raise OverBudget(f"an equation of more than {MAX_TERMS} terms")
    if degree(result) > MAX_DEGREE and (degree(result) > MAX_EXPONENT or not _in_one_unknown(result)):
        raise NotExact
    return result


def _in_one_unknown(polynomial: Polynomial) -> bool:
    return len({name for monomial in polynomial for name in monomial}) == 1


class Expander:
    """Turns expressions into polynomials, with the known values put in.

    `expand` raises NotExact where only sympy may help (roots and powers of unknowns), Failure `refused` for functions
    of unknowns that nothing can solve (`round`, `min`, `//`), Failure `no_solution` for a division by zero.
    """

    __slots__ = ("meter", "values")

    def __init__(self, values: Mapping[str, Rational], meter: Budget) -> None:
        self.values = values
        self.meter = meter

    def expand(self, node: Node) -> Fractional:
        """The expression as a numerator over a denominator."""
        if isinstance(node, Number):
            return _known(node.value)
        if isinstance(node, Name):
            value = self.values.get(node.name)
            return Fractional({(node.name,): 1}, ONE) if value is None else _known(value)
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Power):
            return self._power(node)
        return self._call(node)

    def _sum(self, node: Sum) -> Fractional:
        total = Fractional({}, ONE)
        for negative, term in node.terms:
            above, below = self.expand(term)
            sign = -1 if negative else 1
            if below is ONE and total.below is ONE:
                total = Fractional(added(total.above, above, sign), ONE)
                continue
            scaled = multiplied(total.above, below, self.meter)
            above = multiplied(above, total.below, self.meter)
            total = Fractional(added(scaled, above, sign), multiplied(total.below, below, self.meter))
        return total

    def _product(self, node: Product) -> Fractional:
        total = self.expand(node.first)
        for operator, factor in node.rest:
            other = self.expand(factor)
            if operator == "*":
                total = self._multiplied(total, other)
            elif operator == "/":
                total = self._quotient(total, other)
            else:
                raise _unknown_in("'//'" if operator == "//" else "'mod'", node)
        return total

    def _multiplied(self, left: Fractional, right: Fractional) -> Fractional:
        above = multiplied(left.above, right.above, self.meter)
        return Fractional(above, multiplied(left.below, right.below, self.meter))

    def _quotient(self, left: Fractional, right: Fractional) -> Fractional:
        if not right.above:
            raise Failure("no_solution", "there is a division by zero")
        divisor = constant(right.above)
        if divisor is not None:
            inverse: Polynomial = {(): divide(1, divisor)}
            return Fractional(
                multiplied(multiplied(left.above, inverse, self.meter), right.below, self.meter), left.below
            )
        return self._multiplied(left, Fractional(right.below, right.above))

    def _power(self, node: Power) -> Fractional:
        try:
            exponent = evaluate(node.exponent, self.values)
        except KeyError:
            raise NotExact from None
        base = self.expand(node.base)
        if base.below is ONE and (value := constant(base.above)) is not None:
            return _known(power(value, exponent))
        if not isinstance(exponent, int):
            raise NotExact
        if abs(exponent) > MAX_EXPONENT:
            raise Failure("over_budget", f"a power of an unknown above {MAX_EXPONENT}")
        result = Fractional(ONE, ONE)
        for _ in range(abs(exponent)):
            result = self._multiplied(result, base)
        return result if exponent >= 0 else self._quotient(Fractional(ONE, ONE), result)

    def _call(self, node: Call) -> Fractional:
        try:
            return _known(call(node, [evaluate(argument, self.values) for argument in node.arguments]))
        except KeyError:
            if node.function in _ALGEBRAIC:
                raise NotExact from None
            raise _unknown_in(node.function, node) from None


def _known(value: Rational) -> Fractional:
    return Fractional({(): value} if value else {}, ONE)


class UnknownArgument(Failure):
    """A function that needs known arguments stands over an unknown; later equations may still give its value."""


def _unknown_in(what: str, node: Node) -> UnknownArgument:
    name = min(names_in(node), default="?")
    return UnknownArgument("refused", f"{what} needs known values, but {name[:40]!r} may still be unknown")
