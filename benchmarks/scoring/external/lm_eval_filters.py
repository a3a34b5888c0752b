"""Reading a number out of free text, as lm-evaluation-harness does for GSM8K: its strict and its flexible filter.

Foreign models are scored by these, so that figures compare; our own thoughts never are, the solver reads
them. Strict takes what follows `####`; flexible takes the last thing that looks like a number.
"""

import re
from fractions import Fraction

from runtime.values.answers import parse_answer
from runtime.values.errors import InputError

_STRICT = re.compile(r"#### (-?[0-9.,]+)")
_FLEXIBLE = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")


def strict(text: str) -> str | None:
    """The first number after `#### `, as written, or None."""
    match = _STRICT.search(text)
    return match[1].strip() if match else None


def flexible(text: str) -> str | None:
    """The last number of the text, as written, or None."""
    found = None
    for found in _FLEXIBLE.finditer(text):  # noqa: B007 - the last one is what is asked for
        pass
    return found[0].strip() if found else None


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
