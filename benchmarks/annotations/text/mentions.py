"""Mentions: what is said around a number, in a question or in the sentence of a step, as sets of plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from benchmarks.annotations.text.arithmetic import CURRENCY, Number, Token, Tree, leaves
from benchmarks.annotations.text.words import CLOSED, spread

AFTER, BEFORE = 3, 3
NOTHING: frozenset[str] = frozenset()
# Words that stand between a number and what it counts.
PASSED = spread("more less of the a an and in per to for each every is are was were has have than on at")


@dataclass(frozen=True, slots=True)
class Mention:
    """One number in a text: the words right after it, those around it, and whether a currency sign stands before it."""

    after: frozenset[str] = NOTHING
    around: frozenset[str] = NOTHING
    money: bool = False


@lru_cache(1 << 13)
def stem(word: str) -> str:
    """Lower case, possessive and plural s removed."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def said(tokens: Sequence[Token]) -> frozenset[str]:
    """The words of some tokens that say something."""
    return frozenset(
        stem(token.text) for token in tokens if token.kind == "word" and token.text.lower() not in CLOSED
    )


def mention_at(text: str, tokens: Sequence[Token], at: int) -> Mention:
    """What is said around the number that is token `at` of a text."""
    return Mention(
        said(following(tokens, at)),
        said([*_preceding(tokens, at), *following(tokens, at)]),
        tokens[at].start > 0 and text[tokens[at].start - 1] in CURRENCY,
    )


def following(tokens: Sequence[Token], at: int) -> list[Token]:
    """The next words after a token, up to another number or the end of the clause."""
    found: list[Token] = []
    for token in tokens[at + 1 :]:
        if (
            token.kind in ("number", "=", "operator", "(", ")")
            or token.text in ".;:,!?"
            or len(found) == AFTER
        ):
            break
        if token.kind == "word" and (found or token.text.lower() not in PASSED):
            found.append(token)
    return found


def _preceding(tokens: Sequence[Token], at: int) -> list[Token]:
    found: list[Token] = []
    for token in reversed(tokens[:at]):
        if token.kind in ("number", "=", "operator") or token.text in ".;:,!?" or len(found) == BEFORE:
            break
        if token.kind == "word" and token.text.lower() not in CLOSED:
            found.append(token)
    return found


def question_mentions(text: str, tokens: Sequence[Token]) -> dict[Fraction, Mention]:
    """What a question says around each number that stands in digits, all its occurrences together."""
    found: dict[Fraction, Mention] = {}
    for at, token in enumerate(tokens):
        if token.kind == "number":
            new, old = mention_at(text, tokens, at), found.get(token.value, Mention())
            found[token.value] = Mention(
                new.after | old.after, new.around | old.around, new.money or old.money
            )
    return found


def literal_mentions(text: str, tree: Tree, tokens: Sequence[Token]) -> dict[int, Mention]:
    """For each literal of a tree what is said around its next occurrence in the expression's own text."""
    found: dict[int, Mention] = {}
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
            found[position] = mention_at(text, tokens, place)
            at = place + 1
    return found
