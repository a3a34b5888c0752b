"""Stated: one number where a sentence gives its answer, with its sign, percent and fraction, and where it ends."""

from dataclasses import dataclass
from fractions import Fraction

from runtime.solver.expressions.exact import NotExact, checked, evaluate, root
from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.numerals import whole
from runtime.solver.expressions.parser import Parser
from runtime.solver.expressions.tokens import END, MAGNITUDES, Line, Token
from runtime.solver.expressions.tree import Name, Node, Number, Rational
from runtime.solver.sentences.prose import STOP, Prose

_SIGNS = frozenset("+-*/^(")
_INSIDE = _SIGNS | {")"}
_OPERATORS = frozenset("+-*/^")
_NEGATIVE = frozenset(("minus", "negative"))
# A number behind one of these, or in front of one of those, is not the value itself.
_IN_WORDS = frozenset(("half", "twice", "thrice", "double", "triple", "third", "quarter"))
_IRRATIONAL = frozenset(("sqrt", "pi", "π"))
_UNKNOWNS = frozenset("xyzn")
_PARTS = {"half": Fraction(1, 2), "third": Fraction(1, 3), "thirds": Fraction(1, 3),
          "quarter": Fraction(1, 4), "quarters": Fraction(1, 4)}  # fmt: skip
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3}


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of a sentence: its value as it reads (`25%` is 25), and the index behind its tokens."""

    value: Rational
    percent: bool
    end: int

    def agrees(self, other: "Stated") -> bool:
        """Whether both are the same value, as `60%` and `0.6` are."""
        return not {*self._readings()}.isdisjoint(other._readings())

    def _readings(self) -> tuple[Rational, ...]:
        return (self.value, self.value / Fraction(100)) if self.percent else (self.value,)


def stated(prose: Prose, index: int, start: int) -> Stated:
    """The number at token `index` of the side that begins at `start`, or the value of the short calculation there.

    Raises Failure (`ambiguous`, `not_numeric`, `no_solution`) where it stands for something else, OverBudget where
    it is too long.
    """
    tokens = prose.tokens
    last = _end(prose, index)
    first = _beginning(prose, index, start, last)
    before = [STOP, STOP, *tokens[start:first]][-2:]
    _refuse_words(before)
    _refuse_unknown(tokens[last])
    value = _computed(prose, first, last)
    if before[1] == Name("sqrt"):
        value = _rooted(value, tokens[first:last])
    elif _lowered(before[1]) in _NEGATIVE:
        value = -value
    value, end = _with_words(prose, value, last)
    return Stated(value, not prose.percents.isdisjoint(range(first, last)), end)


def remark(prose: Prose, index: int) -> bool:
    """Whether a bracket opens a remark: in `72 (48 and 24)`, not in `80 * (24 / 24)` or `2(3)`."""
    before = prose.tokens[index - 1]
    return prose.tokens[index] == "(" and prose.spaced[index] and isinstance(before, Number | Name)


def _lowered(token: Token) -> str:
    return token.name.lower() if isinstance(token, Name) else ""


def _end(prose: Prose, index: int) -> int:
    """The index behind the numbers, signs and brackets that follow one another from a number on."""
    tokens = prose.tokens
    last = index
    while (isinstance(tokens[last], Number) or tokens[last] in _INSIDE) and not remark(prose, last):
        if tokens[last] == "-" and not prose.spaced[last] and isinstance(tokens[last + 1], Number):
            raise Failure("ambiguous", "the answer phrase is followed by a range of numbers")
        last += 1
    while tokens[last - 1] in _SIGNS:
        last -= 1
    return last


def _beginning(prose: Prose, index: int, start: int, last: int) -> int:
    """The index of the first sign or bracket that belongs to a number, brackets only where they are closed."""
    tokens = prose.tokens
    first = index
    for _ in range(tokens[index:last].count(")") - tokens[index:last].count("(")):
        if first > start and tokens[first - 1] == "(":
            first -= 1
    if first > start and tokens[first - 1] == "-" and not prose.spaced[first]:
        first -= 1
    return first


def _refuse_words(before: list[Token]) -> None:
    """Refuse a number that words in front turn into another: `half of 5`, `n + 2`, `price + 2`."""
    earlier, token = before
    word = _lowered(earlier if _lowered(token) == "of" else token)
    if word in _IN_WORDS:
        raise Failure("ambiguous", f"the answer is worked out in words: {quoted(word)} of a number")
    if token in _OPERATORS and isinstance(earlier, Name) and (token != "*" or len(earlier.name) == 1):
        raise Failure("ambiguous", f"the answer still holds an unknown, {quoted(earlier.name)}")


def _refuse_unknown(token: Token) -> None:
    """Refuse a number with a letter or a root behind it: `5x + 3`, `25 pi`."""
    word = _lowered(token)
    if word in _IRRATIONAL:
        raise Failure("not_numeric", f"the answer is a multiple of {quoted(word)}")
    if word[:1] in _UNKNOWNS and (len(word) == 1 or word[1:].isdecimal()):
        raise Failure("ambiguous", f"the answer still holds an unknown, {quoted(word)}")


def _computed(prose: Prose, first: int, last: int) -> Rational:
    """The value of some tokens as one expression; percent signs are dropped unless something is multiplied."""
    tokens = prose.tokens[first:last]
    while tokens[-1] == ")" and tokens.count(")") > tokens.count("("):
        tokens.pop()
    if "*" not in tokens and "^" not in tokens:
        for index in prose.percents.intersection(range(first, last)):
            tokens[index - first] = _without_percent(tokens[index - first])
    line = Line(0, [*tokens, END], [*prose.spaced[first : first + len(tokens)], True])
    node = _parsed(line)
    try:
        return evaluate(node, {})
    except NotExact:
        raise Failure("not_numeric", "the answer is irrational") from None


def _without_percent(token: Token) -> Token:
    return Number(whole(Fraction(token.value * 100))) if isinstance(token, Number) else token


def _parsed(line: Line) -> Node:
    try:
        return Parser(line, ()).expression()
    except Failure:
        raise Failure("ambiguous", "several numbers or signs side by side follow the answer phrase") from None


def _rooted(value: Rational, tokens: list[Token]) -> Rational:
    if value < 0 or not _OPERATORS.isdisjoint(token for token in tokens if isinstance(token, str)):
        raise Failure("ambiguous", "the answer phrase is followed by a root that is not worked out")
    try:
        return root(value, 2)
    except NotExact:
        raise Failure("not_numeric", "the answer is irrational") from None


def _with_words(prose: Prose, value: Rational, last: int) -> tuple[Rational, int]:
    """The value with the words behind it that belong to it (`2.5 million`, `5k`, `2 and a half`), and their end."""
    word, *following = [_lowered(token) for token in prose.tokens[last : last + 3]] or [""]
    if word in MAGNITUDES:
        return checked(value * MAGNITUDES[word]), last + 1
    if word == "k" and not prose.spaced[last]:
        return checked(value * 1000), last + 1
    if word == "and" and isinstance(value, int):
        if len(following) == 2 and following[0] in _COUNTS and following[1] in _PARTS:
            return value + _COUNTS[following[0]] * _PARTS[following[1]], last + 3
        return _with_fraction(prose, value, last)
    return value, last


def _with_fraction(prose: Prose, value: int, last: int) -> tuple[Rational, int]:
    """`2 and 1/2`."""
    above, slash, below = (*prose.tokens[last + 1 : last + 4], STOP, STOP, STOP)[:3]
    if (
        isinstance(above, Number)
        and isinstance(below, Number)
        and slash == "/"
        and not prose.spaced[last + 2]
        and 0 < above.value < below.value
    ):
        return value + Fraction(above.value) / below.value, last + 4
    return value, last
