"""What the number that answers a question counts, by the question's words: pens, hours, a sign of money, or unknown.

Read only where the question says it plainly. An answer is never changed by it.
"""

import re

from runtime.values.solution import MONEY_SIGNS

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ASKS = re.compile(r"\b(how|what|which|calculate|find|determine)\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\bhow many\s+([^?.,;:]+)", re.IGNORECASE)
# Before the noun, and no part of what is counted.
_BEFORE = re.compile(
    r"(?:(?:more|fewer|less|total|additional|other|extra|combined|whole|in total|in all|number of)\s+)+",
    re.IGNORECASE,
)
# What follows the noun: a verb, a preposition, a comparison.
_AFTER = re.compile(
    r"\s+(?:a|about|above|across|after|altogether|among|and|are|around|at|away|be|before|below|between|bought|both|by|can|can't"
    r"|combined|could|cover|did|do|does|during|each|every|fewer|for|from|get|gets|go|got|had|has|have|he|if|in|is|it|left|less|long"
    r"|make|made|many|may|might|more|must|need|needs|needed|of|off|old|on|or|out|over|past|remain|remained|remaining|she|should"
    r"|than|that|the|there|they|through|to|together|total|under|was|we|were|which|who|will|with|without|work|would|you|your"
    r"|[a-z]+['’]s|[A-Z]\w+|per(?=\s+\w+\s+\w+\s+\w+ing\b))(?:\s|$).*"
)
_JOINED = re.compile(r"^\s+(and|or)\b", re.IGNORECASE)
_PER = re.compile(r"(.+ per \w+)\b.*", re.IGNORECASE)
_PLURALS = frozenset(
    [
        "children",
        "people",
        "men",
        "women",
        "feet",
        "fish",
        "sheep",
        "mice",
        "teeth",
        "geese",
        "deer",
        "clothes",
        "dice",
    ]
)
_MONEY_SIGN = re.compile(f"[{MONEY_SIGNS}]")
_MONEY = re.compile(
    r"\bhow much (?:(?:more|less|total|extra|additional|of a|of an|of the)\s+)*"
    r"(?:money|change|profit|cash|income|revenue)\b"
    r"|\bhow much (?:(?:more|less|in total|total|altogether)\s+)?"
    r"(?:is|are|was|were|do|does|did|will|would|should|must|can|could|has|have|had)\b[^?]*?"
    r"\b(?:costs?|pay|paid|spend|spent|earn|earned|owe|charge|donate|worth)\b"
    r"|\b(?:cost|price|bill|revenue|profit|salary|amount of money)\b[^?]*\?|\bin (?:US )?dollars\b",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(
    r"\b(weigh\w*|percent\w*|fraction|ratio|times|hours|how long|how far)\b|%", re.IGNORECASE
)
_PERCENT = re.compile(
    r"\bwhat (?:is the )?percent(?:age)?\b|\bas a percent(?:age)?\b|\bhow many percent\b", re.IGNORECASE
)
_OLD = re.compile(r"\bhow old\b", re.IGNORECASE)
_IN_UNIT = re.compile(
    r"\bin (?:square |cubic )?(inches|feet|yards|miles|meters|metres|kilometers|kilometres|centimeters|centimetres"
    r"|pounds|ounces|grams|kilograms|liters|litres|milliliters|gallons|seconds|minutes|hours|days|weeks|months|years"
    r"|cents|km/h|mph)\b(?! and| or| per)",
    re.IGNORECASE,
)
# Nouns that count nothing by themselves: billions of miles.
_MULTIPLES = frozenset(["dozens", "hundreds", "thousands", "millions", "billions"])
_MAX_WORDS = 3


def unit_of(question: str) -> str:
    """What the answer counts: `pens`, `miles per hour`, `%`, a sign of money; empty where that is not plain.

    >>> unit_of("Tom has 3 pens and buys 4. How many pens has he?"), unit_of("A pen is $2. How much do 3 pens cost?")
    ('pens', '$')
    >>> unit_of("Tom has 3 pens and buys 4. How many has he?")
    ''
    """
    asked = _asked(" ".join(question.split()))
    if _PERCENT.search(asked):
        return "%"
    counted = _HOW_MANY.findall(asked)
    if counted:
        return _counted(counted[0]) if asked.lower().count("how many") == 1 else ""
    within = _IN_UNIT.search(asked)
    if within:
        return within[0][3:].lower()
    if _OLD.search(asked):
        return "years"
    if _MONEY.search(asked) and not _NO_MONEY.search(asked):
        return _sign(question)
    return ""


def _asked(question: str) -> str:
    """The last sentence that asks."""
    sentences = [sentence for sentence in _SENTENCE.split(question) if _ASKS.search(sentence)]
    return sentences[-1] if sentences else ""


def _sign(question: str) -> str:
    found = set(_MONEY_SIGN.findall(question))
    if not found and re.search(r"\bdollars?\b", question, re.IGNORECASE):
        return "$"
    return found.pop() if len(found) == 1 else ""


def _counted(words: str) -> str:
    """The noun that begins `words`, with what it is per; empty where it is no plural of at most three words."""
    words = _BEFORE.sub("", words, count=1) if _BEFORE.match(words) else words
    ended = _AFTER.search(" " + words)
    noun = words if ended is None else words[: max(ended.start() - 1, 0)]
    if ended is not None and _JOINED.match(ended[0]):
        return ""
    per = _PER.fullmatch(noun)
    noun = (per[1] if per else noun).strip().lower()
    if noun == "dollars":
        return "$"
    counted, per_sign, each = noun.partition(" per ")
    nouns = counted.split()
    # A verb that is not listed: `pupils walk`.
    while len(nouns) > 1 and not _plural(nouns[-1]) and not each:
        nouns.pop()
    plain = 0 < len(nouns) <= _MAX_WORDS and all(re.fullmatch(r"[a-z][a-z'’-]*", word) for word in nouns)
    return " ".join(nouns) + per_sign + each if plain and _plural(nouns[-1]) else ""


def _plural(noun: str) -> bool:
    return noun in _PLURALS or (
        noun not in _MULTIPLES and noun.endswith("s") and not noun.endswith(("ss", "'s", "’s"))
    )
