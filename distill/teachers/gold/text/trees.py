"""Walks over arithmetic trees whose leaves are counted from left to right."""

from collections.abc import Callable

from distill.teachers.gold.text.arithmetic import Operation, Tree, leaves


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
