"""The things of a story, and others of their group in their place, where every occurrence is plain.

Plain is `12 apples`, `the apple`, `more apples than`; not `apple pie`, `red apples` or `an apple tree`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from benchmarks.annotations.text.numbers import TENS, UNITS
from benchmarks.annotations.text.words import CLOSED, EITHER, VERBS
from benchmarks.rewriting.lists import things

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d,.]*|[^\w\s]")
_WITH_ARTICLE = re.compile(r"\b(?:(an?)(\s+))?([A-Za-z]+)\b", re.IGNORECASE)
_PLAIN_BEFORE = (
    CLOSED | UNITS.keys() | TENS.keys() | {"dozen", "times", "fewer", "extra", "additional", "new", "half"}
)
_PLAIN_AFTER = CLOSED | VERBS | EITHER


@dataclass(frozen=True, slots=True)
class Swap:
    """Things of a text that may be others: their group, singular to plural, and which of it the text has."""

    group: Mapping[str, str]
    here: tuple[str, ...]

    def drawn(self, rng: Random) -> dict[str, str]:
        """For each word of a thing, singular and plural, that of the thing in its place."""
        free = [one for one in self.group if one not in self.here]
        new = dict(zip(self.here, rng.sample(free, len(self.here)), strict=True))
        several = {self.group[old]: self.group[fresh] for old, fresh in new.items()}
        return {**new, **several}


def swap_of(text: str) -> Swap | None:
    """The things of a text that may change, the first group of them."""
    written = _WORD.findall(text)
    words = [word.lower() for word in written]
    present = set(words)
    for group, unless in things():
        here = tuple(one for one, several in group.items() if one in present or several in present)
        if not here or not unless.isdisjoint(present) or len(group) < 2 * len(here):
            continue
        forms = {form for one in here for form in (one, group[one])}
        if not all(
            _is_plain(words, at) and written[at] == word for at, word in enumerate(words) if word in forms
        ):
            continue
        if not any(form in word and word not in forms for word in present for form in here):
            return Swap(group, here)
    return None


def _is_plain(words: list[str], at: int) -> bool:
    before = words[at - 1] if at else "."
    after = words[at + 1] if at + 1 < len(words) else "."
    return (before in _PLAIN_BEFORE or not before[0].isalpha()) and (
        after in _PLAIN_AFTER or not after[0].isalnum()
    )


def with_things(text: str, words: Mapping[str, str]) -> str:
    """A text with other things, capitals kept, and `a` or `an` before them as it must be."""
    if not words:
        return text

    def change(match: re.Match[str]) -> str:
        new = words.get(match[3].lower())
        if new is None:
            return match[0]
        if match[3][0].isupper():
            new = new.capitalize()
        if match[1] is None:
            return new
        article = "an" if new[0].lower() in "aeiou" and not new.lower().startswith("eu") else "a"
        return f"{article.capitalize() if match[1][0].isupper() else article}{match[2]}{new}"

    return _WITH_ARTICLE.sub(change, text)
