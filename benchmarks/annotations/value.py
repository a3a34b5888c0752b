"""The value that an annotation's steps compute: its expressions are walked as trees, never run."""

import ast
from collections.abc import Mapping
from fractions import Fraction

from benchmarks.annotations.annotation import Annotation
from benchmarks.annotations.text.arithmetic import APPLY, PYTHON

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
        case ast.BinOp(left=left, op=op, right=right) if type(op) in PYTHON:
            return APPLY[PYTHON[type(op)]](value_of(left, known), value_of(right, known))
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return value_of(left, known) % value_of(right, known)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            power = value_of(right, known)
            if power.denominator == 1 and abs(power) <= MAX_POWER:
                return Fraction(value_of(left, known) ** int(power))
    raise ValueError(f"{ast.unparse(tree)!r} is no arithmetic")
