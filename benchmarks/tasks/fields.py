"""Fields: how the rows of a foreign data set spell question and answer."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from runtime.values.errors import InputError

JOIN = "+"


@dataclass(frozen=True, slots=True)
class Fields:
    """How a foreign row spells ours; `question` may join several with `+`, such as `Body+Question`.

    `id`, `solution` and `equation` that are None or missing from the row are left empty.
    """

    question: str = "question"
    answer: str = "answer"
    id: str | None = "id"
    solution: str | None = "solution"
    equation: str | None = "equation"

    @property
    def question_parts(self) -> tuple[str, ...]:
        """The fields that make up the question, in order."""
        return tuple(self.question.split(JOIN))

    def question_of(self, row: Mapping[str, Any]) -> str:
        """A row's question; parts that are null are left out."""
        return " ".join(str(row[part]).strip() for part in self.question_parts if row[part] is not None)

    @staticmethod
    def text(row: Mapping[str, Any], field: str | None) -> str | None:
        """A field of a row as text, None where it is not there or null."""
        value = row.get(field) if field else None
        return None if value is None else str(value)


def parse_fields(text: str) -> Fields:
    """Fields as the command line writes them: `question=problem,answer=final`."""
    known = [field.name for field in fields(Fields)]
    given: dict[str, str] = {}
    for part in text.split(","):
        ours, equals, theirs = (side.strip() for side in part.partition("="))
        if not equals or not theirs or ours not in known or ours in given:
            raise InputError(
                f"fields {text!r}; expected: OURS=THEIRS with commas between, ours each once of {', '.join(known)}"
            )
        given[ours] = theirs
    return Fields(**given)
