"""Trees of expressions: what the parser builds and everything else reads.

Sums and products are flat (`a - b + c` is one node of three terms), so that the depth of a tree is the nesting of its
brackets and no long line can exhaust the stack. Named tuples because they are immutable and cheap to build.
"""

from fractions import Fraction
from typing import NamedTuple, TypeAlias, Union

# Whole values stay `int`, which is ten times faster than `Fraction`.
Rational: TypeAlias = int | Fraction


class Number(NamedTuple):
    """A written number. `decimals` is how many decimals were printed, for comparing rounded values."""

    value: Rational
    decimals: int = 0


class Name(NamedTuple):
    """A quantity by its name."""

    name: str


class Sum(NamedTuple):
    """Terms added or, where the flag is true, subtracted; one negative term is a negation."""

    terms: "tuple[tuple[bool, Node], ...]"


class Product(NamedTuple):
    """The first factor, then (`*`, `/`, `//` or `mod`, factor) from left to right."""

    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"


class Power(NamedTuple):
    """`base ^ exponent`."""

    base: "Node"
    exponent: "Node"


class Call(NamedTuple):
    """One of `FUNCTIONS` of its arguments."""

    function: str
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Union[Number, Name, Sum, Product, Power, Call]  # noqa: UP007 - forward references

# Functions by name, with the least and the greatest number of arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (1, 20),
    "max": (1, 20),
    "round": (1, 2),
    "floor": (1, 1),
    "ceil": (1, 1),
    "abs": (1, 1),
    "sqrt": (1, 1),
    "mod": (2, 2),
}


class Equation(NamedTuple):
    """Two sides that are equal, and the line of the text that says so."""

    left: Node
    right: Node
    line: int

    def names(self) -> "set[str]":
        """Every name on either side."""
        return names_in(self.left) | names_in(self.right)


def names_in(node: Node) -> "set[str]":
    """Every name in an expression."""
    found: set[str] = set()
    stack: list[Node] = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            found.add(node.name)
        elif isinstance(node, Sum):
            stack.extend(term for _, term in node.terms)
        elif isinstance(node, Product):
            stack.append(node.first)
            stack.extend(factor for _, factor in node.rest)
        elif isinstance(node, Power):
            stack += (node.base, node.exponent)
        elif isinstance(node, Call):
            stack.extend(node.arguments)
    return found


def connected_names(target: str, groups: "list[set[str]]") -> "set[str]":
    """The names that share a group with the target, directly or through others, and the target."""
    found, growing = {target}, True
    while growing:
        growing = False
        for group in groups:
            if found & group and not group <= found:
                found |= group
                growing = True
    return found
