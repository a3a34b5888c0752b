"""One text for all programs that compute the same way: names, order and spacing do not count."""

import ast
from collections.abc import Iterator
from fractions import Fraction

from runtime.solver.budget import Budget
from runtime.solver.equations.canonical import canonical_form
from runtime.solver.expressions.tree import Equation, Name, Node, Number, Power, Product, Sum
from runtime.solver.programs.literals import read_number
from runtime.solver.programs.machine import Machine

_PRODUCTS: dict[type[ast.operator], str] = {ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "mod"}


def canonical_program(tree: ast.Module, text: str) -> str:
    """A straight-line calculation as its equations' canonical form; any other program with its names renumbered."""
    meter = Budget()
    equations = list(_equations(tree, text.encode("utf-8", "replace").splitlines()))
    if len(equations) == len(tree.body) and len({equation.left for equation in equations}) == len(equations):
        return canonical_form(equations, "ans", meter)
    return "program " + ast.dump(_Renumbered().visit(tree))


def _equations(tree: ast.Module, lines: list[bytes]) -> Iterator[Equation]:
    """`name = arithmetic` statements as equations; stops at the first statement that is anything else."""
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return
        (target,) = statement.targets
        value = _node(statement.value, lines)
        if not isinstance(target, ast.Name) or value is None:
            return
        yield Equation(Name(target.id), value, statement.lineno)


def _node(node: ast.expr, lines: list[bytes]) -> Node | None:
    """Arithmetic as an equation's tree; None for what equations do not have."""
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Constant):
        return _number(node, lines)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = _node(node.operand, lines)
        return None if operand is None else Sum(((True, operand),))
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _node(node.left, lines), _node(node.right, lines)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add | ast.Sub):
        first = left.terms if isinstance(left, Sum) else ((False, left),)
        return Sum((*first, (isinstance(node.op, ast.Sub), right)))
    if type(node.op) in _PRODUCTS:
        whole = left if isinstance(left, Product) else Product(left, ())
        return Product(whole.first, (*whole.rest, (_PRODUCTS[type(node.op)], right)))
    return Power(left, right) if isinstance(node.op, ast.Pow) else None


def _number(node: ast.Constant, lines: list[bytes]) -> Node | None:
    if type(node.value) is int:
        return Number(node.value)
    if type(node.value) is not float:
        return None
    written = lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode("ascii")
    value = Fraction(read_number(Machine(Budget()), written))
    return Number(value.numerator if value.denominator == 1 else value)


class _Renumbered(ast.NodeTransformer):
    """Gives the names that a program binds numbers, in order of first appearance; positions are not dumped."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A name, by its number."""
        if node.id in self._numbers or not isinstance(node.ctx, ast.Load):
            node.id = self._numbers.setdefault(node.id, f"v{len(self._numbers)}")
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """A parameter, by its number."""
        node.arg = self._numbers.setdefault(node.arg, f"v{len(self._numbers)}")
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A function's name, then what is in it."""
        node.name = self._numbers.setdefault(node.name, f"v{len(self._numbers)}")
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """The value before the targets, as it runs."""
        node.value = self.visit(node.value)
        node.targets = [self.visit(target) for target in node.targets]
        return node
