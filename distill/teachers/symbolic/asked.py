"""What a question asks for: money, a count of things, time, an age, or a measure, and in which unit.

The unit is read from the sentence that asks (`How many red marbles`), else from the worked solution's last sentence
(`72 minutes`). Where it cannot be read nothing is guessed.
"""

import re
from dataclasses import dataclass
from typing import Literal

from benchmarks.annotations.text.arithmetic import Token, tokenize
from benchmarks.annotations.text.words import CLOSED, EITHER, VERBS, spread
from benchmarks.rewriting.template import Source
from benchmarks.rewriting.words.question import asking

Family = Literal["money", "count", "number", "time", "age", "measure"]
TIME = spread("seconds minutes hours days weeks months years")
MEASURES = spread(
    """inches feet yards miles meters kilometers centimeters millimeters pounds ounces grams kilograms tons gallons liters
    milliliters quarts pints cups teaspoons tablespoons acres degrees"""
)
REFUSED = spread("percent percentage fraction ratio times cents cent % probability")
SUMS = spread("ages sum total combined average mean together")
_AGE = re.compile(r"\b[Hh]ow old\b|\b[Ww]hat (?:is|was|will be) [^,?]+ age\b")
RATES = spread("per each every average mean apiece rate")
# Where one of these is asked about, the unit of the result is not what is asked for.
UNSAID = RATES | spread("year ages")
COMPARED = spread(
    "more less fewer than difference longer older younger taller farther further shorter heavier extra additional"
)
AMOUNT = re.compile(
    r"\b(?:cost|costs|pay|paid|spend|spent|earn|earned|earnings|save|saved|owe|owed|profit|price|bill|change|money|budget"
    r"|salary|income|revenue|charge|charged|worth|dollars|raise|raised|tip|tax|donate|make|made)\b"
)
_PAY = re.compile(r"\b(?:cost|costs|pay|paid|price|charge|charged|owe|owed)\b")
_SPEND = re.compile(r"\b(?:spend|spent)\b")
_EARN = re.compile(r"\b(?:earn|earned|earnings|profit|salary|income|revenue|raise|raised)\b")
_LEFT = re.compile(r"\b(?:left|remain|remains|remaining)\b.*\?")
LONGEST_UNIT = 3
_ENDS_UNIT = (CLOSED | VERBS | EITHER) - {"play"}
_OPENS_UNIT = spread("more fewer less total additional extra other different new whole of the")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; `topics` say of money whether it is paid, spent, earned or left."""

    family: Family
    unit: str
    topics: frozenset[str] = frozenset()


def what_is_asked(source: Source) -> Asked | None:
    """What a problem asks for, None where it cannot be read."""
    sentence = asking(source.problem.question)
    if sentence is None:
        return None
    tokens = [
        token
        for token in tokenize(sentence.text)
        if token.kind in ("word", "number", "%") or token.text in ",?"
    ]
    words = [token.text.lower() for token in tokens]
    if not REFUSED.isdisjoint(words):
        return None
    last = source.annotation.steps[-1].sentence
    unit = _counted(tokens, words)
    if unit is None and _is_money(sentence.text.lower(), last, source):
        return Asked("money", "dollars", _topics(sentence.text.lower()))
    if _AGE.search(sentence.text) and unit in (None, "years"):
        return Asked("age", "years") if COMPARED.isdisjoint(words) and SUMS.isdisjoint(words) else None
    if unit is None and not UNSAID.isdisjoint(words):
        return None
    return _of_unit(unit or _unit_of_result(last, source), words)


def _of_unit(unit: str | None, words: list[str]) -> Asked | None:
    if not unit:
        return None
    head = re.split(" of | per ", unit)[0].split()[-1]
    if head in ("dollars", "money"):
        return Asked("money", "dollars")
    plain = RATES.isdisjoint(words) and COMPARED.isdisjoint(words)
    if head in TIME:
        return Asked("time" if plain and " " not in unit else "measure", unit)
    if head in MEASURES:
        return Asked("measure", unit)
    if not head.endswith("s") and head not in PLURALS:
        return None
    return Asked("count" if plain else "number", unit)


PLURALS = spread("people children men women fish sheep mice geese feet teeth deer")


def _counted(tokens: list[Token], words: list[str]) -> str | None:
    """`red marbles` of `How many more red marbles does`, and of `the total number of red marbles in`."""
    for opening in (["how", "many"], ["number", "of"]):
        for at in range(len(words) - 2):
            if words[at : at + 2] == opening:
                return _noun_phrase(tokens[at + 2 :]) if opening[0] == "how" or "what" in words[:at] else None
    return None


def _noun_phrase(tokens: list[Token]) -> str | None:
    """The unit that begins here; nothing for `apples and pears`, whose number is both's."""
    phrase: list[str] = []
    for at, token in enumerate(tokens):
        word = token.text.lower()
        if not phrase and word in _OPENS_UNIT:
            continue
        if word == "of" and phrase and len(phrase) <= LONGEST_UNIT:
            phrase.append(word)
            continue
        if phrase and word in ("and", "or", ",") and _goes_on(tokens, at + 1):
            return None
        if word == "per" and phrase and at + 1 < len(tokens):
            return " ".join([*phrase, "per", tokens[at + 1].text])
        if (
            token.kind != "word"
            or word in _ENDS_UNIT
            or word.endswith(("ed", "ly"))
            or len(phrase) > LONGEST_UNIT
        ):
            break
        if not (token.text.isascii() and token.text.isalpha() and token.text.islower()):
            return None
        phrase.append(token.text)
    return " ".join(phrase) or None


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Whether another noun follows, rather than a clause."""
    return at < len(tokens) and tokens[at].text.lower() not in _ENDS_UNIT


def _is_money(sentence: str, last: str, source: Source) -> bool:
    if not re.search(r"\bhow much\b|\bwhat\b", sentence):
        return False
    answer = source.problem.answer or ""
    shown = re.search(rf"\$\s?{re.escape(f'{int(source.answer):,}')}|\$\s?{re.escape(answer)}", last)
    return AMOUNT.search(sentence) is not None and (shown is not None or "$" in source.problem.question)


def _topics(sentence: str) -> frozenset[str]:
    found = {"pay": _PAY, "spend": _SPEND, "earn": _EARN, "left": _LEFT}
    topics = frozenset(name for name, pattern in found.items() if pattern.search(sentence))
    return topics if len(topics) == 1 and "change" not in sentence else frozenset()


def _unit_of_result(last: str, source: Source) -> str | None:
    """A measure or a time right behind the answer in the last sentence."""
    tokens = list(tokenize(last))
    for at in range(len(tokens) - 2, -1, -1):
        if tokens[at].kind == "number" and tokens[at].value == source.answer:
            word = tokens[at + 1].text.lower()
            return word if word in TIME | MEASURES else None
    return None
