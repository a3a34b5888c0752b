"""A reply has ended where it holds what is asked for, not before, and talk after it is not waited for."""

import pytest

from distill.teachers.chat.prompts import read_prompt
from distill.teachers.local.stops import stop_of


@pytest.mark.parametrize(
    ("prompt", "text", "ended"),
    [
        ("annotate_eot", "pens = 3\nans = pens * 2", False),
        ("annotate_eot", "pens = 3\nans = pens * 2\n", True),
        ("annotate_eot", "pens = 3\n", False),
        ("annotate_pot", "ans = 0\n", False),
        ("annotate_pot", "pens = 3\nans = pens * 2\n", True),
        ("annotate_pot", "```python\npens = 3\nans = pens * 2\n", False),
        ("annotate_pot", "```python\npens = 3\nans = pens * 2\n```", True),
        ("annotate_pot", "Here it is:\n```\nans = 6\n```", True),
        ("annotate_cot", "Ben pays 3 * 2 = 6. The answer is 6", False),
        ("annotate_cot", "Ben pays 3 * 2 = 6. The answer is 6.\n", True),
        ("harder", '{"questions": ["How many {pens}?"]', False),
        ("harder", '{"questions": ["How many {pens}?"]}', True),
        ("harder", '```json\n{"questions": ["How many?"]}\n```', True),
        ("harder", '{"questions": ["How many}', False),
        ("guidance", "1. First.\n2. Then. ```{}```", False),
    ],
)
def test_a_reply_has_ended_once_what_is_asked_for_is_there(prompt: str, text: str, ended: bool) -> None:
    assert stop_of(read_prompt(prompt))(text) is ended
