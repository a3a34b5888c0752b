"""Replies as other people's models write them, and what their answer is: one table for every format."""

import doctest
import json
from pathlib import Path

import pytest

from benchmarks.scoring.external.extraction import extract_answer, reading

# Each line: the name of its group, a reply, and its answer, read flexibly and, where that differs, read strictly. It is
# a value, or `- ` and the status of what is none; null where there is nothing.
CASES = [
    tuple(json.loads(line))
    for line in (Path(__file__).parent / "replies.jsonl").read_text(encoding="utf-8").splitlines()
]


def shown(reading: object) -> str | None:
    """A reading as the table writes it."""
    status, value = getattr(reading, "status", None), getattr(reading, "value", None)
    return None if status is None else str(value) if status == "solved" else f"- {status}"


@pytest.mark.parametrize(("text", "flexible", "strict"), [(case[1], case[2], case[-1]) for case in CASES])
def test_replies_are_read_by_the_rule(text: str, flexible: str | None, strict: str | None) -> None:
    readings = extract_answer(text)
    assert (shown(readings.flexible), shown(readings.strict)) == (flexible, strict)


def test_the_table_is_long_and_names_every_format() -> None:
    assert len(CASES) >= 400 and len({case[1] for case in CASES}) == len(CASES)


def test_the_examples_of_the_documentation_are_right() -> None:
    assert doctest.testmod(reading).failed == 0
