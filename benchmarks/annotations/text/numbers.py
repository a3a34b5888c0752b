"""The numbers of a question: digits, number words, fractions, percentages and words such as twice, half or dozen.

A literal in a thought must be one of these, or one of the constants that people know (days of a week, cents of a dollar).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from benchmarks.annotations.text.arithmetic import Token

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "k": 1000}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "eighteenth": 18, "twentieth": 20, "hundredth": 100,
}  # fmt: skip
PARTS = {
    "half": 2, "halves": 2, "halved": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4,
    "fourths": 4, "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8,
    "eighths": 8, "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "twelfth": 12, "hundredth": 100,
}  # fmt: skip
TIMES = {
    "once": 1, "twice": 2, "thrice": 3, "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "triple": 3,
    "tripled": 3, "triples": 3, "tripling": 3, "quadruple": 4, "quadrupled": 4, "quadruples": 4, "quintuple": 5,
    "dozen": 12, "dozens": 12, "pair": 2, "pairs": 2, "couple": 2, "both": 2, "twins": 2, "triplets": 3, "single": 1,
    "another": 1, "a": 1, "an": 1, "each": 1, "decade": 10, "decades": 10, "century": 100, "score": 20, "duo": 2,
    "trio": 3, "biweekly": 2, "quartet": 4, "alone": 1, "quintet": 5, "even": 2, "evenly": 2, "last": 1, "gross": 144,
}  # fmt: skip
COINS = {
    "penny": 1, "pennies": 1, "nickel": 5, "nickels": 5, "dime": 10, "dimes": 10, "quarter": 25, "quarters": 25,
    "cent": 1, "cents": 1,
}  # fmt: skip
# Words that may begin a number in words.
SPELLED = frozenset((*UNITS, *TENS))
HALF = Fraction(1, 2)
# What everybody knows without being told, whatever the question is about: counts of a hand, tens, percents.
EVERYDAY = frozenset(map(Fraction, (0, 1, 2, 3, 4, 5, 10, 100)))
# What everybody knows where the question speaks of it: the calendar, the clock, money, measures, angles, legs.
KNOWN_WITH = {
    6: "cube die dice hexagon insect ant bee fly",
    7: "week weekly weekend day daily monday sunday",
    8: "spider octopus leg ounce cup pint quart gallon workday note",
    12: "month monthly year yearly annual annually dozen foot feet inch hour clock noon midnight day ruler am pm",
    16: "ounce oz pound lb cup pint gallon",
    20: "nickel score",
    24: "hour day daily clock midnight night",
    25: "quarter cent",
    28: "february month day",
    30: "april june september november month monthly day daily half-hour hour",
    31: "january march may july august october december month monthly day daily",
    32: "ounce oz quart",
    50: "state half-dollar cent",
    52: "week weekly year yearly annual annually card deck",
    60: "hour hourly minute second mph time clock speed pm am kmph",
    90: "degree angle right",
    128: "gallon ounce oz",
    180: "degree angle triangle",
    360: "degree angle circle rotation",
    365: "year yearly annual annually day daily",
    366: "leap",
    1000: "kilometer km kilogram kg gram g milligram mg liter l milliliter ml meter m thousand watt kwh kilowatt kilo gb",
    1440: "minute",
    1760: "mile yard",
    2000: "ton pound lb",
    3600: "second",
    5280: "mile foot feet",
    10000: "hectare centimeter",
    1000000: "million kilometer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuestionNumbers:
    """`values` are all numbers told, `percents` those with a percent sign (20 for 20%), `digits` those in digits.

    `known` is what everybody knows where the question speaks of it: 60 beside minutes, 7 beside weeks.
    """

    values: frozenset[Fraction]
    percents: frozenset[Fraction]
    digits: frozenset[Fraction]
    known: frozenset[Fraction] = EVERYDAY

    def tells(self, value: Fraction) -> bool:
        """Whether a reader of the question knows this literal."""
        return value in self.values or value in self.known


def told_numbers(tokens: list[Token]) -> QuestionNumbers:
    """Every number that a question tells, however it is spelled."""
    values: set[Fraction] = set()
    percents: set[Fraction] = set()
    for at, token in enumerate(tokens):
        if token.kind == "number":
            values |= _digits_tell(tokens, at)
            if _is_percent(tokens, at + 1):
                percents.add(token.value)
        elif token.kind == "word":
            values |= _word_tells(token.text.lower())
    for end, spelled in _spelled_numbers(tokens):
        values |= {spelled} | _joined_tell(tokens, end, spelled)
        if _is_percent(tokens, end):
            percents.add(spelled)
    if any(token.text.lower() in ("half", "time-and-a-half") for token in tokens):
        values.add(1 + HALF)
    values |= {percent / 100 for percent in percents}
    digits = frozenset(token.value for token in tokens if token.kind == "number")
    return QuestionNumbers(frozenset(values), frozenset(percents), digits, _known(tokens))


def _known(tokens: list[Token]) -> frozenset[Fraction]:
    words = {
        token.text.lower().replace("’", "'").removesuffix("'s") for token in tokens if token.kind == "word"
    }
    said = words | {
        word.removesuffix("s").removesuffix("e" if word.endswith("ches") else "") for word in words
    }
    said |= {piece for word in words if "-" in word for piece in word.split("-")}
    return EVERYDAY | {value for value, spoken in _SPOKEN.items() if not spoken.isdisjoint(said)}


_SPOKEN = {Fraction(value): frozenset(words.split()) for value, words in KNOWN_WITH.items()}


def _is_percent(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and (tokens[at].kind == "%" or tokens[at].text.lower().startswith("percent"))


def _digits_tell(tokens: list[Token], at: int) -> set[Fraction]:
    """The number, its fraction (`3/8`), its mixed number (`2 1/2`) and its scale (`5 thousand`, `280k`, `450 000`)."""
    value = tokens[at].value
    told = {value}
    following = tokens[at + 1 : at + 4]
    kinds = [token.kind for token in following]
    if kinds[:2] == ["operator", "number"] and following[0].text == "/" and following[1].value:
        told.add(value / following[1].value)
    if kinds == ["number", "operator", "number"] and following[1].text == "/" and following[2].value:
        told.add(value + following[0].value / following[2].value)
    if following and following[0].text.lower() in SCALES:
        told.add(value * SCALES[following[0].text.lower()])
    if following and following[0].text.lower() in ("dozen", "dozens"):
        told.add(value * 12)
    if kinds[:1] == ["number"] and len(following[0].text) == 3:
        told.add(value * 1000 + following[0].value)
    return told | _joined_tell(tokens, at + 1, value)


@lru_cache(1 << 13)
def _word_tells(word: str) -> frozenset[Fraction]:
    told: set[Fraction] = set()
    for piece in word.replace("’", "'").split("-"):
        told |= {Fraction(words[piece]) for words in (PARTS, TIMES, ORDINALS, COINS, UNITS) if piece in words}
        if piece in PARTS:
            told.add(Fraction(1, PARTS[piece]))
        if piece in COINS:
            told.add(Fraction(COINS[piece], 100))
    return frozenset(told)


def _joined_tell(tokens: list[Token], at: int, value: Fraction) -> set[Fraction]:
    """What a number says with the words after it: `3 and a half`, `3 and 1/2`, `one hour 20 minutes`, `48 cents`."""
    words = [token.text.lower() for token in tokens[at : at + 5]]
    if words[:1] and words[0] in ("cents", "cent"):
        return {value / 100}
    for start in (0, 1):
        if words[start : start + 3] == ["and", "a", "half"] or words[start : start + 2] == ["and", "half"]:
            return {value + HALF}
    following = tokens[at : at + 5]
    if words[:1] == ["and"] and [token.kind for token in following[1:4]] == ["number", "operator", "number"]:
        return {value + following[1].value / following[3].value} if following[3].value else set()
    if words[:1] and words[0] in ("hour", "hours"):
        place = 2 if words[1:2] == ["and"] else 1
        minutes = following[place] if place < len(following) else None
        if minutes is not None and minutes.kind == "number" and words[place + 1 : place + 2] == ["minutes"]:
            return {value * 60 + minutes.value, value + minutes.value / 60}
    return set()


def _spelled_numbers(tokens: list[Token]) -> list[tuple[int, Fraction]]:
    """Numbers in words (`twenty-five`, `three hundred`, `two-thirds`), each with the index after it."""
    words = [
        (index, piece)
        for index, token in enumerate(tokens)
        for piece in (token.text.lower().split("-") if token.kind == "word" else ["."])
    ]
    spelled = [word for _, word in words]
    found: list[tuple[int, Fraction]] = []
    at = 0
    while at < len(words):
        if spelled[at] not in SPELLED:
            at += 1
            continue
        value, after = _spelled_at(spelled, at)
        found.append((words[after - 1][0] + 1, value))
        if after < len(words) and words[after][1] in PARTS:
            found.append((words[after][0] + 1, value / PARTS[words[after][1]]))
        at = after
    return found


def _spelled_at(words: list[str], at: int) -> tuple[Fraction, int]:
    total = current = 0
    start = at
    while at < len(words):
        word = words[at]
        if word in UNITS and current % 10 == 0 and (current % 100 == 0 or UNITS[word] < 10):
            current += UNITS[word]
        elif word in TENS and current % 100 == 0:
            current += TENS[word]
        elif word in SCALES and at > start:
            current = max(current, 1) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, 0
        elif word != "and" or not current or current % 100 or SPELLED.isdisjoint(words[at + 1 : at + 2]):
            break
        at += 1
    return Fraction(total + current), at
