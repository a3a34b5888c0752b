"""Arithmetic as annotators write it: a tokenizer, a small tree, exact values and one way of printing.

The tree holds literals and names under + - * / // and parentheses. Nothing here knows sentences or data sets.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from runtime.values.answers import format_value

Operator = Literal["+", "-", "*", "/", "//"]
PRECEDENCE: dict[Operator, int] = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2}
PYTHON: dict[type[ast.operator], Operator] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//",
}  # fmt: skip
APPLY: dict[Operator, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": lambda left, right: Fraction(left // right),
}
SPELLINGS: dict[str, Operator] = {
    "+": "+", "-": "-", "–": "-", "−": "-", "—": "-", "*": "*", "×": "*", "x": "*", "X": "*", "/": "/", "÷": "/",
}  # fmt: skip
CURRENCY = "$£€¢"
MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Number:
    """A literal. `place` is where it stands in the text it was read from, -1 for none."""

    value: Fraction
    place: int = -1


@dataclass(frozen=True, slots=True)
class Name:
    """A reference to an earlier step, or an equation's unknown."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Two trees under one operator."""

    operator: Operator
    left: "Tree"
    right: "Tree"


Tree = Number | Name | Operation


Kind = Literal["number", "operator", "(", ")", "=", "%", "word", "mark", "unknown"]


class Token(NamedTuple):
    """One token: a `number` (value set), an `operator`, `(`, `)`, `=`, `%`, a `word` or any other `mark`.

    A letter becomes `unknown` where an equation is read.
    """

    kind: Kind
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)

    @property
    def is_letter(self) -> bool:
        """Whether this is one letter, as unknowns are."""
        return len(self.text) == 1 and self.text.isascii() and self.text.isalpha()


class NoArithmetic(ValueError):
    """These tokens are no arithmetic expression."""


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a sentence or formula; thousands commas are part of a number, currency signs are dropped.

    Words keep inner apostrophes and hyphens: `Dale's`, `t-shirts`.
    """
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        token = match[0]
        if match.lastgroup == "number":
            printed = token.replace(",", "")
            if len(printed) > MAX_DIGITS:
                yield Token("mark", printed, start, end)
            else:
                yield Token("number", printed, start, end, _value(printed))
        elif match.lastgroup == "word" and len(token) > 1:
            yield Token("word", token, start, end)
        else:
            yield Token(
                _KINDS.get(token) or ("word" if match.lastgroup == "word" else "mark"), token, start, end
            )


_LETTER = r"[^\W\d_²³¹¼-¾⁰-₉⅐-↉①-⒛]"
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]+)?|\.[0-9]+)"
    rf"|(?P<word>{_LETTER}+(?:['’-]{_LETTER}+)*)"
    r"|(?P<sign>[^\s$£€¢])"
)
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(SPELLINGS, "operator"),
    "(": "(",
    ")": ")",
    "=": "=",
    "%": "%",
}


@lru_cache(4096)
def _value(printed: str) -> Fraction:
    return Fraction(printed)


def parse(text: str) -> Tree:
    """Read a whole text as one expression; raises NoArithmetic."""
    tokens = list(tokenize(text))
    tree, used = parse_tokens(tokens)
    if used != len(tokens):
        raise NoArithmetic(f"{tokens[used].text!r} is in the way")
    return tree


def parse_tokens(tokens: list[Token], at: int = 0, lowest: int = 1) -> tuple[Tree, int]:
    """The longest expression that starts at a token and the index after it; raises NoArithmetic.

    Precedence climbing from the `lowest` level on; every operator is left-associative.
    """
    left, at = _operand(tokens, at)
    while at < len(tokens):
        sign, width = _sign_at(tokens[at])
        if sign is None or PRECEDENCE[sign] < lowest:
            break
        right, at = parse_tokens(tokens, at + width, PRECEDENCE[sign] + 1)
        left = Operation(sign, left, right)
    return left, at


def _sign_at(token: Token) -> tuple[Operator | None, int]:
    if token.kind == "operator":
        return SPELLINGS[token.text], 1
    if token.kind in ("(", "unknown"):  # 3(10) and 3x are products
        return "*", 0
    return None, 0


def _operand(tokens: list[Token], at: int) -> tuple[Tree, int]:
    if at >= len(tokens):
        raise NoArithmetic("an operand is missing")
    token = tokens[at]
    if token.kind == "operator" and SPELLINGS[token.text] == "-":
        tree, at = parse_tokens(tokens, at + 1, 2)
        return Operation("-", Number(Fraction(0)), tree), at
    if token.kind == "(":
        tree, at = parse_tokens(tokens, at + 1)
        if at >= len(tokens) or tokens[at].kind != ")":
            raise NoArithmetic("a bracket is not closed")
        return tree, at + 1
    if token.kind == "unknown":
        return Name(token.text), at + 1
    if token.kind != "number":
        raise NoArithmetic(f"{token.text!r} is no number")
    if at + 1 < len(tokens) and tokens[at + 1].kind == "%":
        return Operation("/", Number(token.value, token.start), Number(Fraction(100))), at + 2
    return Number(token.value, token.start), at + 1


def evaluate(tree: Tree, known: Mapping[str, Fraction]) -> Fraction:
    """The exact value; raises ZeroDivisionError, and KeyError for a name that is not known."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return known[tree.name]
    return APPLY[tree.operator](evaluate(tree.left, known), evaluate(tree.right, known))


def show(tree: Tree) -> str:
    """Print a tree as valid Python and valid eot, with no bracket that is not needed."""
    return _show(tree, 0)


def _show(tree: Tree, outer: int) -> str:
    if isinstance(tree, Number):
        text = format_value(tree.value)
        return f"({text})" if outer and "/" in text else text
    if isinstance(tree, Name):
        return tree.name
    mine = PRECEDENCE[tree.operator]
    if tree.operator == "-" and tree.left == Number(Fraction(0)):
        text = "-" + _show(tree.right, 2)
    else:
        text = f"{_show(tree.left, mine)} {tree.operator} {_show(tree.right, mine + 1)}"
    return f"({text})" if mine < outer else text


def leaves(tree: Tree) -> Iterator[Number | Name]:
    """The literals and names of a tree, from left to right."""
    if isinstance(tree, Operation):
        yield from leaves(tree.left)
        yield from leaves(tree.right)
    else:
        yield tree


def literals(tree: Tree) -> list[Fraction]:
    """The values of a tree's literals, from left to right."""
    return [leaf.value for leaf in leaves(tree) if isinstance(leaf, Number)]


def replace_leaves(tree: Tree, change: Callable[[int, Tree], Tree]) -> Tree:
    """The tree with every leaf changed; the callback gets the leaf's index in `leaves` order."""

    def walk(node: Tree, at: int) -> tuple[Tree, int]:
        if isinstance(node, Operation):
            left, at = walk(node.left, at)
            right, at = walk(node.right, at)
            return Operation(node.operator, left, right), at
        return change(at, node), at + 1

    return walk(tree, 0)[0]


def operator_at(tree: Tree, position: int) -> str:
    """The operator that a leaf stands under; empty for a lone leaf."""
    found = ""
    while isinstance(tree, Operation):
        found = tree.operator
        left = sum(1 for _ in leaves(tree.left))
        tree, position = (tree.left, position) if position < left else (tree.right, position - left)
    return found


def shape(tree: Tree) -> str:
    """The operators of a tree, in the order of its leaves."""
    if isinstance(tree, Operation):
        return f"({shape(tree.left)}{tree.operator}{shape(tree.right)})"
    return "_"
