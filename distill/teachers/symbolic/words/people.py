"""The people of a story: which first names it has, and others in their place.

A name is renamed only where all its occurrences are plain: no title before it, no capitalized word beside it, as in
`Papa John's` or `Tom Brady`. The pronoun of the new one is the same, so nothing else changes.
"""

import re
from collections.abc import Iterator, Mapping
from random import Random

from distill.teachers.symbolic.lists import people, pronouns, titles

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
LONGEST_NAME = 9


def named(text: str) -> list[str]:
    """The first names of a text that are surely people, in their order."""
    found = dict.fromkeys(match[0] for match in _WORD.finditer(text) if match[0] in pronouns())
    return [name for name in found if all(_is_plain(text, place) for place in _places(text, name))]


def _places(text: str, name: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<![\w-]){name}(?![\w-])", text)


def _is_plain(text: str, place: re.Match[str]) -> bool:
    """Whether no other name stands beside this one."""
    before = re.search(r"([\w’'.-]+) $", text[: place.start()])
    after = re.match(r"(?:['’]s?)? ([A-Z][\w’'-]*)", text[place.end() :])
    if before is not None:
        word = before[1].rstrip(".") or "."
        sentence = re.search(r"[.!?:]['”\"]? $", text[: place.start()]) is not None
        begins = re.search(r"(?:^|[.!?:]['”\"]? )[\w’'-]+ $", text[: place.start()]) is not None
        if word in titles() or (word[0].isupper() and not sentence and not begins):
            return False
    return after is None or after[1] in pronouns() or after[1].lower() in ("i", "if")


def renaming(text: str, rng: Random) -> dict[str, str]:
    """A new name for each person of a text."""
    taken = set(_WORD.findall(text))
    chosen: dict[str, str] = {}
    for name in named(text):
        free = [
            other for other in people()[pronouns()[name]] if other not in taken and len(other) <= LONGEST_NAME
        ]
        chosen[name] = rng.choice(free)
        taken.add(chosen[name])
    return chosen


def somebody(text: str, rng: Random) -> str:
    """A first name that a text does not have."""
    taken = set(_WORD.findall(text))
    names = [name for name in pronouns() if name not in taken and len(name) <= LONGEST_NAME]
    return rng.choice(names)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with other names, possessives included: `James' dog` and `James's dog` become `Peter's dog`."""
    if not names:
        return text
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?P<own>['’]s?(?!\w))?(?![\w-])")

    def change(match: re.Match[str]) -> str:
        new = names[match[1]]
        own = match["own"]
        if not own:
            return new
        return f"{new}{own[0]}s" if len(own) == 2 or match[1].endswith("s") else f"{new}{own}"

    return pattern.sub(change, text)


def renamed_step(name: str, words: Mapping[str, str]) -> str:
    """A step's name with the words of it changed, `tom_apples` to `paul_pears`."""
    return "_".join(words.get(word, word) for word in name.split("_"))
