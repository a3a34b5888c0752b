"""Statements: the `a op b = c` in running text, and which of them are false.

Units, currency, percent signs and `x` for times are understood. Algebra (`3x + 5 = 20`) and anything unclear is left
alone: a statement counts as false only when both of its sides are plainly numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from runtime.solver.expressions.exact import absolute
from runtime.solver.expressions.printing import print_node
from runtime.solver.expressions.tree import Node, Number, Product, Rational, Sum
from runtime.solver.sentences.prose import Prose
from runtime.solver.sentences.runs import Run, runs


@dataclass(frozen=True, slots=True)
class Statement:
    """`left = right` as the text says it."""

    left: Run
    right: Run

    @property
    def true(self) -> bool:
        """Equal exactly, or as closely as the decimals on the right are rounded or cut off.

        Two habits of writers are well meant: `5 / 20 * 100 = 25%`, and going on behind the result
        (`3 * 300 = 900 + 200 = 1100`).
        """
        places = _decimals(self.right.node)
        unit = Fraction(1, 10**places) if places else Fraction(0)
        return any(
            left == right or absolute(left - right) < unit
            for left in _readings(self.left)
            for right in (*_readings(self.right), *_leading_number(self.right.node))
        )

    def __str__(self) -> str:
        return f"{print_node(self.left.node)} = {print_node(self.right.node)}"


def _readings(run: Run) -> tuple[Rational, ...]:
    return (run.value, run.value * 100) if run.percent else (run.value,)


def _decimals(node: Node) -> int:
    """The most decimals that a number of an expression is written with."""
    if isinstance(node, Number):
        return node.decimals
    if isinstance(node, Sum):
        return max(_decimals(term) for _, term in node.terms)
    if isinstance(node, Product):
        return max(_decimals(factor) for factor in (node.first, *(factor for _, factor in node.rest)))
    return 0


def _leading_number(node: Node) -> tuple[Rational, ...]:
    """The number that a sum or product opens with."""
    if isinstance(node, Sum):
        negative, first = node.terms[0]
        return () if negative else _leading_number(first)
    if isinstance(node, Product):
        return _leading_number(node.first)
    return (node.value,) if isinstance(node, Number) else ()


def statements(prose: Prose) -> Iterator[Statement]:
    """Every checkable statement of a text, in its order: its left side computes something.

    `3 hours = 3 * 60 minutes` and `x = 6 = 9 - 3` say something else than their numbers, and are left alone.
    """
    ends, starts = runs(prose)
    for index, token in enumerate(prose.tokens):
        if token != "=":
            continue
        left, right = ends.get(index), starts.get(index + 1)
        if left is None or right is None:
            continue
        if isinstance(left.node, Number):
            continue
        yield Statement(left, right)
