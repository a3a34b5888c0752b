"""`distract`: a sentence with a number that has nothing to do with the question; answer and thoughts stay.

It stands before the sentence that asks, unless that one refers back with a pronoun; then it opens the story. A person's
sentence is used only where nobody else could be meant by a `he` or `she` that follows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.lists import pronouns, read_list
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Source
from benchmarks.rewriting.words.people import named
from benchmarks.rewriting.words.question import Sentence, sentences
from runtime.values.rationale import Declined

TRIES, MOST_PEOPLE = 12, 2
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


class Distract:
    """A source with one sentence more."""

    def __init__(self, source: Source, found: Sequence[Sentence], drawn_from: str) -> None:
        question = source.problem.question.strip()
        words = {word.lower() for word in _WORD.findall(question)}
        people = [
            one for one in named(question) if f"{one}, the" not in question and f"{one} the" not in question
        ]
        self._source = source
        self._numbers = set(_NUMBER.findall(question))
        self._fitting = [
            *_sentences(drawn_from, "nobody", words, ""),
            *(row for one in people[:MOST_PEOPLE] for row in _sentences(drawn_from, "person", words, one)),
        ]
        before = {one for one in ("", *people) if _may_stand_before(found[-1].text, one, people)}
        self._places = {one: found[-1].start if one in before else 0 for one in ("", *people)}

    @classmethod
    def prepared(cls, source: Source, drawn_from: str = "irrelevant") -> "Distract | Declined":
        """Ready to write with sentences of a list, or why the sentence that asks was not found."""
        found = sentences(source.problem.question.strip())
        return cls(source, found, drawn_from) if found and found[-1].asks else Declined("question_unread")

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with a sentence drawn from those that have nothing to do with it."""
        question = self._source.problem.question.strip()
        for _ in range(TRIES if self._fitting else 0):
            row, person = rng.choice(self._fitting)
            number = str(rng.randint(*row["n"]))
            if number not in self._numbers:
                said = row["say"].format(n=number, person=person)
                at = self._places[person]
                return Rewritten(
                    f"{question[:at]}{said} {question[at:]}", self._source.annotation, self._source.answer
                )
        return Declined("no_fitting_sentence")


def _sentences(
    drawn_from: str, kind: str, words: set[str], person: str
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The sentences of a list that a question with these words may have."""
    for row in read_list(drawn_from)[kind]:
        if words.isdisjoint(row["unless"].split()):
            yield row, person


def _may_stand_before(asking: str, person: str, people: Sequence[str]) -> bool:
    """Whether a sentence about a person (or nobody) may stand right before the one that asks."""
    words = [word.lower() for word in _WORD.findall(asking)]
    if not words or words[0] in GOES_ON or not REFERS.isdisjoint(words) or NO_NOUN.search(asking.lower()):
        return False
    said = {pronoun for pronoun, forms in GENDERS.items() if not forms.isdisjoint(words)}
    if not said or not person:
        return True
    return {person} == {one for one in people if pronouns()[one] in said}
