"""Properties of systems: printing, order and names never change a value; no text makes trouble."""

import random
import string
from contextlib import suppress
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.solver.budget import Budget, NeedsSympy
from runtime.solver.equations import eot
from runtime.solver.expressions.printing import print_node, print_system
from runtime.solver.expressions.reading import read_system
from runtime.solver.expressions.tree import Equation, Name, Node, Number, Power, Product, Sum
from runtime.solver.sentences import cot
from runtime.values.outcome import STATUSES

# A busy machine is no failure; more examples are run by the fuzz target.
QUICK = settings(deadline=None, max_examples=60)
NAMES = ["clips", "may", "x", "N", "lambda_", "größe", "price_2", "E"]
numbers = st.one_of(
    st.integers(0, 10**6).map(Number),
    st.integers(1, 99_999).map(lambda cents: Number(_whole(Fraction(cents, 100)), 2)),
)


def _whole(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _inner(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    sums = st.lists(st.tuples(st.booleans(), parts), min_size=1, max_size=3)
    products = st.tuples(parts, st.lists(st.tuples(st.sampled_from("*/"), parts), min_size=1, max_size=2))
    powers = st.tuples(parts, st.integers(0, 3).map(Number))
    return st.one_of(
        sums.map(lambda terms: Sum(tuple(terms))),
        products.map(lambda pair: Product(pair[0], tuple(pair[1]))),
        powers.map(lambda pair: Power(*pair)),
    )


# Expressions over the names `0` to `4`, which a system replaces by names that it has.
EXPRESSIONS = st.recursive(st.one_of(numbers, st.integers(0, 4).map(str).map(Name)), _inner, max_leaves=5)


def over(node: Node, names: list[str]) -> Node:
    """The expression over these names, or over 7 when there are none."""
    if isinstance(node, Name):
        return Name(names[int(node.name) % len(names)]) if names else Number(7)
    if isinstance(node, Sum):
        return Sum(tuple((minus, over(term, names)) for minus, term in node.terms))
    if isinstance(node, Product):
        return Product(over(node.first, names), tuple((op, over(part, names)) for op, part in node.rest))
    return Power(over(node.base, names), node.exponent) if isinstance(node, Power) else node


def _assignments(names: list[str], nodes: list[Node]) -> list[Equation]:
    names = [*names, "ans"]
    return [
        Equation(Name(name), over(node, names[:index]), index + 1)
        for index, (name, node) in enumerate(zip(names, nodes, strict=False))
    ]


# Systems that substitution solves: every name is defined once, from earlier names.
SYSTEMS = st.tuples(
    st.lists(st.sampled_from(NAMES), unique=True, max_size=4), st.lists(EXPRESSIONS, min_size=5, max_size=5)
).map(lambda pair: _assignments(*pair))


@st.composite
def linear_systems(draw: st.DrawFn) -> tuple[str, dict[str, Fraction]]:
    """Equations with one solution, and the solution: an invertible mixture of `name = value`."""
    names = [*draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=2, max_size=4)), "ans"]
    solution = {name: Fraction(draw(st.integers(-50, 50)), draw(st.integers(1, 6))) for name in names}
    rows: list[dict[str, int]] = []
    for index, name in enumerate(names):
        row = {other: draw(st.integers(-4, 4)) for other in names[:index]}
        row[name] = draw(st.sampled_from([-3, -2, -1, 1, 2, 5]))
        rows.append(row)
    lines = []
    for row in rows:
        total = sum((factor * solution[name] for name, factor in row.items()), Fraction(0))
        terms = " + ".join(f"({factor}) * {name}" for name, factor in row.items())
        lines.append(f"{terms} = {total}" if draw(st.booleans()) else f"{total} - ({terms}) = 0")
    return "\n".join(draw(st.permutations(lines))), solution


def outcome_of(text: str) -> tuple[str, Fraction | None]:
    outcome = eot.solve_eot(text, None, Budget())
    return outcome.status, outcome.value


@QUICK
@given(SYSTEMS)
def test_printing_and_reading_again_gives_the_same_value(system: list[Equation]) -> None:
    text = print_system(system)
    again = print_system(read_system(text, "ans", Budget()))
    assert outcome_of(again) == outcome_of(text)


@QUICK
@given(EXPRESSIONS)
def test_printing_is_stable_after_one_round(node: Node) -> None:
    text = print_node(over(node, ["a", "b"]))
    once = print_node(read_system(f"ans = {text}", "ans", Budget())[0].right)
    twice = print_node(read_system(f"ans = {once}", "ans", Budget())[0].right)
    assert once == twice


