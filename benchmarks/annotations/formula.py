"""Formula fields (`( 26.0 - 9.0 )`, `X=(27.0*16.0)`, `3*(2*x+9)=4*x+13`) -> Annotation.

An equation with an unknown is solved for it without being simplified. Each inner calculation becomes a step of its own,
named after what the question counts with its numbers.
"""

from collections.abc import Sequence
from fractions import Fraction

from benchmarks.annotations.annotation import Annotation, ParseFailure, Step
from benchmarks.annotations.grounding import grounded, unexplained
from benchmarks.annotations.text.algebra import ZERO, solve_equation
from benchmarks.annotations.text.arithmetic import (
    Name,
    NoArithmetic,
    Number,
    Operation,
    Token,
    Tree,
    evaluate,
    literals,
    parse,
    replace_leaves,
    show,
    tokenize,
)
from benchmarks.annotations.text.naming import name_of_words
from benchmarks.annotations.text.numbers import told_numbers
from benchmarks.annotations.text.phrases import first_phrase, words_of
from runtime.values.answers import format_value
from runtime.values.problem import Problem

LEADING = {"+": "total", "*": "total", "-": "", "/": "", "//": ""}


def read_formula(problem: Problem) -> Annotation | ParseFailure:
    """The annotation of a problem with a formula, or why there is none."""
    if not problem.equation:
        return ParseFailure("no_annotation")
    tokens = list(tokenize(problem.equation))
    solved = any(token.kind == "=" for token in tokens)  # the unknown's side of `X = ...` goes
    try:
        tree = solve_equation(tokens) if solved else parse(problem.equation)
        evaluate(tree, {})
    except NoArithmetic as error:
        return ParseFailure("not_explicit", str(error))
    except ZeroDivisionError:
        return ParseFailure("division_by_zero")
    question = list(tokenize(problem.question))
    told = told_numbers(question)
    tree = grounded(tree, told)
    return unexplained(literals(tree), told) or Annotation(tuple(StepWriter(question).of(tree)))


class StepWriter:
    """Cuts trees into named steps, one operator each, and says each in a plain sentence."""

    def __init__(self, question: Sequence[Token]) -> None:
        self.nouns = _nouns(question)
        self.steps: list[Step] = []
        self.known: dict[str, Fraction] = {}
        self.literals: set[Fraction] = set()

    def of(self, tree: Tree) -> list[Step]:
        """The steps of a whole formula."""
        self._add("ans", self._operands(tree))
        return self.steps

    def reference(self, tree: Tree) -> Tree:
        """A literal (also a negative one) or a name as it is, a calculation by the name of its own step."""
        if not isinstance(tree, Operation) or (tree.left == ZERO and isinstance(tree.right, Number)):
            return tree
        simple = self._operands(tree)
        name = self._name(tree)
        self._add(name, simple)
        return Name(name)

    def _operands(self, tree: Tree) -> Tree:
        if not isinstance(tree, Operation):
            return tree
        return Operation(tree.operator, self.reference(tree.left), self.reference(tree.right))

    def _name(self, tree: Operation) -> str:
        nouns = [self.nouns[value] for value in literals(tree) if value in self.nouns]
        head = nouns[-1] if tree.operator == "*" and nouns else nouns[0] if nouns else "amount"
        behind = "left" if tree.operator == "-" else ""
        return name_of_words((LEADING[tree.operator], head, behind), set(self.known))

    def _add(self, name: str, tree: Tree) -> None:
        value = evaluate(tree, self.known)
        self.literals.update(literals(tree))
        sentence = f"{show(replace_leaves(tree, self._figure))} = {format_value(value)}."
        if name != "ans":
            sentence = f"{name.replace('_', ' ').capitalize()}: {sentence}"
        self.steps.append(Step(name, show(tree), sentence))
        self.known[name] = value

    def _figure(self, _: int, leaf: Tree) -> Tree:
        return Number(self.known[leaf.name]) if isinstance(leaf, Name) else leaf


def _nouns(question: Sequence[Token]) -> dict[Fraction, str]:
    """The noun after each number of the question."""
    found: dict[Fraction, str] = {}
    for at, token in enumerate(question):
        if token.kind == "number":
            phrase, rest = first_phrase(tuple(words_of(question[at + 1 : at + 9], frozenset(), first=False)))
            if phrase or rest:
                found.setdefault(token.value, phrase[-1] if phrase else rest[0])
    return found
