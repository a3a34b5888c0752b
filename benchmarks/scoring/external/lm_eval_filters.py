"""lm-evaluation-harness's two GSM8K filters, to the character: its strict-match and its flexible-extract.

Only its prompts are scored by these, so that figures compare item by item. Strict takes what follows `####`; flexible
takes the last thing that looks like a number. Other replies are read by `extraction`.
"""

import re
from fractions import Fraction

from runtime.values.answers import parse_answer
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome

_STRICT = re.compile(r"#### (-?[0-9.,]+)")
# lm-eval's `(-?[$0-9.,]{2,})|(-?[0-9]+)`, for a text that is read from its end: its last match is then the first.
_FLEXIBLE_FROM_THE_END = re.compile(r"[$0-9.,]{2,}-?|[0-9]-?")


def strict(text: str) -> str | None:
    """The first number after `#### `, as written, or None."""
    match = _STRICT.search(text)
    return match[1] if match else None


def flexible(text: str) -> str | None:
    """The last number of the text, as written, or None."""
    match = _FLEXIBLE_FROM_THE_END.search(text[::-1])
    return match[0][::-1] if match else None


def tidy(written: str) -> str:
    """What lm-eval compares: commas, dollar signs and one closing full stop removed."""
    return re.sub(r"\.$", "", written.replace(",", "").replace("$", "")).lower()


def same_as_gold(written: str | None, gold: str) -> bool:
    """lm-eval's exact match, on text: `18.00` is not `18` here."""
    return written is not None and tidy(written) == tidy(gold)


def number(written: str | None) -> Fraction | None:
    """The extracted text as an exact value, or None when it is no number (`1.2.3`, `$`, `..`)."""
    try:
        return None if written is None else parse_answer(tidy(written))
    except InputError:
        return None


def filtered_outcome(written: str | None) -> Outcome:
    """What a filter read as a solver's result: solved where it is a number."""
    if written is None:
        return Outcome("no_thought", reason="no number that the filter reads")
    value = number(written)
    if value is None:
        return Outcome("not_numeric", reason=f"the filter reads {written[:40]!r}")
    return Outcome("solved", value)
