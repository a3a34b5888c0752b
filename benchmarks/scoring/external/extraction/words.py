"""Words: numbers written out in English, `twenty-three`, `one hundred and five`, `two and a half`, `a dozen`, `half`."""

import re
from fractions import Fraction

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: value for value, word in enumerate(_SMALL)} | {
    word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)
}
SCALES = {
    "hundred": 10**2, "thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7, "billion": 10**9,
    "trillion": 10**12, "dozen": 12,
}  # fmt: skip
_PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
          "eighth": 8, "ninth": 9, "tenth": 10, "hundredth": 100}  # fmt: skip
_ARTICLES = ("a", "an")
MAX_WORDS = 20
_WORD = re.compile(r"([A-Za-z]{1,12})(?![A-Za-z])(?:[ \t]{1,3}|-(?=[A-Za-z]))?")
_PART = re.compile(r"([A-Za-z]{1,5})[ -]([A-Za-z]{4,10})(?![A-Za-z])")
# What makes a number another one, or none.
_NEVER_BEHIND = ("of", "or", "another", "pointer")


def read_words(text: str, start: int) -> tuple[Fraction, int] | None:
    """The number whose first word is at `start` and the index behind its last, or None where there is none."""
    words: list[str] = []
    ends: list[int] = []
    end = start
    while len(words) < MAX_WORDS and (found := _WORD.match(text, end)):
        words.append(found[1].lower())
        ends.append(found.end(1))
        end = found.end()
    value, count = _number(words)
    if value is None or (words[count : count + 1] and words[count] in _NEVER_BEHIND):
        return None
    if text[ends[count - 1] : ends[count - 1] + 1] == "-":
        return None
    return value, ends[count - 1]


def read_part(text: str, start: int) -> tuple[Fraction, int] | None:
    """The fraction in words at `start` (`a half`, `three quarters`), and the index behind it."""
    found = _PART.match(text, start)
    if found is None:
        return None
    count = 1 if found[1].lower() in _ARTICLES else _UNITS.get(found[1].lower())
    below = _part(found[2].lower())
    return (Fraction(count, below), found.end()) if count and below else None


def _part(word: str) -> int | None:
    return _PARTS.get(word) or _PARTS.get(word.removesuffix("s"))


def _number(words: list[str]) -> tuple[Fraction | None, int]:
    """The value of the longest number that the words begin with, and how many of them it takes."""
    if words[:1] == ["half"]:
        dozen = words[1:3] in (["a", "dozen"], ["dozen"])
        return (Fraction(6), words.index("dozen") + 1) if dozen else (Fraction(1, 2), 1)
    whole, count = _whole(words)
    if count and words[count : count + 1] and (below := _part(words[count])) and whole < 100:
        return Fraction(whole, below), count + 1
    if words[:1] and words[0] in _ARTICLES and len(words) > 1 and not count and (below := _part(words[1])):
        return Fraction(1, below), 2
    if not count:
        return None, 0
    if words[count : count + 1] == ["and"] and len(words) > count + 2:
        part = read_part(" ".join(words[count + 1 : count + 3]), 0)
        if part is not None:
            return whole + part[0], count + 3
    return Fraction(whole), count


def _whole(words: list[str]) -> tuple[int, int]:
    """A whole number: `total` is what larger scales came to, `current` what is below them."""
    total, current, count, last_scale = 0, 0, 0, 10**15
    fresh = True
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in _ARTICLES and index == 0 and following in SCALES:
            current, fresh = 1, False
        elif word in _UNITS and (fresh or _fits(current, _UNITS[word])):
            current, fresh = current + _UNITS[word], False
        elif word == "hundred" and 0 < current < 100:
            current *= 100
        elif word == "dozen" and current and not total:
            return current * 12, index + 1
        elif word in SCALES and word not in ("hundred", "dozen") and current and SCALES[word] < last_scale:
            last_scale = SCALES[word]
            total, current, fresh = total + current * last_scale, 0, True
        elif word == "and" and count and following in _UNITS and (current % 100 == 0):
            continue
        else:
            break
        count = index + 1
    return total + current, count


def _fits(current: int, unit: int) -> bool:
    """Whether a word may follow what is there: `twenty` `three`, `five hundred` `twelve`."""
    return (current >= 100 and current % 100 == 0 and unit > 0) or (
        current % 100 in range(20, 100, 10) and 0 < unit < 10
    )