@QUICK
@given(SYSTEMS, st.randoms(use_true_random=False))
def test_the_order_of_equations_does_not_count(system: list[Equation], order: random.Random) -> None:
    shuffled = order.sample(system, len(system))
    text, other = print_system(system), print_system(shuffled)
    assert outcome_of(other) == outcome_of(text)
    assert eot.canonical(other) == eot.canonical(text)


@QUICK
@given(SYSTEMS)
def test_names_do_not_count(system: list[Equation]) -> None:
    other = [Equation(_renamed(left), _renamed(right), line) for left, right, line in system]
    text, renamed = print_system(system), print_system(other)
    assert outcome_of(renamed) == outcome_of(text)
    assert eot.canonical(renamed) == eot.canonical(text)


def _renamed(node: Node) -> Node:
    if isinstance(node, Name):
        return node if node.name == "ans" else Name(f"q{NAMES.index(node.name)}")
    if isinstance(node, Sum):
        return Sum(tuple((minus, _renamed(term)) for minus, term in node.terms))
    if isinstance(node, Product):
        return Product(_renamed(node.first), tuple((op, _renamed(part)) for op, part in node.rest))
    return Power(_renamed(node.base), node.exponent) if isinstance(node, Power) else node


@QUICK
@given(SYSTEMS)
def test_values_agree_with_python(system: list[Equation]) -> None:
    status, value = outcome_of(print_system(system))
    try:
        expected = _python_value(system)
    except ZeroDivisionError:
        assert status == "no_solution"
    else:
        assert (status, value) == ("solved", expected) or status == "over_budget"


def _python_value(system: list[Equation]) -> Fraction:
    values: dict[str, Fraction] = {}
    for equation in system:
        assert isinstance(equation.left, Name)
        values[equation.left.name] = _value(equation.right, values)
    return values["ans"]


def _value(node: Node, values: dict[str, Fraction]) -> Fraction:
    if isinstance(node, Number):
        return Fraction(node.value)
    if isinstance(node, Name):
        return values[node.name]
    if isinstance(node, Sum):
        return sum((_value(term, values) * (-1 if minus else 1) for minus, term in node.terms), Fraction(0))
    if isinstance(node, Power):
        return _value(node.base, values) ** int(_value(node.exponent, values))
    assert isinstance(node, Product)
    total = _value(node.first, values)
    for operator, factor in node.rest:
        total = total * _value(factor, values) if operator == "*" else total / _value(factor, values)
    return total


@QUICK
@given(linear_systems())
def test_linear_systems_come_to_their_solution(drawn: tuple[str, dict[str, Fraction]]) -> None:
    text, solution = drawn
    for name, value in solution.items():
        outcome = eot.solve_eot(text, name, Budget())
        assert (outcome.status, outcome.value) == ("solved", value), outcome.reason


@QUICK
@given(linear_systems())
def test_a_contradicted_linear_system_has_no_solution(drawn: tuple[str, dict[str, Fraction]]) -> None:
    text, solution = drawn
    total = " + ".join(solution)
    false = sum(solution.values(), Fraction(0)) + 1
    assert eot.solve_eot(f"{text}\n{total} = {false}", None, Budget()).status == "no_solution"


THOUGHTLIKE = string.ascii_lowercase[:6] + string.digits + " \n\t=+-*/^%()[]{},.;:$#_'\"<>!½√×÷−≤٣²ßx"


@settings(deadline=None, max_examples=250)
@given(st.text(st.sampled_from(THOUGHTLIKE), max_size=80))
def test_any_text_comes_to_an_outcome(text: str) -> None:
    for solve in (eot.solve_eot, cot.solve_cot):
        try:
            outcome = solve(text, None, Budget())
        except NeedsSympy:
            continue
        assert outcome.status in STATUSES
        assert (outcome.value is None) == (outcome.status != "solved")
        assert outcome.reason.isprintable() and len(outcome.reason) < 400
    eot.canonical(text)
    eot.finished(text)
    cot.wrong_arithmetic("The answer is " + text)


@QUICK
@given(st.text(max_size=60))
def test_any_unicode_comes_to_an_outcome(text: str) -> None:
    for thought in (f"ans = {text}", text):
        with suppress(NeedsSympy):
            assert eot.solve_eot(thought, None, Budget()).status in STATUSES
        assert cot.solve_cot(f"The answer is {thought}", None, Budget()).status in STATUSES
