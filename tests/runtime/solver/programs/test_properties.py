"""Properties of programs: they come to what a plain walk over their tree comes to, however they are written down."""

import ast
import operator
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.equations import eot
from runtime.solver.programs import pot

# A busy machine is no failure; more programs are run by the fuzz target.
QUICK = settings(deadline=None, max_examples=120)
NAMES = ("n0", "n1", "n2", "n3")
OTHER_NAMES = ("apples", "N", "größe", "lambda_2")
Values = dict[str, Fraction]


@dataclass(frozen=True)
class Piece:
    """An expression or a block: its text, what it means (on exact values, by this file alone), the names it reads."""

    text: str
    meaning: Callable[[Values], Fraction]
    reads: frozenset[str] = frozenset()


def constant(text: str) -> Piece:
    return Piece(text, lambda values: Fraction(text))


def name(which: str) -> Piece:
    return Piece(which, lambda values: values[which], frozenset({which}))


BINARY: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": lambda a, b: Fraction(a // b),
    "%": operator.mod,
}
COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
}
CALLS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "min({}, {})": min,
    "max({}, {})": max,
    "abs({} - {})": lambda a, b: abs(a - b),
    "round({} + {}, 1)": lambda a, b: Fraction(round((a + b) * 10), 10),
    "sum([{}, {}, 1])": lambda a, b: a + b + 1,
    "sorted([{}, {}])[0]": min,
    "int({} * 0 + {})": lambda a, b: Fraction(int(b)),
    "[{}, {}][-1]": lambda a, b: b,
    "(lambda p, q=2: p * q)({}, {})": operator.mul,
    "{{'k': {}, 'm': {}}}['m']": lambda a, b: b,
    "len(str(int({0} * 0)) + 'ab') + {1}": lambda a, b: 3 + b,
    "float('{{:.2f}}'.format({} * 0 + 2)) + {}": lambda a, b: 2 + b,
    "float('%.1f' % ({} * 0 + 2.5)) + {}": lambda a, b: Fraction(5, 2) + b,
}


def binary(sign: str, left: Piece, right: Piece) -> Piece:
    work = BINARY[sign]
    return Piece(
        f"({left.text} {sign} {right.text})",
        lambda values: work(left.meaning(values), right.meaning(values)),
        left.reads | right.reads,
    )


def call(shape: str, left: Piece, right: Piece) -> Piece:
    work = CALLS[shape]
    return Piece(
        f"({shape.format(left.text, right.text)})",
        lambda values: work(left.meaning(values), right.meaning(values)),
        left.reads | right.reads,
    )


def squared(base: Piece, exponent: int) -> Piece:
    return Piece(f"({base.text}) ** {exponent}", lambda values: base.meaning(values) ** exponent, base.reads)


def choice(sign: str, left: Piece, right: Piece, one: Piece, other: Piece) -> Piece:
    def meaning(values: Values) -> Fraction:
        return (one if COMPARE[sign](left.meaning(values), right.meaning(values)) else other).meaning(values)

    text = f"({one.text} if {left.text} {sign} {right.text} else {other.text})"
    return Piece(text, meaning, left.reads | right.reads | one.reads | other.reads)


NUMBERS = st.one_of(
    st.integers(0, 999).map(str), st.decimals(0, 99, places=2).map(str), st.just("1_000")
).map(constant)


