"""Fields: how the rows of a foreign data set spell question and answer, and in which form an answer is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from math import isclose
from typing import Any, Literal

from runtime.solver.solver import Solver
from runtime.values.answers import format_value, parse_answer, printed_decimals
from runtime.values.errors import InputError

JOIN = "+"
# How an answer is written: as people print it, as the only one of a list, as the float that a program comes to, in LaTeX.
AnswerForm = Literal["printed", "list", "program", "latex"]
# How far a float, which may be rounded to ten decimals, and its program may be apart, in parts of the float and in all.
FLOAT_ERROR, FLOAT_ROUNDING = 1e-9, 1e-10
# A float without such a program is taken as it is printed; with more decimals than anybody writes, at a few of them.
EXACT_DECIMALS, FLOAT_DECIMALS = 12, 6
_UNIT = re.compile(r"\s*\([^)]*\)\s*$")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{?(\d+)\}?\{?(\d+)\}?")
_LATEX_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)")
_FORMULA = re.compile(r"\$(.+?)(?<!\\)\$", re.DOTALL)


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


def canonical_answer(text: str) -> str | None:
    """`#### 1,200`, `9 (apples)` and `145.00` as `1200`, `9` and `145`; None for what is not one number."""
    printed = _UNIT.sub("", text.rpartition("####")[2].strip())
    try:
        return format_value(parse_answer(printed))
    except InputError:
        return None


def _printed(row: Mapping[str, Any], spelling: Fields, solver: Solver | None) -> str | None:
    return canonical_answer(str(row[spelling.answer]))


def _only_one(row: Mapping[str, Any], spelling: Fields, solver: Solver | None) -> str | None:
    answers = row[spelling.answer]
    return canonical_answer(str(answers[0])) if isinstance(answers, list) and len(answers) == 1 else None


def _of_program(row: Mapping[str, Any], spelling: Fields, solver: Solver | None) -> str | None:
    """The program's value in exact arithmetic where the float is near it; else the float, at a few decimals."""
    try:
        told = float(row[spelling.answer])
    except (TypeError, ValueError):
        return None
    outcome = solver.solve("pot", (spelling.text(row, spelling.solution) or "").strip()) if solver else None
    value = outcome.value if outcome else None
    if value is not None and isclose(float(value), told, rel_tol=FLOAT_ERROR, abs_tol=FLOAT_ROUNDING):
        return format_value(value)
    if told.is_integer():
        return f"{told:.0f}"
    printed = f"{Decimal(repr(told)):f}"
    return printed if printed_decimals(printed) <= EXACT_DECIMALS else f"{told:.{FLOAT_DECIMALS}f}"


def _in_latex(row: Mapping[str, Any], spelling: Fields, solver: Solver | None) -> str | None:
    """A word problem's number; None where the question is none or draws a figure, or the answer is no number."""
    return latex_number(str(row[spelling.answer])) if is_word_problem(spelling.question_of(row)) else None


def latex_number(text: str) -> str | None:
    """`\\frac{3}{4}`, `\\$32,\\!348` and `90^\\circ` as `0.75`, `32348` and `90`; None for what is not one number."""
    plain = re.sub(r"\\[!, ]|\\\$|\^\{?\\circ\}?|[\s,$]", "", text)
    if match := _FRACTION.fullmatch(plain):
        sign, over, under = match.groups()
        return format_value(Fraction(int(f"{sign}{over}"), int(under))) if int(under) else None
    return format_value(Fraction(plain)) if _LATEX_NUMBER.fullmatch(plain) else None


def is_word_problem(question: str) -> bool:
    """Whether a question in LaTeX has no formula but numbers (`$3$`, `$\\$5$`, `$20\\%$`) and no figure."""
    if "[asy]" in question or "\\[" in question or "$$" in question:
        return False
    formulas = (formula.removesuffix("\\%") for formula in _FORMULA.findall(question))
    return all(latex_number(formula) is not None for formula in formulas)


READERS: dict[AnswerForm, Callable[[Mapping[str, Any], Fields, Solver | None], str | None]] = {
    "printed": _printed,
    "list": _only_one,
    "program": _of_program,
    "latex": _in_latex,
}
