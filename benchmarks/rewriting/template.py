"""A template: a problem whose numbers are known to be literals of its steps, so that other numbers may take their place.

Numbers of one value are one `Quantity`: where a question says 3 twice, both change together, so that no guess is needed
which of them a step means. What a step uses and the question does not say in digits or number words must be common
knowledge or said by other words; else the problem is declined.
"""

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.reading import read_annotation
from benchmarks.annotations.text.arithmetic import (
    PYTHON,
    Name,
    Number,
    Operation,
    Token,
    Tree,
    evaluate,
    leaves,
    operator_at,
    replace_leaves,
    tokenize,
)
from benchmarks.annotations.text.numbers import ORDINALS, SPELLED, QuestionNumbers, told_numbers
from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.numbers.facts import says_half
from benchmarks.rewriting.numbers.spans import Span, number_spans
from runtime.values.answers import parse_answer
from runtime.values.problem import Problem
from runtime.values.rationale import Declined

LONGEST = 4000
MOST_STEPS = 24
# From this one on a number that no step uses is more than a count of what the text lists.
UNUSED = 3
# Common knowledge that is no more than that where the question speaks of such things.
COUNTED = {
    Fraction(2): spread(
        """leg legs arm arms hand hands eye eyes ear ears parents wheel wheels bicycle bicycles bike bikes chicken
        chickens bird birds duck ducks shoes socks gloves pair pairs both double weekend weekends sides"""
    ),
    Fraction(3): spread("yard yards feet foot triangle tricycle tricycles meals"),
    Fraction(4): spread(
        """week weeks weekly month months quarter quarters leg legs wheel wheels side sides square rectangle rectangular
        season seasons car cars dog dogs cat cats horse horses cow cows table tables chair chairs tire tires"""
    ),
    Fraction(5): spread(
        "week weeks weekday weekdays work workday school nickel nickels finger fingers toes friday"
    ),
    Fraction(10): spread("dime dimes decade decades fingers toes"),
}
ASKS_FOR_A_DATE = re.compile(
    r"\b[Ww]hat (?:time|day|date|year|month|weekday)\b|\bWhen (?:will|did|does|should|do)\b"
)
ALWAYS = frozenset(map(Fraction, (0, 1, 2, 100)))


