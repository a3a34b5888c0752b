"""The sentences of a worked solution with other numbers.

Each number of a sentence is an old value of the question, of a step or a constant. Where it could be two that differ now,
its place decides: behind the equals sign it is the result of the sentence's own steps, elsewhere a number that they use.
Where a number cannot be told, the sentence cannot be written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.annotations.text.arithmetic import Name, Number, Token, leaves, tokenize
from benchmarks.rewriting.numbers.spans import spelled_value
from benchmarks.rewriting.numbers.spelling import CENTS, number_word, printed
from benchmarks.rewriting.template import Template


class Untold(Exception):
    """A number of a sentence of which nobody can say what it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """One number of a sentence: its token, and the names of the slots, steps and constants that it may be.

    They are in the order of preference; `share` says that they are percentages and it the hundredth of one.
    """

    token: Token
    choices: tuple[frozenset[str], ...]
    share: bool = False
    ordinal: bool = False
    comma: bool = False


class Worked:
    """The sentences of a template's steps, their numbers found once."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._names: dict[Fraction, list[str]] = {}
        for one in template.quantities:
            self._names.setdefault(one.value, []).append(one.slot)
        for name, value in template.source.values.items():
            self._names.setdefault(value, []).append(name)
        self._constants = {
            leaf.value for tree in template.trees for leaf in leaves(tree) if isinstance(leaf, Number)
        }
        for value in self._constants:
            self._names.setdefault(value, []).append(_constant(value))
        self._sentences: list[tuple[str, tuple[Place, ...]]] | None
        try:
            self._sentences = list(self._read())
        except Untold:
            self._sentences = None

    def written(self, values: Mapping[str, Fraction]) -> list[str] | None:
        """Every step's sentence with new values; None where one of them cannot be written."""
        if self._sentences is None:
            return None
        new = {**values, **{_constant(value): value for value in self._constants}}
        try:
            return [_written(text, places, new) for text, places in self._sentences]
        except Untold:
            return None

    def _read(self) -> Iterator[tuple[str, tuple[Place, ...]]]:
        """Each step's sentence with the places of its numbers; a sentence may work out the steps before it, too."""
        results: set[str] = set()
        used: set[str] = set()
        for step, tree in zip(self._template.source.annotation.steps, self._template.trees, strict=True):
            results.add(step.name)
            used.update(_leaf_name(leaf) for leaf in leaves(tree))
            yield step.sentence, tuple(self._places(step.sentence, frozenset(results), frozenset(used)))
            if step.sentence:
                results, used = set(), set()

    def _places(self, text: str, results: frozenset[str], used: frozenset[str]) -> Iterator[Place]:
        before = ""
        for token in tokenize(text):
            value = spelled_value(token.text) if token.kind == "word" else None
            ordinal = text[token.end : token.end + 2].lower() in ("st", "nd", "rd", "th")
            if token.kind == "number":
                share = token.value not in self._names and 0 < token.value < 1 and "." in token.text
                names = self._names.get(token.value * 100 if share else token.value, ())
                if not names and token.value not in (0, 1, 100):
                    raise Untold(token.text)
                order = (results, used) if before == "=" else (used, results)
                choices = (*(wanted.intersection(names) for wanted in order), frozenset(names))
                yield Place(token, choices, share, ordinal, "," in text[token.start : token.end])
            elif value is not None:
                names = self._names.get(Fraction(value), ())
                token = token._replace(value=Fraction(value))
                yield Place(token, (used.intersection(names), results.intersection(names), frozenset(names)))
            before = token.kind


def _written(text: str, places: Sequence[Place], new: Mapping[str, Fraction]) -> str:
    pieces: list[str] = []
    end = 0
    for place in places:
        token = place.token
        pieces += [text[end : token.start], _spelled(place, _value(place, new))]
        end = token.end
    return "".join([*pieces, text[end:]])


def _value(place: Place, new: Mapping[str, Fraction]) -> Fraction:
    """The new value of a place: that of all it may be, else of the best choice in which all agree."""
    names = place.choices[-1]
    if not names:
        return place.token.value
    values = [new[name] for name in names]
    if any(value != values[0] for value in values):
        values = next(
            (found for one in place.choices[:-1] if _agree(found := [new[name] for name in one])), []
        )
        if not values:
            raise Untold(place.token.text)
    return values[0] / 100 if place.share else values[0]


def _agree(values: Sequence[Fraction]) -> bool:
    return bool(values) and all(value == values[0] for value in values)


def _spelled(place: Place, value: Fraction) -> str:
    token = place.token
    if value == token.value:
        return token.text
    if token.kind == "word":
        word = number_word(value)
        if word is None:
            return printed(value)
        return word.capitalize() if token.text[0].isupper() else word
    decimals = len(token.text.partition(".")[2])
    text = printed(value, CENTS if decimals == CENTS else 0, comma=place.comma)
    if "/" in text or place.ordinal:
        raise Untold(token.text)
    return text


def _leaf_name(leaf: Name | Number) -> str:
    return leaf.name if isinstance(leaf, Name) else _constant(leaf.value)


def _constant(value: Fraction) -> str:
    return f"={value}"
