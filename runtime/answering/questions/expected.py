"""What a question asks for, by its words: a size is not negative, and whole things have no parts.

Rules that were kept because they help on training and dev problems; an answer is never refused by them.
"""

import re

from runtime.values.answers import Expected

# Asked for how large something is, or how far two things differ.
_SIZE = re.compile(
    r"\bhow (many|much|old|long|far|tall|heavy|high|wide|deep|big|large|fast|often)\b", re.IGNORECASE
)
# What may lie below zero, riddles of bare numbers too: such a question is left alone.
_SIGNED = re.compile(
    r"\b(temperatures?|degrees?|celsius|fahrenheit|below|negative|minus|profits?|loss(es)?|debts?|owe[sd]?|overdr\w+"
    r"|balances?|accounts?|revenues?|deficits?|elevations?|altitudes?|sea level|net|integers?|opposite|numbers?(?! of)"
    r"|points?\b.{1,200}\b(lost|loses?|losing|deducted|penalt\w+))\b|(?<![\w.)])-\s?\d",
    re.IGNORECASE,
)
# A question with these may have an answer that is not whole.
_PARTS = re.compile(
    r"\d\.\d|\d/\d|%|[$€£¢]|\b(percent|half|thirds?|quarters?|average|dollars?|cents?)\b", re.IGNORECASE
)


def expected_of(question: str) -> Expected:
    """Whether the answer is a size, and whether it may have decimals: where the question has parts, or money."""
    size = _SIZE.search(question) is not None and _SIGNED.search(question) is None
    return Expected(size=size, parts=_PARTS.search(question) is not None)
