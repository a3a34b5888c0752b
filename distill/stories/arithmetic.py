"""The arithmetic in templates: read once, worked out in exact fractions, printed with names or with numbers.

Expressions come from our own templates only, never from a model.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from runtime.values.answers import format_value

_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """Read one expression or comparison. The tree is shared: do not change it."""
    return ast.parse(text, mode="eval").body


def evaluate(node: ast.expr, values: Mapping[str, Fraction]) -> Fraction:
    """Work out an expression exactly; names come from `values`."""
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](evaluate(left, values), evaluate(right, values))
    raise ValueError(f"a template's arithmetic may not hold {ast.unparse(node)!r}")


def holds(text: str, values: Mapping[str, Fraction]) -> bool:
    """Whether one comparison such as `left < total / 2` is true of the drawn numbers."""
    match parse(text):
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARISONS[type(op)](evaluate(left, values), evaluate(right, values))
    raise ValueError(f"a template's check must be one comparison, not {text!r}")


def show(node: ast.expr, numbers: Mapping[str, str | Fraction]) -> str:
    """Print an expression with some names replaced by numbers.

    A string stands as it is; a Fraction is a part of something and is written out: `total * part` becomes
    `total / 3` or `total * 2 / 3`.
    """
    return ast.unparse(_written(node, numbers))


def _written(node: ast.expr, numbers: Mapping[str, str | Fraction]) -> ast.expr:
    """A tree in which a number stands as a name, because that prints `2.50` untouched."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Name(id=name)) if isinstance(
            part := numbers.get(name), Fraction
        ):
            product = _written(left, numbers)
            if part.numerator != 1:
                product = ast.BinOp(product, ast.Mult(), _atom(str(part.numerator)))
            return ast.BinOp(product, ast.Div(), _atom(str(part.denominator)))
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(_written(left, numbers), op, _written(right, numbers))
        case ast.Name(id=name) if name in numbers:
            number = numbers[name]
            if isinstance(number, str):
                return _atom(number)
            return ast.BinOp(_atom(str(number.numerator)), ast.Div(), _atom(str(number.denominator)))
    return node


def _atom(text: str) -> ast.expr:
    return ast.Name(id=text, ctx=ast.Load())


def plain(value: Fraction, *, cents: bool = False) -> str:
    """Digits for a number: `12`, `2.5`, and with `cents` `2.50`."""
    if cents and value.denominator != 1:
        return f"{int(value)}.{int(value * 100) % 100:02d}"
    return format_value(value)
