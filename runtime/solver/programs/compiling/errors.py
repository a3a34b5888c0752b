"""A program's own errors: assert, raise, try."""

import ast

from runtime.solver.programs.compiling.assignments import name_assigner
from runtime.solver.programs.compiling.compiler import Compiler, nothing
from runtime.solver.programs.machine import (
    PROGRAM_ERRORS,
    Env,
    Fault,
    Refused,
    Run,
    Value,
)


def assertion(compiler: Compiler, node: ast.Assert) -> Run:
    """`assert test, message`."""
    test = compiler.expression(node.test)
    if node.msg is not None:
        compiler.expression(node.msg)

    def run(env: Env) -> None:
        if not test(env):
            raise Fault("AssertionError", "an assertion does not hold")

    return run


# What raising and catching an error costs, in units of the meter.
_RAISED = 50
_ERRORS = {error.__name__: error for error in (*PROGRAM_ERRORS, ZeroDivisionError, KeyError, IndexError)}

_ERROR_NAMES = frozenset(
    {*_ERRORS, "Exception", "AssertionError", "NotImplementedError", "NameError", "OverflowError"}
)


def _error_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if not isinstance(node, ast.Name) or node.id not in _ERROR_NAMES:
        raise Refused("an exception that is not one of Python's usual ones")
    return node.id


def raising(compiler: Compiler, node: ast.Raise) -> Run:
    """`raise Error(message)`; the message is checked and not shown."""
    kind = _error_name(node.exc)
    for argument in node.exc.args if isinstance(node.exc, ast.Call) else ():
        compiler.expression(argument)

    def run(env: Env) -> None:
        raise Fault(kind, "raised by the program")

    return run


def _caught(kinds: frozenset[str], error: Exception) -> bool:
    if "Exception" in kinds:
        return True
    if isinstance(error, Fault):
        return error.kind in kinds
    return any(kind.__name__ in kinds for kind in type(error).__mro__)


def trying(compiler: Compiler, node: ast.Try) -> Run:
    """try, except, else and finally; what is over budget or refused cannot be caught."""
    body, after = compiler.block(node.body), compiler.block(node.finalbody) if node.finalbody else nothing
    other = compiler.block(node.orelse) if node.orelse else nothing
    handlers, spend = [], compiler.machine.spend
    for handler in node.handlers:
        named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        kinds = frozenset("Exception" if kind is None else _error_name(kind) for kind in named)
        bind = None if handler.name is None else name_assigner(compiler, handler.name)
        handlers.append((kinds, bind, compiler.block(handler.body)))

    def run(env: Env) -> Value:
        try:
            signal = body(env)
        except RecursionError:
            raise
        except (Fault, *PROGRAM_ERRORS) as error:
            spend(_RAISED)
            chosen = next((handler for handler in handlers if _caught(handler[0], error)), None)
            if chosen is None:
                signal = after(env)
                if signal is None:
                    raise
                return signal
            if chosen[1] is not None:
                chosen[1](env, str(error)[:200])
            signal = chosen[2](env)
        else:
            signal = other(env) if signal is None else signal
        final = after(env)
        return signal if final is None else final

    return run
