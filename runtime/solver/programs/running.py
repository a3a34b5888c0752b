"""Run a program and find its answer: `ans`, a `solution()`, `result`, or the one number it printed."""

import ast
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from runtime.solver.budget import Budget
from runtime.solver.programs.compiling.compiler import Compiler
from runtime.solver.programs.compiling.comprehensions import COMPREHENSIONS
from runtime.solver.programs.compiling.expressions import EXPRESSIONS, HOST_NAMES
from runtime.solver.programs.compiling.functions import FUNCTION_EXPRESSIONS, FUNCTION_STATEMENTS
from runtime.solver.programs.compiling.statements import STATEMENTS
from runtime.solver.programs.library.builtins import BUILTINS
from runtime.solver.programs.library.modules import PREPARED
from runtime.solver.programs.library.numbers import INFINITY, settled
from runtime.solver.programs.literals import read_number
from runtime.solver.programs.machine import (
    PROGRAM_ERRORS,
    BadSyntax,
    Env,
    Fault,
    Function,
    Machine,
    Refused,
    Value,
    type_name,
)
from runtime.solver.programs.parse import parse_program, program_text
from runtime.values.outcome import Outcome

_PREPARED: dict[str, Value] = {**PREPARED, **BUILTINS}
_EXPRESSIONS: dict[type[ast.AST], Any] = {**EXPRESSIONS, **COMPREHENSIONS, **FUNCTION_EXPRESSIONS}
_STATEMENTS: dict[type[ast.AST], Any] = {**STATEMENTS, **FUNCTION_STATEMENTS}
_MAX_PRINTED = 1_000


def run_program(text: str, target: str | None, meter: Budget) -> Outcome:
    """The outcome of a program of thought; `target` names its answer's variable where that is not the usual one."""
    machine = Machine(meter)
    try:
        variables = _execute(machine, program_text(text))
        return _answer(machine, variables, target)
    except BadSyntax as error:
        return Outcome("bad_syntax", None, str(error))
    except Refused as error:
        return Outcome("refused", None, f"line {machine.line}: {error} is outside the allowed language")
    except RecursionError:
        raise
    except Fault as error:
        return Outcome("no_solution", None, f"line {machine.line}: {error.kind}: {error}")
    except PROGRAM_ERRORS as error:
        return Outcome(
            "no_solution", None, f"line {machine.line}: {type(error).__name__}: {str(error)[:120]}"
        )


def _execute(machine: Machine, text: str) -> dict[str, Value]:
    machine.spend(len(text))
    compiler = Compiler(machine, _PREPARED, _EXPRESSIONS, _STATEMENTS)
    compiler.lines = text.encode("utf-8", "replace").splitlines()
    tree = parse_program(text)
    run = compiler.block(tree.body) if tree.body else None
    _check_names(machine, compiler, tree)
    if run is not None and run(Env({}, None)) is not None:
        raise BadSyntax("'break' or 'continue' outside a loop")
    return compiler.variables


def _check_names(machine: Machine, compiler: Compiler, tree: ast.Module) -> None:
    """Refuse Python's own names that are not ours (`open`, `eval`), even where the program never comes to them."""
    for name in compiler.loaded - compiler.stored - _PREPARED.keys():
        if name in HOST_NAMES:
            machine.line = _line_of(tree, name)
            raise Refused(name)


def _line_of(tree: ast.Module, name: str) -> int:
    return next((node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name), 1)


def _answer(machine: Machine, variables: dict[str, Value], target: str | None) -> Outcome:
    found = list(_candidates(machine, variables, target))
    for value in found:
        number = _as_number(machine, value)
        if number is not None:
            return _solved(machine, number)
    if not found:
        return _printed_answer(machine, target)
    return _no_number(found[0])


def _solved(machine: Machine, number: Fraction) -> Outcome:
    return Outcome("solved", settled(machine, number), machine.rounded and f"rounded: {machine.rounded}")


def _candidates(machine: Machine, variables: dict[str, Value], target: str | None) -> Iterator[Value]:
    """The value under the first of the agreed names that the program has."""
    if target is not None:
        if target in variables:
            yield variables[target]
        return
    if "ans" in variables:
        yield variables["ans"]
        return
    solution = variables.get("solution")
    if type(solution) is Function and not solution.parameters:
        yield solution.invoke([], {})
        return
    if "result" in variables:
        yield variables["result"]


def _as_number(machine: Machine, value: Value) -> Fraction | None:
    """A number, a text that is one, or a list with one number in it."""
    if type(value) is int:
        return Fraction(value)
    if type(value) is Fraction:
        return None if abs(value) >= INFINITY else value
    if type(value) is str:
        return _text_number(machine, value)
    if type(value) in (list, tuple, set) and len(value) == 1:
        return _as_number(machine, next(iter(value)))
    if type(value) is dict and len(value) == 1:
        return _as_number(machine, next(iter(value.values())))
    return None


def _text_number(machine: Machine, text: str) -> Fraction | None:
    """A text that is a number, with a currency sign and thousands separators at most."""
    cleaned = text.strip().lstrip("$£€").replace(",", "").strip()
    if not cleaned or len(cleaned) > 1_000 or cleaned.lstrip("+-")[:1] not in "0123456789.":
        return None
    try:
        return Fraction(read_number(machine, cleaned))
    except ValueError:
        return None


def _no_number(value: Value) -> Outcome:
    if isinstance(value, list | tuple | set | dict) and len(value) > 1:
        return Outcome("ambiguous", None, f"the answer holds {len(value)} values")
    if type(value).__name__ == "Expression":
        return Outcome("ambiguous", None, "the answer still holds an unknown")
    return Outcome("not_numeric", None, f"the answer is {type_name(value)}, not a number")


def _printed_answer(machine: Machine, target: str | None) -> Outcome:
    if target is not None:
        return Outcome("no_solution", None, f"the program sets no {target[:40]}")
    if len(machine.printed) > _MAX_PRINTED:
        return Outcome("ambiguous", None, "the program prints too much to hold one answer")
    numbers = {number for value in machine.printed for number in _numbers_in(machine, value)}
    if len(numbers) == 1:
        return _solved(machine, numbers.pop())
    if numbers:
        return Outcome("ambiguous", None, f"the program prints {len(numbers)} numbers and sets no ans")
    return Outcome("no_solution", None, "the program sets no ans, returns no solution and prints no number")


def _numbers_in(machine: Machine, value: Value) -> Iterator[Fraction]:
    """The exact number that was printed, or every number among the words of a printed text."""
    if type(value) is str:
        machine.spend(len(value))
        words = value.split() if len(value) <= 10_000 else []
        for word in words:
            number = _text_number(machine, word.strip("()[]{}:;!?'\"%").rstrip(".,"))
            if number is not None:
                yield number
        return
    number = _as_number(machine, value)
    if number is not None:
        yield number
