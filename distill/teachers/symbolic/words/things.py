"""The things of a story, and others of their group in their place, where every occurrence is plain.

Plain is `12 apples`, `the apple`, `more apples than`; not `apple pie`, `red apples` or `an apple tree`.
"""

import re
from collections.abc import Mapping
from random import Random

from distill.teachers.gold.text.numbers import TENS, UNITS
from distill.teachers.gold.text.words import CLOSED, EITHER, VERBS
from distill.teachers.symbolic.lists import things

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d,.]*|[^\w\s]")
_PLAIN_BEFORE = (
    CLOSED | UNITS.keys() | TENS.keys() | {"dozen", "times", "fewer", "extra", "additional", "new", "half"}
)
_PLAIN_AFTER = CLOSED | VERBS | EITHER


def swapped(text: str, rng: Random) -> dict[str, str]:
    """For each word of a thing, singular and plural, that of the thing in its place; empty where none may change."""
    words = _WORD.findall(text)
    lower = [word.lower() for word in words]
    present = set(lower)
    for group, unless in things():
        here = [one for one, several in group.items() if one in present or several in present]
        free = [one for one in group if one not in here]
        if not here or not unless.isdisjoint(present) or len(free) < len(here):
            continue
        forms = {form for one in here for form in (one, group[one])}
        if not all(_is_plain(lower, at) for at, word in enumerate(lower) if word in forms):
            continue
        if any(form in word and word not in forms for word in present for form in here):
            continue
        new = dict(zip(here, rng.sample(free, len(here)), strict=True))
        return {
            old: fresh
            for one, other in new.items()
            for old, fresh in ((one, other), (group[one], group[other]))
        }
    return {}


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
    pattern = re.compile(rf"\b(?:(an?)(\s+))?({'|'.join(words)})\b", re.IGNORECASE)

    def change(match: re.Match[str]) -> str:
        new = words[match[3].lower()]
        if match[3][0].isupper():
            new = new.capitalize()
        if match[1] is None:
            return new
        article = "an" if new[0].lower() in "aeiou" else "a"
        return f"{article.capitalize() if match[1][0].isupper() else article}{match[2]}{new}"

    return pattern.sub(change, text)
