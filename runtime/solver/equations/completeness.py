"""Completeness: whether the equations so far already determine the target, judged by names alone.

No value is computed, so this is cheap and safe enough to run while a model is still writing.
"""

from runtime.solver.expressions.tree import Equation, names_in


def determines(equations: list[Equation], target: str) -> bool:
    """Whether substitution, or as many equations as unknowns, will reach the target."""
    pending = [names_in(equation.left) | names_in(equation.right) for equation in equations]
    known: set[str] = set()
    while True:
        for names in pending:
            unknown = names - known
            if len(unknown) == 1:
                known |= unknown
        if target in known:
            return True
        left_over = [unknown for names in pending if (unknown := names - known)]
        if len(left_over) == len(pending):
            return _enough(left_over, target)
        pending = left_over


def _enough(pending: list[set[str]], target: str) -> bool:
    """Whether the part of the system around the target has at least as many equations as unknowns."""
    near, growing = {target}, True
    while growing:
        growing = False
        for names in pending:
            if names & near and not names <= near:
                near |= names
                growing = True
    return sum(names <= near for names in pending) >= len(near)
