"""`backward`: the answer is told, and a number that was given is asked for.

The hidden number is one that a single literal of the steps uses, and every step from there to the answer is used once, so
that each can be undone: the system has one solution. As equations the steps stay as they were, with the answer's value
told; as a program each step on the way is undone, the last one first. After MetaMath's self-verification questions.
"""

import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from benchmarks.annotations.annotation import Annotation, Step
from benchmarks.annotations.text.arithmetic import (
    Name,
    Number,
    Operation,
    Tree,
    evaluate,
    leaves,
    replace_leaves,
    show,
)
from benchmarks.rewriting.lists import read_list
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Quantity, Template
from benchmarks.rewriting.words.question import asking
from runtime.values.answers import format_value
from runtime.values.rationale import Declined

DATA = pathlib.Path(__file__).parent / "data"
LETTERS = "xyn"
# A value that is printed as a fraction makes no sentence.
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a hidden number to the answer: the steps on it by their place, the first one uses the number."""

    hidden: Quantity
    steps: tuple[int, ...]


class Backward:
    """A template's problem asked backwards."""

    def __init__(self, template: Template, letter: str, paths: Sequence[Path]) -> None:
        self._template = template
        self._letter = letter
        self._paths = paths
        self._annotations: dict[Path, Annotation] = {}

    @classmethod
    def prepared(cls, template: Template) -> "Backward | Declined":
        """Ready to write, or why no number can be asked for."""
        question = template.source.problem.question
        if template.unsure == "unused_number":
            return Declined(template.unsure)
        if asking(question.strip()) is None:
            return Declined("question_unread")
        letter = next((one for one in LETTERS if f" {one} " not in question.lower()), None)
        paths = list(_paths(template))
        return cls(template, letter, paths) if letter and paths else Declined("no_single_use")

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with a number hidden."""
        source, letter = self._template.source, self._letter
        path = rng.choice(self._paths)
        closing = rng.choice(read_list("unknowns", DATA)).format(x=letter, answer=format_value(source.answer))
        span, text = path.hidden.spans[0], source.problem.question
        hidden = f"{text[: span.start]}{letter}{text[span.end :]}".strip()
        if path not in self._annotations:
            self._annotations[path] = _annotation(self._template, path, letter)
        return Rewritten(f"{hidden} {closing}", self._annotations[path], path.hidden.value)


def _paths(template: Template) -> Iterator[Path]:
    """The numbers that may be hidden."""
    text = template.source.problem.question
    for quantity in template.free:
        span = quantity.spans[0]
        glued = (
            text[span.end : span.end + 1].isalpha()
            or text[span.start].isupper()
            or span.before in ("a", "an")
        )
        if quantity.uses == 1 and len(quantity.spans) == 1 and not glued:
            steps = _way(template, quantity.slot)
            if steps is not None and _can_be_undone(template, quantity, steps):
                yield Path(quantity, steps)


def _way(template: Template, name: str) -> tuple[int, ...] | None:
    """The steps from a name to the answer, None where one of them is used twice or not at all."""
    found: list[int] = []
    names = [step.name for step in template.source.annotation.steps]
    while name != "ans":
        uses = [
            place for place, tree in enumerate(template.trees) for leaf in leaves(tree) if leaf == Name(name)
        ]
        if len(uses) != 1 or name in template.repeated:
            return None
        found.append(uses[0])
        name = names[uses[0]]
    return tuple(found)


def _can_be_undone(template: Template, hidden: Quantity, steps: Sequence[int]) -> bool:
    """Whether the undone steps give the hidden number back, dividing by nothing that is zero."""
    known = {**{one.slot: one.value for one in template.quantities}, **template.source.values}
    try:
        return all(evaluate(tree, known) == known[name] for name, tree in _undone(template, hidden, steps))
    except ZeroDivisionError:
        return False


def _undone(template: Template, hidden: Quantity, steps: Sequence[int]) -> Iterator[tuple[str, Tree]]:
    """The undone steps, from the answer to the hidden number: each with the name of what it gives."""
    names = [hidden.slot, *(template.source.annotation.steps[place].name for place in steps)]
    result: Tree = Number(template.source.answer)
    for place, name in zip(reversed(steps), reversed(names[:-1]), strict=True):
        yield name, _solved(template.trees[place], Name(name), result)
        result = Name(name)


def _solved(tree: Tree, unknown: Name, result: Tree) -> Tree:
    """What the unknown is where the tree, in which it stands once, comes to the result."""
    while isinstance(tree, Operation):
        left, right = tree.left, tree.right
        in_left = unknown in leaves(left)
        match tree.operator:
            case "+":
                result = Operation("-", result, right if in_left else left)
            case "*":
                result = Operation("/", result, right if in_left else left)
            case "-":
                result = Operation("+", result, right) if in_left else Operation("-", left, result)
            case _:
                result = Operation("*", result, right) if in_left else Operation("/", left, result)
        tree = left if in_left else right
    return result


def _annotation(template: Template, path: Path, letter: str) -> Annotation:
    """The steps that are not on the way as they were, then the undone ones; and the system as it was."""
    values = {one.slot: one.value for one in template.quantities}
    hidden = path.hidden.slot
    names = [step.name for step in template.source.annotation.steps]
    plain = [_numbers(tree, values, hidden) for tree in template.trees]
    kept = [(names[place], plain[place]) for place in range(len(names)) if place not in path.steps]
    undone = [
        (name, _numbers(tree, values, hidden)) for name, tree in _undone(template, path.hidden, path.steps)
    ]
    known = {**template.source.values, hidden: path.hidden.value}
    steps = [*kept, *undone]
    sentences = [_sentence(letter if name == hidden else _said(name), tree, known) for name, tree in steps]
    spoken = all(sentences)
    written = tuple(
        Step("ans" if name == hidden else name, show(tree), sentence if spoken else "")
        for (name, tree), sentence in zip(steps, sentences, strict=True)
    )
    if _divides_by_it(names, plain, path):
        return Annotation(written)
    return Annotation(written, tuple(_system(names, plain, hidden, template)))


def _numbers(tree: Tree, values: Mapping[str, Fraction], hidden: str) -> Tree:
    """A tree with all numbers filled in but the hidden one."""

    def change(_: int, leaf: Tree) -> Tree:
        filled = isinstance(leaf, Name) and leaf.name in values and leaf.name != hidden
        return Number(values[leaf.name]) if filled and isinstance(leaf, Name) else leaf

    return replace_leaves(tree, change)


def _system(names: Sequence[str], trees: Sequence[Tree], hidden: str, template: Template) -> Iterator[str]:
    """The steps as equations, the hidden number as `ans`, the old answer as the number that it is."""
    for name, tree in zip(names, trees, strict=True):
        told = show(replace_leaves(tree, lambda _, leaf: Name("ans") if leaf == Name(hidden) else leaf))
        yield f"{told} = {format_value(template.source.answer)}" if name == "ans" else f"{name} = {told}"


def _divides_by_it(names: Sequence[str], trees: Sequence[Tree], path: Path) -> bool:
    """Whether the unknown, or what follows from it, is divided by somewhere: no linear system."""
    unknown = [path.hidden.slot, *(names[place] for place in path.steps)]
    return any(_is_divisor(trees[place], name) for place, name in zip(path.steps, unknown, strict=False))


def _is_divisor(tree: Tree, name: str) -> bool:
    if not isinstance(tree, Operation):
        return False
    if tree.operator == "/" and Name(name) in leaves(tree.right):
        return True
    return _is_divisor(tree.left, name) or _is_divisor(tree.right, name)


def _said(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sentence(subject: str, tree: Tree, known: Mapping[str, Fraction]) -> str:
    """`Clips in May: 72 - 48 = 24.`; nothing where a number is too long to say."""
    value = evaluate(tree, known)
    figures = [value, *(known[leaf.name] for leaf in leaves(tree) if isinstance(leaf, Name))]
    if any("/" in format_value(one) or len(format_value(one)) > MOST_DIGITS for one in figures):
        return ""
    shown = replace_leaves(tree, lambda _, leaf: Number(known[leaf.name]) if isinstance(leaf, Name) else leaf)
    return f"{subject}: {show(shown)} = {format_value(value)}."
