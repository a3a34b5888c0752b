"""The people of a story: which first names it has, and others in their place.

A name is renamed only where all its occurrences are plain: no title before it, no capitalized word beside it, as in
`Papa John's` or `Tom Brady`. The pronoun of the new one is the same, so nothing else changes.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random

from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.lists import people, pronouns, titles

_NAME = re.compile(r"(?<![\w-])([A-Z][a-z]+)(['’]s?(?!\w))?(?![\w-])")
_BEFORE = re.compile(r"(^|[.!?:]['”\"]? )?([\w’'.-]+) $")
_ENDED = re.compile(r"[.!?:]['”\"]? $")
_AFTER = re.compile(r" ([A-Z][\w’'-]*)")
_WORD = re.compile(r"[^\W\d_]+")
_DAYS = spread(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays
    Sundays January February March April May June July August September October November December Christmas Halloween I"""
)
LONGEST_NAME = 9
# How far back a word before a name may begin.
REACH = 30


@lru_cache(64)
def named(text: str) -> tuple[str, ...]:
    """The first names of a text that are surely people, in their order; several kinds ask about one question."""
    known = pronouns()
    found: dict[str, bool] = {}
    for match in _NAME.finditer(text):
        if match[1] in known:
            found[match[1]] = found.get(match[1], True) and _is_plain(text, match)
    return tuple(name for name, plain in found.items() if plain)


def _is_plain(text: str, place: re.Match[str]) -> bool:
    """Whether no other name stands beside this one."""
    ahead = text[max(0, place.start() - REACH) : place.start()]
    after = _AFTER.match(text, place.end())
    before = _BEFORE.search(ahead)
    word = before[2].rstrip(".") if before else ""
    if word in titles():
        return False
    if word[:1].isupper() and before and before[1] is None and not _ENDED.search(ahead) and word not in _DAYS:
        return False
    return after is None or after[1] in pronouns() or after[1] in ("I", "If")


def renaming(names: Sequence[str], words: frozenset[str], rng: Random) -> dict[str, str]:
    """A new name for each of these, none of them among the words of the text."""
    chosen: dict[str, str] = {}
    for name in names:
        chosen[name] = _drawn(people()[pronouns()[name]], {*words, *chosen.values()}, rng)
    return chosen


def somebody(words: frozenset[str], rng: Random) -> str:
    """A first name that is not among the words of a text."""
    return _drawn(tuple(pronouns()), words, rng)


def _drawn(names: Sequence[str], taken: frozenset[str] | set[str], rng: Random) -> str:
    while True:
        name = rng.choice(names)
        if name not in taken and len(name) <= LONGEST_NAME:
            return name


def words_in(text: str) -> frozenset[str]:
    """The words of a text as they are written."""
    return frozenset(_WORD.findall(text))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with other names, possessives included: `James' dog` and `James's dog` become `Peter's dog`."""
    if not names:
        return text

    def change(match: re.Match[str]) -> str:
        new = names.get(match[1])
        if new is None:
            return match[0]
        own = match[2] or ""
        return f"{new}{own}s" if len(own) == 1 and match[1].endswith("s") else f"{new}{own}"

    return _NAME.sub(change, text)


def renamed_step(name: str, words: Mapping[str, str]) -> str:
    """A step's name with the words of it changed, `tom_apples` to `paul_pears`."""
    return "_".join(words.get(word, word) for word in name.split("_"))
