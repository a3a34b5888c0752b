"""Equations with one unknown, as solutions and formula fields write them: solved for it without being simplified.

`x + 4x + 10 = 340` becomes `(340 - 10) / (1 + 4)`: the numbers stay those of the text, so that a reader finds them in
the question. Only linear equations are read; the unknown is a single letter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from benchmarks.annotations.text.arithmetic import (
    Name,
    NoArithmetic,
    Number,
    Operation,
    Operator,
    Token,
    Tree,
    evaluate,
    leaves,
    parse_tokens,
)
from benchmarks.annotations.text.prose import without_units

ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Linear:
    """`coefficient * unknown + constant`; None is zero."""

    coefficient: Tree | None
    constant: Tree | None


@dataclass(frozen=True, slots=True)
class Equation:
    """A linear equation that was read: its unknown's letter and the value's tree."""

    letter: str
    solution: Tree


def equations(tokens: Sequence[Token]) -> Iterator[Equation]:
    """Every equation with one unknown between the words of a sentence that says more than `x = 5`."""
    marks = [at for at, token in enumerate(tokens) if token.kind == "="]
    for number, mark in enumerate(marks):
        first = marks[number - 1] + 1 if number else 0
        last = marks[number + 1] if number + 1 < len(marks) else len(tokens)
        found = _equation_around(tokens, first, mark, last)
        if found is not None:
            yield found


def _equation_around(tokens: Sequence[Token], first: int, mark: int, last: int) -> Equation | None:
    """The longest equation around an equals sign."""
    first, last = max(first, mark - LONGEST), min(last, mark + LONGEST)
    if not any(token.is_letter for token in tokens[first:last]):
        return None
    left = next(filter(None, (_read(tokens[start:mark]) for start in range(first, mark))), None)
    right = next(filter(None, (_read(tokens[mark + 1 : end]) for end in range(last, mark + 1, -1))), None)
    if left is None or right is None or not (_computes(left[0]) or _computes(right[0])):
        return None
    letters = left[1] | right[1]
    solution = _solve(left[0], right[0]) if len(letters) == 1 else None
    return None if solution is None else Equation(next(iter(letters)), solution)


def solve_equation(tokens: Sequence[Token]) -> Tree:
    """The unknown of one whole equation such as `X = (27.0 * 16.0)`; raises NoArithmetic when it is not linear."""
    marks = [at for at, token in enumerate(tokens) if token.kind == "="]
    if len(marks) != 1:
        raise NoArithmetic(f"{len(marks)} equals signs")
    left, right = _read(tokens[: marks[0]]), _read(tokens[marks[0] + 1 :])
    if left is None or right is None or len(left[1] | right[1]) != 1:
        raise NoArithmetic("not one unknown")
    solution = _solve(left[0], right[0])
    if solution is None:
        raise NoArithmetic("the unknown cancels out")
    return solution


def _computes(side: Linear) -> bool:
    return (
        (side.constant is not None and side.coefficient is not None)
        or isinstance(side.coefficient, Operation)
        or (isinstance(side.coefficient, Number) and side.coefficient != ONE)
    )


def _solve(left: Linear, right: Linear) -> Tree | None:
    """`(constants) / (coefficients)`, turned so that the divisor is positive."""
    if _value(left.coefficient) < _value(right.coefficient):
        left, right = right, left
    divisor = _minus(left.coefficient, right.coefficient)
    if _value(divisor) == 0:
        return None
    dividend = _minus(right.constant, left.constant) or ZERO
    return dividend if divisor == ONE or divisor is None else Operation("/", dividend, divisor)


def _value(tree: Tree | None) -> Fraction:
    return Fraction(0) if tree is None else evaluate(tree, {})


def _plus(left: Tree | None, right: Tree | None) -> Tree | None:
    if left is None or right is None:
        return left or right
    return Operation("+", left, right)


def _minus(left: Tree | None, right: Tree | None) -> Tree | None:
    if right is None:
        return left
    if isinstance(right, Operation) and right.operator == "-" and right.left == ZERO:
        return _plus(left, right.right)
    return Operation("-", left or ZERO, right)


def _times(left: Tree | None, right: Tree | None, operator: Operator) -> Tree | None:
    if left is None or right is None:
        return None
    if right == ONE or (left == ONE and operator == "*"):
        return left if right == ONE else right
    return Operation(operator, left, right)


def _read(tokens: Sequence[Token]) -> tuple[Linear, frozenset[str]] | None:
    """One side of an equation and its unknowns, or None when the tokens are none."""
    if not tokens:
        return None
    try:
        cleaned = without_units([*_marked_unknowns(tokens)])
        tree, used = parse_tokens(cleaned)
        if used != len(cleaned) or ("operator", "operator") in pairwise(token.kind for token in cleaned):
            return None
        side = _linear(tree)
        _value(side.coefficient), _value(side.constant)
    except (NoArithmetic, ZeroDivisionError):
        return None
    return side, frozenset(leaf.name for leaf in leaves(tree) if isinstance(leaf, Name))


def _marked_unknowns(tokens: Sequence[Token]) -> Iterator[Token]:
    """Single letters become unknowns; an `x` between two operands stays the sign it was read as."""
    for at, token in enumerate(tokens):
        between = False
        if token.text in ("x", "X") and 0 < at < len(tokens) - 1:
            before, after = tokens[at - 1], tokens[at + 1]
            spaced = token.start > before.end
            operands = before.kind in ("number", ")", "%", "word") and after.kind in ("number", "(")
            between = spaced and operands
        yield token._replace(kind="unknown") if token.is_letter and not between else token


def _linear(tree: Tree) -> Linear:
    """What a tree says of its unknown; raises NoArithmetic where it is not linear."""
    if isinstance(tree, Name):
        return Linear(ONE, None)
    if isinstance(tree, Number):
        return Linear(None, None if tree == ZERO else tree)  # the nothing before a sign
    left, right = _linear(tree.left), _linear(tree.right)
    if tree.operator in ("*", "/"):
        return _product_of(left, right, tree.operator)
    join = _plus if tree.operator == "+" else _minus
    return Linear(join(left.coefficient, right.coefficient), join(left.constant, right.constant))


def _product_of(left: Linear, right: Linear, sign: Operator) -> Linear:
    if right.coefficient is not None:
        if sign == "/" or left.coefficient is not None:
            raise NoArithmetic("not linear")
        left, right = right, left
    return Linear(_times(left.coefficient, right.constant, sign), _times(left.constant, right.constant, sign))