@dataclass(frozen=True, slots=True)
class Source:
    """A problem and its annotation, which is exact: what every rewriting starts from."""

    problem: Problem
    annotation: Annotation
    trees: tuple[Tree, ...]
    values: Mapping[str, Fraction]

    @property
    def answer(self) -> Fraction:
        """The exact answer."""
        return self.values["ans"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value that the question says, in one place or several, and by how many literals of the steps it is used.

    It is `ambiguous` where a step comes to the same value, so that a literal could be the one or the other.
    """

    value: Fraction
    spans: tuple[Span, ...]
    uses: int
    fixed: bool
    ambiguous: bool = False

    @property
    def slot(self) -> str:
        """The name that stands for it in a template's trees."""
        return f"#{self.value}"


@dataclass(frozen=True, slots=True)
class Template:
    """A source with its steps' trees over quantities: a leaf is a constant, an earlier step or a quantity's slot.

    `repeated` are steps whose result could be meant by a number of a later step, or the other way round. `unsure` says
    why the numbers may not change together; one of them alone may still be hidden.
    """

    source: Source
    trees: tuple[Tree, ...]
    quantities: tuple[Quantity, ...]
    repeated: frozenset[str]
    unsure: str

    @property
    def free(self) -> tuple[Quantity, ...]:
        """The quantities that may have another value."""
        return tuple(quantity for quantity in self.quantities if not quantity.fixed)


def read_source(problem: Problem) -> Source | Declined:
    """The problem with its annotation as trees, or why there is none that is exact."""
    if problem.answer is None or len(problem.question) > LONGEST:
        return Declined("no_gold" if problem.answer is None else "too_long")
    annotation = read_annotation(problem)
    if isinstance(annotation, ParseFailure):
        return Declined(annotation.reason, annotation.detail)
    if len(annotation.steps) > MOST_STEPS:
        return Declined("too_long", f"{len(annotation.steps)} steps")
    values: dict[str, Fraction] = {}
    try:
        trees = tuple(read_tree(step.expression) for step in annotation.steps)
        for step, tree in zip(annotation.steps, trees, strict=True):
            values[step.name] = evaluate(tree, values)
    except (ValueError, SyntaxError, RecursionError, KeyError, ZeroDivisionError) as error:
        return Declined("not_explicit", str(error)[:80])
    if values.get("ans") != parse_answer(problem.answer):
        return Declined("rounded")
    return Source(problem, annotation, trees, values)


def read_tree(expression: str) -> Tree:
    """A step's expression; raises ValueError, SyntaxError or RecursionError where it is no plain arithmetic."""
    return _tree(ast.parse(expression, mode="eval").body)


def _tree(node: ast.expr) -> Tree:
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Constant(value=value) if type(value) in (int, float):
            return Number(Fraction(str(value)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("-", Number(Fraction(0)), _tree(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in PYTHON:
            return Operation(PYTHON[type(op)], _tree(left), _tree(right))
    raise ValueError(f"{ast.unparse(node)[:40]!r} is no arithmetic")


def read_template(source: Source) -> Template | Declined:
    """Which number of the question is which literal of the steps; declined where none of them is certain."""
    text = source.problem.question
    tokens = list(tokenize(text))
    spans = list(number_spans(text, tokens))
    uses = Counter(leaf.value for tree in source.trees for leaf in leaves(tree) if isinstance(leaf, Number))
    told = _Told(tokens, spans)
    unknown = [value for value in uses if value not in told.spoken and not told.knows(value, source)]
    if unknown:
        return Declined("counted_number", ", ".join(map(str, unknown)))
    quantities = tuple(_quantity(value, told, uses[value], source) for value in told.spoken)
    if not any(quantity.uses and not quantity.fixed for quantity in quantities):
        return Declined("no_free_number")
    slots = {quantity.value: Name(quantity.slot) for quantity in quantities}

    def slotted(_: int, leaf: Tree) -> Tree:
        return slots.get(leaf.value, leaf) if isinstance(leaf, Number) else leaf

    trees = tuple(replace_leaves(tree, slotted) for tree in source.trees)
    repeated = _said_again(trees, quantities, told, source)
    return Template(source, trees, quantities, repeated, _unsure(quantities, repeated, source))


def _said_again(
    trees: Sequence[Tree], quantities: Sequence[Quantity], told: "_Told", source: Source
) -> frozenset[str]:
    """The steps that a free number changes and whose old value a later step has as a number: it could mean the result.

    So it could where a later step has the result, and the question or everybody says a number of that value.
    """
    changing = {one.slot for one in quantities if not one.fixed}
    results: dict[Fraction, set[str]] = {}
    found: set[str] = set()
    for step, tree, plain in zip(source.annotation.steps, trees, source.trees, strict=True):
        for position, leaf in enumerate(leaves(plain)):
            if isinstance(leaf, Number):
                found |= results.get(leaf.value, set())
            elif leaf.name in changing:
                factor = operator_at(plain, position) in ("*", "/")
                if told.says(source.values[leaf.name], factor=factor):
                    found.add(leaf.name)
        if any(isinstance(leaf, Name) and leaf.name in changing for leaf in leaves(tree)):
            changing.add(step.name)
            results.setdefault(source.values[step.name], set()).add(step.name)
    return frozenset(found)


def _unsure(quantities: Sequence[Quantity], repeated: frozenset[str], source: Source) -> str:
    """Why the numbers may not change together, in a word; empty where they may."""
    if repeated or any(quantity.ambiguous for quantity in quantities):
        return "ambiguous_number"
    if any(_is_left_over(quantity) for quantity in quantities):
        return "unused_number"
    if ASKS_FOR_A_DATE.search(source.problem.question):
        return "clock"
    if says_half(source.problem.question):
        return "half"
    return "floored" if any("//" in step.expression for step in source.annotation.steps) else ""


class _Told:
    """What a question says: its numbers by value, and what its other words say or everybody knows."""

    def __init__(self, tokens: Sequence[Token], spans: Sequence[Span]) -> None:
        self.spoken: dict[Fraction, list[Span]] = {}
        for span in spans:
            self.spoken.setdefault(span.value, []).append(span)
        self._tokens = tokens
        self._words = {token.text.lower() for token in tokens if token.kind == "word"}
        self._by_words = told_numbers([_masked(token, None) for token in tokens])
        self.listed = self._listed()

    @cached_property
    def _fixed(self) -> QuestionNumbers:
        """What the question says by its words and the numbers that stay."""
        free = {span.start for spans in self.spoken.values() for span in spans if not span.fixed}
        return told_numbers([_masked(token, free) for token in self._tokens])

    def knows(self, value: Fraction, source: Source) -> bool:
        """Whether a literal that the question does not say as a number is no secret, and fixed."""
        if value in ALWAYS or value in self._by_words.values or value in self._fixed.values:
            return True
        if value in COUNTED:
            return bool(COUNTED[value] & self._words) or value in _terms(source.trees)
        return value in self._by_words.known

    def is_constant(self, value: Fraction) -> bool:
        """Whether a literal of this value may mean what everybody knows, or other words say, as well."""
        if value in self._by_words.values or value in (1, 100):
            return True
        if value in COUNTED:
            return not COUNTED[value].isdisjoint(self._words)
        return value > 5 and value in self._by_words.known

    def says(self, value: Fraction, *, factor: bool) -> bool:
        """Whether a literal could be the question's number, or a `factor` that its words say or everybody knows."""
        if value in self.spoken:
            return True
        return factor and (value in self._by_words.values or (value > 10 and value in self._by_words.known))

    def _listed(self) -> frozenset[Fraction]:
        """What `first ... second ... third` and the like count, which no other number may."""
        last = max((ORDINALS[word] for word in self._words & ORDINALS.keys()), default=0)
        return frozenset(map(Fraction, range(2, last + 2)))


def _masked(token: Token, starts: set[int] | None) -> Token:
    """A token that says no number any more: those that start at `starts`, or every one in digits or number words."""
    if starts is None:
        pieces = token.text.lower().split("-")
        hidden = token.kind == "number" or (token.kind == "word" and not SPELLED.isdisjoint(pieces))
    else:
        hidden = token.start in starts
    return Token("mark", "#", token.start, token.end) if hidden else token


def _quantity(value: Fraction, told: _Told, uses: int, source: Source) -> Quantity:
    spans = told.spoken[value]
    small = value <= 5 or value == 10
    fixed = (
        uses == 0
        or any(span.fixed for span in spans)
        or told.is_constant(value)
        or value in told.listed
        or (small and uses > len(spans))
        or (uses < len(spans) and len({_kind(span) for span in spans}) > 1)
    )
    ambiguous = not fixed and value in list(source.values.values())[:-1]
    return Quantity(value, tuple(spans), uses, fixed or ambiguous, ambiguous)


def _kind(span: Span) -> tuple[bool, bool, tuple[str, ...]]:
    """What a number counts, roughly: where two are of one kind, the second may say the first again."""
    return span.money, span.percent, span.after[:1]


def _is_left_over(quantity: Quantity) -> bool:
    """Whether no step uses a number that the story gives: it may decide between two ways, or say a result again."""
    return not quantity.uses and quantity.value >= UNUSED and not all(span.fixed for span in quantity.spans)


def _terms(trees: Sequence[Tree]) -> frozenset[Fraction]:
    """How many things are added up somewhere: what a mean divides by."""
    return frozenset(Fraction(sum(1 for _ in leaves(tree))) for tree in trees)
