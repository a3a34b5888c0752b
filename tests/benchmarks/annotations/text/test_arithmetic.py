"""Arithmetic is read as annotators write it, valued exactly and printed without needless brackets."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.annotations.text.arithmetic import (
    NoArithmetic,
    Number,
    Operation,
    Tree,
    evaluate,
    parse,
    show,
)

READ = [
    (".5*20", "0.5 * 20", Fraction(10)),
    ("1,200 - 200", "1200 - 200", Fraction(1000)),
    ("2*(3+4)", "2 * (3 + 4)", Fraction(14)),
    ("(2*3)+4", "2 * 3 + 4", Fraction(10)),
    ("10-(3-2)", "10 - (3 - 2)", Fraction(9)),
    ("60/(3/4)", "60 / (3 / 4)", Fraction(80)),
    ("20%*50", "20 / 100 * 50", Fraction(10)),
    ("$5 x 3", "5 * 3", Fraction(15)),
    ("3(10)", "3 * 10", Fraction(30)),
    ("7 – 2 × 3 ÷ 6", "7 - 2 * 3 / 6", Fraction(6)),
    ("-4+9", "-4 + 9", Fraction(5)),
]


@pytest.mark.parametrize(("text", "shown", "value"), READ)
def test_arithmetic_is_read_and_printed(text: str, shown: str, value: Fraction) -> None:
    tree = parse(text)
    assert show(tree) == shown
    assert evaluate(tree, {}) == value


@pytest.mark.parametrize("text", ["", "3 +", "(3", "3 4", "three", "3 = 3", "1" * 16, "()"])
def test_anything_else_is_no_arithmetic(text: str) -> None:
    with pytest.raises(NoArithmetic):
        parse(text)


numbers = st.decimals(0, 1000, places=2, allow_nan=False).map(lambda value: Number(Fraction(value)))
trees = st.recursive(
    numbers,
    lambda inner: st.builds(Operation, st.sampled_from(["+", "-", "*"]), inner, inner),
    max_leaves=8,
)


@given(trees)
def test_a_printed_tree_has_the_same_value(tree: Tree) -> None:
    assert evaluate(parse(show(tree)), {}) == evaluate(tree, {})