def _inner(parts: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    return st.one_of(
        st.builds(binary, st.sampled_from(sorted(BINARY)), parts, parts),
        st.builds(squared, parts, st.integers(0, 3)),
        st.builds(call, st.sampled_from(sorted(CALLS)), parts, parts),
        st.builds(choice, st.sampled_from(sorted(COMPARE)), parts, parts, parts, parts),
        parts.map(lambda part: Piece(f"-{part.text}", lambda values: -part.meaning(values), part.reads)),
    )


def expressions(*names: str) -> st.SearchStrategy[Piece]:
    leaves = st.one_of(NUMBERS, st.sampled_from([name(which) for which in names])) if names else NUMBERS
    return st.recursive(leaves, _inner, max_leaves=6)


# Strategies are dear to build: one for each number of names that an expression may read.
OVER = [expressions(*NAMES[:count]) for count in range(len(NAMES) + 1)]


@st.composite
def straight(draw: st.DrawFn) -> list[tuple[str, Piece]]:
    """Assignments, each name once and from earlier names; the last one is `ans`."""
    return [(which, draw(OVER[place])) for place, which in enumerate((*NAMES, "ans"))]


def written(program: list[tuple[str, Piece]]) -> str:
    return "\n".join(f"{which} = {piece.text}" for which, piece in program)


def expected(program: list[tuple[str, Piece]]) -> tuple[str, Fraction | None]:
    """What the program comes to by this file's own walk: `no_solution` where it divides by zero."""
    values: Values = {}
    try:
        for which, piece in program:
            values[which] = piece.meaning(values)
    except ZeroDivisionError:
        return "no_solution", None
    return "solved", values["ans"]


def outcome_of(text: str) -> tuple[str, Fraction | None]:
    try:
        outcome = pot.solve_pot(text, None, Budget())
    except OverBudget:
        return "over_budget", None
    return outcome.status, outcome.value


def agrees(found: tuple[str, Fraction | None], wanted: tuple[str, Fraction | None]) -> bool:
    """Equal; values too fine for 400 digits may be rounded to twelve significant ones."""
    if found[1] is None or wanted[1] is None or found[1] == wanted[1]:
        return found[0] == wanted[0] and (found[1] is None) == (wanted[1] is None)
    return wanted[1].denominator.bit_length() > 1_000 and abs(found[1] / wanted[1] - 1) < Fraction(1, 10**10)


@settings(deadline=None, max_examples=300)
@given(straight())
def test_programs_come_to_the_exact_value(program: list[tuple[str, Piece]]) -> None:
    text = written(program)
    assert agrees(outcome_of(text), expected(program)), text


@QUICK
@given(straight(), st.integers(0, 3))
def test_how_a_program_is_printed_does_not_count(program: list[tuple[str, Piece]], way: int) -> None:
    text = written(program)
    inside = text.replace("\n", "\n    ")
    ways = (
        ast.unparse(ast.parse(text)),
        "```python\n" + text.replace("\n", "  # a step\n\n") + "\n```",
        f"def solution():\n    {inside}\n    return ans",
        text.replace("ans =", "last =") + "\nprint('The answer is', last)",
    )
    assert agrees(outcome_of(ways[way]), outcome_of(text)), ways[way]


@QUICK
@given(straight(), st.randoms(use_true_random=False))
def test_the_order_of_independent_assignments_does_not_count(
    program: list[tuple[str, Piece]], source: random.Random
) -> None:
    waiting, ordered = list(program), []
    while waiting:
        ready = [item for item in waiting if not any(which in item[1].reads for which, _ in waiting)]
        ordered.append(source.choice(ready))
        waiting.remove(ordered[-1])
    assert outcome_of(written(ordered)) == outcome_of(written(program))


@QUICK
@given(straight())
def test_names_do_not_count(program: list[tuple[str, Piece]]) -> None:
    text = written(program)
    renamed = re.sub(r"\bn(\d)\b", lambda match: OTHER_NAMES[int(match[1])], text)
    assert outcome_of(renamed) == outcome_of(text)
    assert pot.canonical(renamed) == pot.canonical(text) is not None


PLAIN = st.recursive(
    st.one_of(NUMBERS, st.sampled_from([name(which) for which in NAMES[:2]])),
    lambda parts: st.builds(binary, st.sampled_from("+-*/"), parts, parts),
    max_leaves=6,
)


@QUICK
@given(NUMBERS, NUMBERS, PLAIN)
def test_plain_arithmetic_means_the_same_in_equations(first: Piece, second: Piece, asked: Piece) -> None:
    text = written([("n0", first), ("n1", second), ("ans", asked)])
    equations = eot.solve_eot(text, None, Budget())
    assert outcome_of(text) == (equations.status, equations.value)


@QUICK
@given(expressions("n0"), st.lists(NUMBERS, min_size=1, max_size=5), expressions("n0"), NUMBERS)
def test_loops_branches_and_functions_mean_what_they_say(
    start: Piece, items: list[Piece], step: Piece, limit: Piece
) -> None:
    """Four ways to add up `step` over some items, those above a limit left out."""

    def meaning() -> Fraction:
        numbers = [item.meaning({}) for item in items]
        kept = [number for number in numbers if number <= limit.meaning({})]
        return sum((step.meaning({"n0": number}) for number in kept), start.meaning({"n0": Fraction(3)}))

    wanted: tuple[str, Fraction | None]
    try:
        wanted = "solved", meaning()
    except ZeroDivisionError:
        wanted = "no_solution", None
    listed = ", ".join(item.text for item in items)
    head = f"n0 = 3\nans = {start.text}\nitems = [{listed}]\nlimit = {limit.text}\n"
    for loop in (
        f"for n0 in items:\n    if n0 > limit:\n        continue\n    ans += {step.text}",
        f"i = 0\nwhile i < len(items):\n    n0 = items[i]\n    i += 1\n"
        f"    if n0 <= limit:\n        ans = ans + {step.text}",
        f"ans += sum({step.text} for n0 in items if n0 <= limit)",
        f"def f(n0):\n    if n0 > limit:\n        return 0\n    return {step.text}\n"
        "for place, item in enumerate(items):\n    ans += f(items[place])",
    ):
        assert agrees(outcome_of(head + loop), wanted), head + loop


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("abn0123 \n=+-*/()[]{}:,.'\"_%<>!#fi"), max_size=60))
def test_any_text_comes_to_an_outcome(text: str) -> None:
    status, value = outcome_of(text)
    assert (status == "solved") == (value is not None)
    pot.canonical(text)
    pot.finished(text)
