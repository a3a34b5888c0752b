"""`reorder`: the same problem with its sentences, clauses or items in another order, where nothing points back.

The sentence that asks is put first; the halves of its `If ..., how many ...?` are swapped; two sentences of the story
that say separate things about different people change places; or the items of a list do. Answer and thoughts stay.
"""

import re
from collections.abc import Iterator, Sequence
from random import Random

from benchmarks.annotations.text.words import CLOSED, EITHER, VERBS, spread
from benchmarks.rewriting.lists import pronouns
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Source
from benchmarks.rewriting.words.people import named
from benchmarks.rewriting.words.pointing import (
    CONTINUES,
    THIRD,
    points_back,
    with_antecedent,
    words_of,
)
from benchmarks.rewriting.words.question import Sentence, sentences
from runtime.values.rationale import Declined

_CONDITION = re.compile(r"If (?P<condition>.+), (?P<asked>(?:how|what|which) [^,;]+)\?", re.IGNORECASE)
_TRAILING = re.compile(r"(?P<asked>(?:How|What|Which) [^,;?]+) if (?P<condition>[^?]+)\?")
_ADJUNCT = re.compile(
    r"(?P<adjunct>(?:In|After|For|During|By|On|At|Over|Within) [^,?]+?),? "
    r"(?P<asked>(?:how (?:many|much|long|far)|what) [^,?]+)\?"
)
_ASKS = re.compile(r"(?:How|What|What's|Which)\b")
_ITEM = r"(?:\$?\d[\d,]*(?:\.\d+)?|[a-z]+(?:-[a-z]+)?) [a-z]+(?:-[a-z]+)?(?: [a-z]+){0,2}"
_LIST = re.compile(
    rf"(?<=[a-z] )(?P<first>{_ITEM})(?P<more>(?:, {_ITEM})*),? and (?P<last>{_ITEM})(?=[.,;?!])"
)
_NUMBERED = re.compile(r"\$?\d[\d,]*(?:\.\d+)? (?P<noun>[a-z -]+)")
_OPENS_WITH_POINTER = CONTINUES | spread("therefore because or")
_NO_NOUN_PHRASE = CLOSED | VERBS | EITHER


class Reorder:
    """A source in other orders."""

    def __init__(self, source: Source, ways: Sequence[str]) -> None:
        self._source = source
        self._ways = ways

    @classmethod
    def prepared(cls, source: Source) -> "Reorder | Declined":
        """Ready to write, or why the problem keeps its order."""
        question = source.problem.question.strip()
        found = sentences(question)
        if not found or not found[-1].asks or any(sentence.asks for sentence in found[:-1]):
            return Declined("question_unread")
        ways = [
            *_question_first(question, found),
            *_clauses_swapped(question, found),
            *_people_swapped(question, found),
            *_items_swapped(question),
        ]
        return cls(source, ways) if ways else Declined("points_back")

    def write(self, rng: Random) -> Rewritten | Declined:
        """One of the orders that it may have."""
        return Rewritten(rng.choice(self._ways), self._source.annotation, self._source.answer)


def _question_first(question: str, found: Sequence[Sentence]) -> Iterator[str]:
    """What is asked before the story; its `he`, `she` or `they` said as who only may be meant."""
    asking = found[-1]
    story = question[: asking.start].rstrip()
    if story and _ASKS.match(asking.text):
        text = with_antecedent(asking.text, story)
        if text is not None:
            yield f"{text} {story}"


def _clauses_swapped(question: str, found: Sequence[Sentence]) -> Iterator[str]:
    """`How many are left if she eats three?` of `If she eats three, how many are left?`, and the other way."""
    asking = found[-1]
    earlier = question[: asking.start]
    if match := _CONDITION.fullmatch(asking.text):
        condition, asked = match["condition"], match["asked"]
        if _may_go_first(asked, condition, earlier) and "if " not in asked:
            yield f"{earlier}{_capital(asked)} if {condition}?"
    elif match := _TRAILING.fullmatch(asking.text):
        condition, asked = match["condition"], match["asked"]
        if _may_go_first(condition, asked, earlier):
            yield f"{earlier}If {condition}, {asked[0].lower()}{asked[1:]}?"
    elif match := _ADJUNCT.fullmatch(asking.text):
        adjunct, asked = match["adjunct"], match["asked"]
        if _may_go_first(asked, adjunct, earlier) and not asked.startswith("what if"):
            yield f"{earlier}{_capital(asked)} {adjunct[0].lower()}{adjunct[1:]}?"


def _may_go_first(second: str, first: str, earlier: str) -> bool:
    """Whether a clause may be said before the one that it followed: it points at nothing that only this one says."""
    words = set(words_of(second))
    opening = words_of(first)[:1]
    pointing = points_back(second)
    if not earlier.strip() and words & (THIRD.keys() | pointing):
        return False
    if any([pronoun] != opening for pronoun in pointing):
        return False
    said = {THIRD[word] for word in words_of(first) if word in THIRD}
    if any(pronouns()[one] in said and one not in first for one in named(second)):
        return False
    return not words & THIRD.keys() or all(one in earlier for one in named(first))


def _people_swapped(question: str, found: Sequence[Sentence]) -> Iterator[str]:
    """Two neighboring sentences about different people, neither of which points at anything before it."""
    for at in range(len(found) - 2):
        one, other, following = found[at : at + 3]
        alone = _stands_alone(one.text) and _stands_alone(other.text) and _may_follow(following.text)
        if alone and set(named(one.text)).isdisjoint(named(other.text)):
            between = question[one.end : other.start]
            yield f"{question[: one.start]}{other.text}{between}{one.text}{question[other.end :]}"


def _stands_alone(text: str) -> bool:
    words = words_of(text)
    people = named(text)
    return bool(people) and text.startswith(people[0]) and CONTINUES.isdisjoint(words) and "the" not in words


def _may_follow(text: str) -> bool:
    words = words_of(text)
    return bool(words) and words[0] not in _OPENS_WITH_POINTER


def _items_swapped(question: str) -> Iterator[str]:
    """`4 pens and 3 cups` of `3 cups and 4 pens`, where nothing says which is the first of them."""
    if not {"respectively", "former", "latter"}.isdisjoint(words_of(question)):
        return
    for match in _LIST.finditer(question):
        items = [match["first"], *filter(None, match["more"].split(", ")), match["last"]]
        nouns = [_NUMBERED.fullmatch(item) for item in items]
        if all(noun is not None and _NO_NOUN_PHRASE.isdisjoint(noun["noun"].split()) for noun in nouns):
            turned = items[::-1]
            joined = f"{', '.join(turned[:-1])}{',' if len(turned) > 2 else ''} and {turned[-1]}"
            yield f"{question[: match.start()]}{joined}{question[match.end() :]}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
