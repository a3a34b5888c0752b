"""Whether a growing program already holds its answer, so that decoding may stop; nothing is run."""

import ast


def is_complete(tree: ast.Module) -> bool:
    """The last statement gives the answer, and every name bound before it is used.

    A bare constant is no answer yet (`ans = 0` before a loop), nor is one that leaves names unused.
    """
    if not tree.body:
        return False
    last = tree.body[-1]
    if isinstance(last, ast.Assign):
        named = (
            len(last.targets) == 1 and isinstance(last.targets[0], ast.Name) and last.targets[0].id == "ans"
        )
        return named and not isinstance(last.value, ast.Constant) and not _unused(tree)
    return _is_print(last) and not _unused(tree)


def _is_print(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _unused(tree: ast.Module) -> set[str]:
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return {node.id for node in names if not isinstance(node.ctx, ast.Load)} - read - {"ans"}
