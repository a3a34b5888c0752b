"""`distract`: a sentence with a number that has nothing to do with the question; answer and thoughts stay.

It stands before the sentence that asks, unless that one refers back with a pronoun; then it opens the story. A person's
sentence is used only where nobody else could be meant by a `he` or `she` that follows.
"""

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from distill.teachers import Declined
from distill.teachers.gold.text.words import spread
from distill.teachers.symbolic.lists import pronouns, read_list
from distill.teachers.symbolic.rewriting import Rewritten
from distill.teachers.symbolic.template import Source
from distill.teachers.symbolic.words.people import named
from distill.teachers.symbolic.words.question import sentences

TRIES = 12
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|%")
_NUMBER = re.compile(r"\d+")
REFERS = spread("it its they them their theirs this these those such there one ones")
GENDERS = {"he": spread("he him his himself"), "she": spread("she her hers herself")}
# First words that go on from the sentence before.
GOES_ON = spread("then so and but at after afterwards if what's therefore otherwise now that with by")
NO_NOUN = re.compile(
    r"\bhow (?:many|much) (?:more |fewer |less )?"
    r"(?:is|are|was|were|will|do|does|did|has|have|had|can|would|remain|left)\b"
)


def distract(source: Source, rng: Random) -> Rewritten | Declined:
    """The problem with one sentence more, or why none fits."""
    question = source.problem.question.strip()
    found = sentences(question)
    if not found or not found[-1].asks:
        return Declined("question_unread")
    words = {word.lower() for word in _WORD.findall(question)}
    people = [
        one for one in named(question) if f"{one}, the" not in question and f"{one} the" not in question
    ]
    candidates = [
        *_sentences("nobody", words, ""),
        *(row for one in people[:2] for row in _sentences("person", words, one)),
    ]
    numbers = set(_NUMBER.findall(question))
    for _ in range(TRIES if candidates else 0):
        row, person = rng.choice(candidates)
        number = str(rng.randint(*row["n"]))
        if number in numbers:
            continue
        said = row["say"].format(n=number, person=person)
        at = found[-1].start if _may_stand_before(found[-1].text, person, people) else 0
        return Rewritten(_inserted(question, at, said), source.annotation)
    return Declined("no_fitting_sentence")


def _sentences(kind: str, words: set[str], person: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The sentences that a question with these words may have."""
    for row in read_list("irrelevant")[kind]:
        if words.isdisjoint(row["unless"].split()):
            yield row, person


def _may_stand_before(asking: str, person: str, people: list[str]) -> bool:
    """Whether a sentence about a person (or nobody) may stand right before the one that asks."""
    words = [word.lower() for word in _WORD.findall(asking)]
    if not words or words[0] in GOES_ON or not REFERS.isdisjoint(words) or NO_NOUN.search(asking.lower()):
        return False
    said = {pronoun for pronoun, forms in GENDERS.items() if not forms.isdisjoint(words)}
    if not said or not person:
        return True
    return {person} == {one for one in people if pronouns()[one] in said}


def _inserted(question: str, at: int, sentence: str) -> str:
    return f"{question[:at]}{sentence} {question[at:]}"
