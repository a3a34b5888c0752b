"""What a question says of its numbers that other numbers would make untrue: what a unit is in another, what comes first.

`1 kilogram is 2.2 pounds` holds outside the story, there is no $25 bill, and a book in the middle has fewer pages than
the longest. Such a problem is still good arithmetic to learn from; a score should rest on questions that make sense.
"""

import re

from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.words.question import sentences

MEASURES = (
    spread("mile kilometer meter centimeter millimeter foot yard inch km cm mm ft"),
    spread("pound kilogram gram ounce ton kg lb lbs oz milligram mg g"),
    spread("gallon liter milliliter quart pint cup ounce tablespoon teaspoon ml"),
)
ORDERED = spread(
    """longest shortest largest smallest biggest highest lowest fewest middle median heaviest lightest tallest oldest
    youngest fastest slowest cheapest maximum minimum record"""
)
# Fifty percent off is fifty percent paid, so that steps may have the one for the other.
_HALF = re.compile(r"\b(?:50|fifty)(?: ?%|[ -]percent)")
_BILL = re.compile(r"(?:\$\s?\d+|\d+[ -]dollar|\w+[ -]dollar) bills?\b")
_SINGULAR = {"feet": "foot", "inches": "inch"}


def says_half(question: str) -> bool:
    """Whether a question speaks of fifty percent: its steps may have the half that is left for the half that is taken."""
    return _HALF.search(question) is not None


def untrue_in_other_numbers(question: str) -> str:
    """Why other numbers could make a question untrue, in a word; empty where nothing is seen."""
    words = [_words(sentence.text) for sentence in sentences(question)]
    if any(not ORDERED.isdisjoint(one) for one in words):
        return "ordered"
    if _BILL.search(question):
        return "bill"
    if any(len(measures & one) > 1 for one in words for measures in MEASURES):
        return "conversion"
    return ""


def _words(text: str) -> frozenset[str]:
    """A sentence's words, units in the singular."""
    words = {token.text.lower() for token in tokenize(text) if token.kind == "word"}
    return frozenset(words | {_SINGULAR.get(word, word.removesuffix("s")) for word in words})
