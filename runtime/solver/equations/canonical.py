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
    colours = _refined({name: int(name != target) for name in names}, uses, meter)
    while len(set(colours.values())) < len(names):
        colours = _refined(_with_one_apart(colours), uses, meter)
    order = sorted(names, key=colours.__getitem__)
    labels = {name: f"v{index}" for index, name in enumerate((name for name in order if name != target), 1)}
    labels[target] = "ans"
    return "; ".join(sorted(_equation(equation, labels) for equation in equations))


def _refined(colours: dict[str, int], uses: list[tuple[Equation, set[str]]], meter: Budget) -> dict[str, int]:
    """Colours split by how names are used, until no round splits any further."""
    while True:
        seen: dict[str, list[str]] = {name: [] for name in colours}
        labels = {name: f"c{colour}" for name, colour in colours.items()}
        for equation, found in uses:
            for name in found:
                spelled = _equation(equation, labels | {name: labels[name] + "!"})
                meter.spend(_COST * (len(spelled) + len(labels)))
                seen[name].append(spelled)
        keys = {name: (colours[name], sorted(seen[name])) for name in colours}
        ranks = {repr(key): rank for rank, key in enumerate(sorted(map(list, keys.values())))}
        refined = {name: ranks[repr(list(key))] for name, key in keys.items()}
        if len(set(refined.values())) == len(set(colours.values())):
            return refined
        colours = refined


def _with_one_apart(colours: dict[str, int]) -> dict[str, int]:
    """One name of the first colour that several share, given a colour of its own."""
    counts: dict[int, int] = {}
    for colour in colours.values():
        counts[colour] = counts.get(colour, 0) + 1
    shared = min(colour for colour, count in counts.items() if count > 1)
    chosen = next(name for name, colour in colours.items() if colour == shared)
    return {name: 2 * colour + (colour == shared and name != chosen) for name, colour in colours.items()}


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
