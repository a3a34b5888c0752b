"""From tree to closures: dispatch by node type, everything not in a table refused before anything runs."""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from runtime.solver.programs.machine import Env, Machine, Refused, Run, Value

# What a compiled block returns: None to go on, or one of these.
BREAK, CONTINUE, RETURN = object(), object(), object()

Table = Mapping[type[ast.AST], Callable[["Compiler", Any], Run]]


class Compiler:
    """Turns one program into closures for one machine.

    `variables` holds the module's names, `prepared` what stands behind them, `scopes` the names that each
    function or comprehension around the place binds, outermost first (the module's need none).
    `loaded` and `stored` collect the module names that the program reads and binds; `nodes` counts expressions, by
    which statements pay.
    """

    def __init__(
        self, machine: Machine, prepared: Mapping[str, Value], expressions: Table, statements: Table
    ) -> None:
        self.machine = machine
        self.prepared = prepared
        self.variables: dict[str, Value] = {}
        self.scopes: list[set[str]] = []
        self.loaded: set[str] = set()
        self.stored: set[str] = set()
        self.nodes = 0
        self.lines: list[bytes] = []
        self.in_function = False
        self._expressions = expressions
        self._statements = statements

    def expression(self, node: ast.expr) -> Run:
        """A closure that gives the expression's value."""
        compile_node = self._expressions.get(type(node))
        if compile_node is None:
            raise Refused(describe(node))
        self.nodes += 1
        return compile_node(self, node)

    def block(self, body: list[ast.stmt]) -> Run:
        """A closure that runs statements until one of them breaks, continues or returns."""
        steps = [self._statement(node) for node in body]
        if len(steps) == 1:
            return steps[0]

        def run(env: Env) -> Value:
            for step in steps:
                signal = step(env)
                if signal is not None:
                    return signal
            return None

        return run

    def _statement(self, node: ast.stmt) -> Run:
        compile_node = self._statements.get(type(node))
        self.machine.line = node.lineno
        if compile_node is None:
            raise Refused(describe(node))
        before = self.nodes
        action = compile_node(self, node)
        machine, spend, line, cost = (
            self.machine,
            self.machine.spend,
            node.lineno,
            2 + self.nodes - before,
        )

        def run(env: Env) -> Value:
            machine.line = line
            spend(cost)
            return action(env)

        return run

    @contextmanager
    def inside(self, names: set[str]) -> Iterator[None]:
        """Compile what follows in a new scope that binds `names`."""
        self.scopes.append(names)
        try:
            yield
        finally:
            self.scopes.pop()

    def depth(self, name: str) -> int | None:
        """How many scopes out a name is bound; None when it is the module's."""
        for steps, names in enumerate(reversed(self.scopes)):
            if name in names:
                return steps
        return None

    def checked_name(self, name: str) -> str:
        """A name that a program may use; raises Refused for names with two leading underscores."""
        if name.startswith("__") and name != "__name__":
            raise Refused(f"the name {name[:40]}")
        return name


_WORDS: dict[type[ast.AST], str] = {
    ast.ClassDef: "class",
    ast.With: "with",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Await: "await",
    ast.AsyncFunctionDef: "async",
    ast.Match: "match",
    ast.Try: "try",
    ast.TryStar: "try",
}


def describe(node: ast.AST) -> str:
    """A kind of node in a word that people know."""
    return _WORDS.get(type(node), type(node).__name__.lower())


def nothing(env: Env) -> None:
    """A block that does nothing."""
