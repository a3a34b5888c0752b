"""Fields map foreign rows to ours, as the command line writes them."""

import pytest

from benchmarks.tasks.fields import Fields, parse_fields
from runtime.values.errors import InputError


def test_fields_are_read_from_one_line() -> None:
    assert parse_fields("question=problem, answer=final") == Fields(question="problem", answer="final")
    assert parse_fields("question=Body+Question,id=ID").question_parts == ("Body", "Question")


@pytest.mark.parametrize("text", ["", "question", "question=", "=x", "query=x", "answer=a,answer=b"])
def test_fields_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="of question, answer, id, solution, equation"):
        parse_fields(text)
