"""Printing: a tree back to text that reads as the same tree."""

from collections.abc import Iterable
from fractions import Fraction

from runtime.solver.expressions.limits import MAX_QUOTED
from runtime.solver.expressions.tree import Call, Equation, Name, Node, Number, Power, Product, Rational, Sum
from runtime.values.answers import format_value

_OPERATORS = {"*": " * ", "/": " / ", "//": " // ", "mod": " mod "}


def print_value(value: Rational) -> str:
    """A value for a reason: as people print it, or how long it is when nobody would read it."""
    text = format_value(Fraction(value))
    return text if len(text) <= MAX_QUOTED else f"a number of {len(text)} characters"


def print_system(equations: Iterable[Equation]) -> str:
    """One equation a line."""
    return "\n".join(f"{print_node(left)} = {print_node(right)}" for left, right, _ in equations)


def print_node(node: Node) -> str:
    """An expression, with brackets only where they are needed."""
    if isinstance(node, Number):
        return _number(node)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Sum):
        return _sum(node)
    if isinstance(node, Product):
        parts = [_factor(node.first)]
        parts += [_OPERATORS[operator] + _factor(factor) for operator, factor in node.rest]
        return "".join(parts)
    if isinstance(node, Power):
        return f"{_atom(node.base)} ^ {_atom(node.exponent)}"
    return f"{node.function}({', '.join(map(print_node, node.arguments))})"


def _number(node: Number) -> str:
    value = Fraction(node.value)
    if node.decimals and (value * 10**node.decimals).denominator == 1:
        digits = str(abs(value.numerator) * 10**node.decimals // value.denominator).rjust(
            node.decimals + 1, "0"
        )
        return f"{'-' if value < 0 else ''}{digits[: -node.decimals]}.{digits[-node.decimals :]}"
    text = format_value(value)
    return f"({text})" if "/" in text else text


def _sum(node: Sum) -> str:
    parts: list[str] = []
    for index, (negative, term) in enumerate(node.terms):
        sign = "-" if negative else "+"
        text = f"({print_node(term)})" if isinstance(term, Sum) else print_node(term)
        parts.append(
            f" {sign} {text}" if index else f"{'-' if negative else ''}{_first(term, text, negative)}"
        )
    return "".join(parts)


def _first(term: Node, text: str, negative: bool) -> str:
    return f"({text})" if negative and isinstance(term, Product | Number) else text


def _factor(node: Node) -> str:
    text = print_node(node)
    return f"({text})" if isinstance(node, Sum | Product) else text


def _atom(node: Node) -> str:
    text = print_node(node)
    simple = isinstance(node, Name | Call) or (isinstance(node, Number) and text.isdigit())
    return text if simple else f"({text})"
