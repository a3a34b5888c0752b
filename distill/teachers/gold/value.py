"""The value that an annotation's steps compute: its expressions are walked as trees, never run."""

import ast
from collections.abc import Mapping
from fractions import Fraction

from distill.teachers.gold.annotation import Annotation

MAX_POWER = 64


def annotation_value(annotation: Annotation) -> Fraction | None:
    """What the last step computes, exactly; None when a step is no arithmetic over literals and earlier names."""
    known: dict[str, Fraction] = {}
    try:
        for step in annotation.steps:
            known[step.name] = value_of(ast.parse(step.expression, mode="eval").body, known)
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError):
        return None
    return known[annotation.steps[-1].name] if annotation.steps else None


def value_of(tree: ast.expr, known: Mapping[str, Fraction]) -> Fraction:
    """One expression's value; raises ValueError, KeyError or ZeroDivisionError where it has none."""
    match tree:
        case ast.Name(id=name):
            return known[name]
        case ast.Constant(value=value) if type(value) in (int, float):
            return Fraction(str(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand, known)
        case ast.BinOp(left=left, op=op, right=right):
            return _applied(op, value_of(left, known), value_of(right, known))
    raise ValueError(f"{ast.unparse(tree)!r} is no arithmetic")


def _applied(op: ast.operator, left: Fraction, right: Fraction) -> Fraction:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.FloorDiv():
            return Fraction(left // right)
        case ast.Mod():
            return left % right
        case ast.Pow() if right.denominator == 1 and abs(right) <= MAX_POWER:
            return Fraction(left ** int(right))
    raise ValueError(f"{type(op).__name__} is no arithmetic")
