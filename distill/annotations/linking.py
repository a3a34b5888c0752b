"""Which literals of a step are the results of earlier steps.

A number that the question does not tell and an earlier step computed is that step; likewise a larger term of a sum that
the question does not tell in digits. Where both explain it, in this order: a step of the same shape as an earlier one
repeats its literal; the words after the number side with one of them; a result that nothing has used yet is meant
(people compute what they need); the result of the step just before is meant; otherwise it is the question's. Of equal
results the latest unused, else the latest, is meant. Afterwards a result still unused claims the first later literal
that equals it. Linking by name also removes the rounding of a printed result: `33.33` becomes the exact third.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from distill.annotations.arithmetic import Number, Operation, Token, Tree, leaves
from distill.annotations.numbers import QuestionNumbers
from distill.annotations.words import spread


@dataclass(slots=True)
class Draft:
    """A step before it has a name. `shown` is its value as printed, `words` what the sentence says it counts."""

    tree: Tree
    shown: Fraction
    words: frozenset[str]
    context: dict[int, frozenset[str]] = field(default_factory=dict)
    links: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the question says about its numbers: all of them, and the words after each that stands in digits."""

    numbers: QuestionNumbers
    words: dict[Fraction, frozenset[str]]


def link(drafts: list[Draft], told: Told) -> None:
    """Fill each draft's `links`: index of a literal (in `leaves` order) -> index of the step that it is."""
    used: set[int] = set()
    for index, draft in enumerate(drafts):
        taken: set[int] = set()
        for position, leaf in enumerate(leaves(draft.tree)):
            if not isinstance(leaf, Number):
                continue
            source = _source(drafts, index, position, told, used, taken)
            if source is not None:
                draft.links[position] = source
                taken.add(source)
        used |= taken
    _claim(drafts, used)


def _source(
    drafts: list[Draft], index: int, position: int, told: Told, used: set[int], taken: set[int]
) -> int | None:
    literals = list(leaves(drafts[index].tree))
    literal = literals[position]
    assert isinstance(literal, Number)
    value = literal.value
    candidates = [earlier for earlier in range(index) if drafts[earlier].shown == value]
    if not candidates:
        return None
    fresh = [earlier for earlier in candidates if earlier not in used | taken]
    free = [earlier for earlier in candidates if earlier not in taken]
    best = (fresh or free or candidates)[-1]
    if best in taken:
        return None if told.numbers.tells(value) else best
    here = drafts[index].context.get(position, frozenset())
    lean = len(here & drafts[best].words) - len(here & told.words.get(value, frozenset()))
    if value not in told.numbers.values:
        everyday = told.numbers.tells(value) and value <= EVERYDAY
        if not everyday or operator_at(drafts[index].tree, position) in ("+", "-"):
            return best
        return best if lean > 0 or best == index - 1 else None
    if (
        value not in told.numbers.digits
        and operator_at(drafts[index].tree, position) in ("+", "-")
        and value > EVERYDAY
    ):
        return best
    if _repeats(drafts, index, position):
        return None
    if lean:
        return best if lean > 0 else None
    return best if fresh or best == index - 1 else None


def _repeats(drafts: list[Draft], index: int, position: int) -> bool:
    """Whether an earlier step of the same shape has the same bare literal at this place (`16 / 4`, then `24 / 4`)."""
    shape = _shape(drafts[index].tree)
    literal = list(leaves(drafts[index].tree))[position]
    for earlier in drafts[:index]:
        if position not in earlier.links and _shape(earlier.tree) == shape:
            other = list(leaves(earlier.tree))[position]
            if isinstance(literal, Number) and isinstance(other, Number) and literal.value == other.value:
                return True
    return False


def _shape(tree: Tree) -> str:
    """The operators of a tree, in the order of its leaves."""
    if isinstance(tree, Operation):
        return f"({_shape(tree.left)}{tree.operator}{_shape(tree.right)})"
    return "_"


def _claim(drafts: list[Draft], used: set[int]) -> None:
    """Give a result that nothing uses the first later literal of its value."""
    for index in range(len(drafts) - 1):
        if index in used:
            continue
        for later in drafts[index + 1 :]:
            free = [
                position
                for position, leaf in enumerate(leaves(later.tree))
                if isinstance(leaf, Number)
                and leaf.value == drafts[index].shown
                and position not in later.links
            ]
            if free:
                later.links[free[0]] = index
                used.add(index)
                break


def needed(drafts: list[Draft]) -> list[int]:
    """The steps that the last one rests on, itself included, in order."""
    seen: set[int] = set()
    waiting = [len(drafts) - 1]
    while waiting:
        index = waiting.pop()
        if index not in seen:
            seen.add(index)
            waiting.extend(drafts[index].links.values())
    return sorted(seen)


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


def words_after(tokens: Sequence[Token], at: int, count: int = 2) -> frozenset[str]:
    """The next words after a token, in lower case and without plural s."""
    found: list[str] = []
    for token in tokens[at + 1 : at + 1 + count + 1]:
        if token.kind == "word":
            found.append(stem(token.text))
        elif token.kind in ("number", "=") or token.text in ".;:":
            break
    return frozenset(found[:count]) - IDLE


def stem(word: str) -> str:
    """Lower case, possessive and plural s removed."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


# Factors up to this one (feet of an animal, days of a week) are as likely common knowledge as an earlier result.
EVERYDAY = 12
IDLE = spread("more less of the a an and in per to for each is are than on at")


def question_words(tokens: Sequence[Token]) -> dict[Fraction, frozenset[str]]:
    """The words after each number that stands in digits."""
    found: dict[Fraction, frozenset[str]] = {}
    for at, token in enumerate(tokens):
        if token.kind == "number":
            found[token.value] = found.get(token.value, frozenset()) | words_after(tokens, at, 3)
    return found


def literal_words(tree: Tree, tokens: Sequence[Token]) -> dict[int, frozenset[str]]:
    """For each literal of a tree the words after its next occurrence in the expression's own text."""
    found: dict[int, frozenset[str]] = {}
    at = 0
    for position, leaf in enumerate(leaves(tree)):
        if not isinstance(leaf, Number):
            continue
        places = [
            index
            for index, token in enumerate(tokens)
            if token.kind == "number" and token.value == leaf.value
        ]
        place = next((index for index in places if index >= at), places[0] if places else None)
        if place is not None:
            found[position] = words_after(tokens, place)
            at = place + 1
    return found
