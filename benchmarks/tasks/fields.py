"""Fields: how the rows of a foreign data set spell question and answer."""

from dataclasses import dataclass, fields

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
