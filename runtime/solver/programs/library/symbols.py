"""sympy's Symbol, Eq and arithmetic on unknowns, as exact polynomials of our own; sympy itself is not involved."""

from fractions import Fraction

from runtime.solver.equations.polynomial import ONE, Polynomial, added, constant, multiplied
from runtime.solver.expressions.exact import NotExact
from runtime.solver.expressions.limits import MAX_DEGREE
from runtime.solver.expressions.numerals import whole
from runtime.solver.programs.library.numbers import NUMBERS
from runtime.solver.programs.machine import Machine, Refused, Value, each, type_name


class Expression:
    """A quotient of two polynomials over symbols; what becomes a number is given back as one."""

    __slots__ = ("above", "below")

    def __init__(self, above: Polynomial, below: Polynomial = ONE) -> None:
        self.above = above
        self.below = below

    def __eq__(self, other: object) -> bool:
        """Written alike, as sympy compares."""
        return isinstance(other, Expression) and (self.above, self.below) == (other.above, other.below)

    def __hash__(self) -> int:
        return hash(frozenset(self.above.items()))

    @property
    def shown(self) -> str:
        """The expression as a program prints it; only its names matter to anyone."""
        return "+".join("*".join(monomial) or "1" for monomial in self.above)

    @property
    def names(self) -> set[str]:
        """The symbols in it."""
        return {
            name for polynomial in (self.above, self.below) for monomial in polynomial for name in monomial
        }


class Relation:
    """`Eq(left, right)`: kept as the expression that must be zero."""

    __slots__ = ("left", "right")

    def __init__(self, left: Value, right: Value) -> None:
        self.left = left
        self.right = right


def symbol(name: str) -> Expression:
    """One symbol."""
    return Expression({(name,): 1})


def simplified(above: Polynomial, below: Polynomial) -> Value:
    """A number where no symbol is left, else an expression with a whole denominator divided out."""
    divisor = constant(below)
    if divisor is not None and divisor != 1:
        above = {monomial: whole(Fraction(value) / divisor) for monomial, value in above.items()}
        below = ONE
    if divisor is None and above == below:
        return 1
    value = constant(above)
    if value is not None and (divisor is not None or value == 0):
        return whole(value)
    return Expression(above, ONE if below == ONE else below)


def parts(value: Value) -> tuple[Polynomial, Polynomial]:
    """A number or an expression as numerator and denominator."""
    if type(value) is Expression:
        return value.above, value.below
    if type(value) in NUMBERS:
        return ({(): whole(value)} if value else {}), ONE
    raise TypeError(f"unsupported operand types: expression and {type_name(value)!r}")


def combine(machine: Machine, name: str, a: Value, b: Value) -> Value:
    """Arithmetic where one side holds symbols."""
    machine.spend(40)
    if name == "Pow":
        return _power(machine, a, b)
    above, below = parts(a)
    other_above, other_below = parts(b)
    meter = machine.meter
    try:
        if name in ("Add", "Sub"):
            sign = 1 if name == "Add" else -1
            top = added(multiplied(above, other_below, meter), multiplied(other_above, below, meter), sign)
            return simplified(top, multiplied(below, other_below, meter))
        if name == "Div":
            if not other_above:
                raise ZeroDivisionError("division by zero")
            other_above, other_below = other_below, other_above
        elif name != "Mult":
            raise Refused("// and % of an unknown")
        return simplified(multiplied(above, other_above, meter), multiplied(below, other_below, meter))
    except NotExact:
        raise Refused(f"unknowns to a power above {MAX_DEGREE}") from None


def _power(machine: Machine, base: Value, exponent: Value) -> Value:
    if type(exponent) not in NUMBERS or exponent.denominator != 1 or abs(exponent) > MAX_DEGREE:
        raise Refused("roots, powers above 8 and unknown powers of an unknown")
    result: Value = 1
    for _ in range(abs(int(exponent))):
        result = combine(machine, "Mult", result, base)
    return result if exponent >= 0 else combine(machine, "Div", 1, result)


def make_symbol(machine: Machine, name: Value, **assumptions: Value) -> Expression:
    """`Symbol("x", positive=True)`; assumptions filter the roots."""
    if type(name) is not str or not name.replace("_", "").isalnum() or len(name) > 60:
        raise ValueError("a symbol needs a name")
    for assumption, held in assumptions.items():
        if held is True and assumption in _ASSUMPTIONS:
            machine.assumptions.setdefault(name, set()).add(assumption)
    return symbol(name)


_ASSUMPTIONS = {
    "positive": lambda root: root > 0,
    "nonnegative": lambda root: root >= 0,
    "negative": lambda root: root < 0,
    "integer": lambda root: root.denominator == 1,
}


def allowed(machine: Machine, name: str, root: Value) -> bool:
    """Whether a root keeps what the program assumed about its symbol."""
    held = machine.assumptions.get(name, ())
    return type(root) not in NUMBERS or all(_ASSUMPTIONS[assumption](root) for assumption in held)


def make_symbols(machine: Machine, names: Value, **assumptions: Value) -> Value:
    """`symbols("x y")`: one symbol, or a tuple of several."""
    if type(names) is not str:
        names = " ".join(each(machine, names))
    machine.meter.check_items(len(names))
    made = [make_symbol(machine, name, **assumptions) for name in names.replace(",", " ").split()[:100]]
    return made[0] if len(made) == 1 and "," not in names else tuple(made)


def make_relation(machine: Machine, left: Value, right: Value = 0, **options: Value) -> Value:
    """`Eq(left, right)`: a truth value when no symbol is left."""
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return bool(left == right)
    parts(left), parts(right)
    return Relation(left, right)
