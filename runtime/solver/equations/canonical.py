"""Canonical form: one text for all systems that differ only in names and order.

Names are told apart by how the equations use them (colour refinement, the Weisfeiler-Leman method for graphs); names
that stay alike are told apart one at a time. The order of equations, of sides, of terms and of factors does not count;
written numbers do.
"""

from collections.abc import Mapping

from runtime.solver.budget import Budget
from runtime.solver.expressions.tree import Equation, Name, Node, Number, Power, Product, Sum

_SYMMETRIC = frozenset(("min", "max"))
# What spelling one character may cost, in units of the meter (a tenth of a microsecond).
_COST = 2


def canonical_form(equations: list[Equation], target: str, meter: Budget) -> str:
    """The equations under names that depend on the system's structure alone, `ans` for the target."""
    uses = [(equation, equation.names()) for equation in equations]
    names = set().union(*(found for _, found in uses)) | {target}
    colors = _refined({name: int(name != target) for name in names}, uses, meter)
    while len(set(colors.values())) < len(names):
        colors = _refined(_with_one_apart(colors), uses, meter)
    order = sorted(names, key=colors.__getitem__)
    labels = {name: f"v{index}" for index, name in enumerate((name for name in order if name != target), 1)}
    labels[target] = "ans"
    return "; ".join(sorted(_equation(equation, labels) for equation in equations))


def _refined(colors: dict[str, int], uses: list[tuple[Equation, set[str]]], meter: Budget) -> dict[str, int]:
    """Colours split by how names are used, until no round splits any further."""
    while True:
        seen: dict[str, list[str]] = {name: [] for name in colors}
        labels = {name: f"c{color}" for name, color in colors.items()}
        for equation, found in uses:
            for name in found:
                spelled = _equation(equation, labels | {name: labels[name] + "!"})
                meter.spend(_COST * (len(spelled) + len(labels)))
                seen[name].append(spelled)
        keys = {name: (colors[name], sorted(seen[name])) for name in colors}
        ranks = {repr(key): rank for rank, key in enumerate(sorted(map(list, keys.values())))}
        refined = {name: ranks[repr(list(key))] for name, key in keys.items()}
        if len(set(refined.values())) == len(set(colors.values())):
            return refined
        colors = refined


def _with_one_apart(colors: dict[str, int]) -> dict[str, int]:
    """One name of the first colour that several share, given a colour of its own."""
    counts: dict[int, int] = {}
    for color in colors.values():
        counts[color] = counts.get(color, 0) + 1
    shared = min(color for color, count in counts.items() if count > 1)
    chosen = next(name for name, color in colors.items() if color == shared)
    return {name: 2 * color + (color == shared and name != chosen) for name, color in colors.items()}


def _equation(equation: Equation, labels: Mapping[str, str]) -> str:
    left, right = sorted((_node(equation.left, labels), _node(equation.right, labels)))
    return f"{left} = {right}"


def _node(node: Node, labels: Mapping[str, str]) -> str:
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Name):
        return labels[node.name]
    if isinstance(node, Sum):
        return f"({''.join(sorted(('-' if minus else '+') + _node(term, labels) for minus, term in node.terms))})"
    if isinstance(node, Product):
        return f"({_product(node, labels)})"
    if isinstance(node, Power):
        return f"({_node(node.base, labels)}^{_node(node.exponent, labels)})"
    spelled = [_node(argument, labels) for argument in node.arguments]
    return f"{node.function}({','.join(sorted(spelled) if node.function in _SYMMETRIC else spelled)})"


def _product(node: Product, labels: Mapping[str, str]) -> str:
    factors = [("*", node.first), *node.rest]
    spelled = [f"{operator}{_node(factor, labels)}" for operator, factor in factors]
    swaps = all(operator in ("*", "/") for operator, _ in factors)
    return "".join(sorted(spelled) if swaps else spelled)
