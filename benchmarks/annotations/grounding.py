"""What a reader of the question finds in it: shares spelled by its percentages, and literals that it explains."""

from collections.abc import Iterable
from fractions import Fraction

from benchmarks.annotations.annotation import ParseFailure
from benchmarks.annotations.text.arithmetic import Number, Operation, Operator, Tree, replace_leaves
from benchmarks.annotations.text.numbers import QuestionNumbers


def grounded(tree: Tree, numbers: QuestionNumbers) -> Tree:
    """Spell shares by the question's percentages: `0.2` is `20 / 100`, `0.8` after "20% off" is `1 - 20 / 100`."""
    spelled = replace_leaves(tree, lambda _, leaf: _share(leaf, numbers)) if numbers.percents else tree
    return _tidy_products(spelled)


def _share(leaf: Tree, numbers: QuestionNumbers) -> Tree:
    if not isinstance(leaf, Number):
        return leaf
    value, hundred = leaf.value, Number(Fraction(100))
    if value * 100 in numbers.percents and value != 1:
        return Operation("/", Number(value * 100), hundred)
    if numbers.tells(value):
        return leaf
    shares: tuple[tuple[Operator, Fraction], ...] = (("-", (1 - value) * 100), ("+", (value - 1) * 100))
    for sign, percent in shares:
        if percent in numbers.percents:
            return Operation(sign, Number(Fraction(1)), Operation("/", Number(percent), hundred))
    if 100 - value in numbers.percents:
        return Operation("-", hundred, Number(100 - value))
    if value - 100 in numbers.percents:
        return Operation("+", hundred, Number(value - 100))
    return leaf


def unexplained(values: Iterable[Fraction], numbers: QuestionNumbers) -> ParseFailure | None:
    """The failure that names the literals which no reader of the question knows, if there are any."""
    bare = [value for value in values if not numbers.tells(value)]
    return ParseFailure("unexplained_number", ", ".join(map(str, bare))) if bare else None


def _tidy_products(tree: Tree) -> Tree:
    """`a * .01` is `a / 100`, and `a * (b / 100)` is `a * b / 100`."""
    if not isinstance(tree, Operation):
        return tree
    left, right = _tidy_products(tree.left), _tidy_products(tree.right)
    if tree.operator == "*":
        for one, other in ((right, left), (left, right)):
            if isinstance(one, Number) and one.value == Fraction(1, 100):
                return Operation("/", other, Number(Fraction(100)))
        if isinstance(right, Operation) and right.operator == "/":
            return Operation("/", _tidy_products(Operation("*", left, right.left)), right.right)
    return Operation(tree.operator, left, right)
