"""Which scope a name belongs to: Python's rule, decided once before anything runs. Module names need no scope."""

import ast
from collections.abc import Iterator

_INNER = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """The names that a function or comprehension binds, and the scope around it (None: the module)."""

    __slots__ = ("names", "outer")

    def __init__(self, names: set[str], outer: "Scope | None") -> None:
        self.names = names
        self.outer = outer

    def depth(self, name: str) -> int | None:
        """How many scopes out a name is bound; None when it is the module's."""
        scope: Scope | None = self
        steps = 0
        while scope is not None:
            if name in scope.names:
                return steps
            scope, steps = scope.outer, steps + 1
        return None


def bound_names(body: list[ast.stmt]) -> set[str]:
    """The names that a function's statements bind in its own scope, without those declared global or nonlocal."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    for node in _own_nodes(body):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
    return bound - elsewhere


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of the statements, not going into functions, lambdas and comprehensions."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, _INNER):
            # `:=` inside a comprehension binds here.
            stack += [child.target for child in ast.walk(node) if isinstance(child, ast.NamedExpr)]
        else:
            stack += ast.iter_child_nodes(node)
