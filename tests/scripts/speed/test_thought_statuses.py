"""Statuses of annotations and rationales: how rows become texts, and what counts as right."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from runtime.solver.solver import Solver
from runtime.values.files import write_jsonl
from runtime.values.outcome import Outcome
from scripts.speed import thought_statuses
from scripts.speed.thought_statuses import (
    Item,
    annotated_steps,
    formula,
    judge,
    samples,
    sources,
    status_table,
    system,
    verdicts,
)

ITEM = Item("a-1", "3", "eot", ("ans = x", "ans = y"))


def solved(value: int) -> Outcome:
    return Outcome("solved", Fraction(value))


@pytest.mark.parametrize(
    ("read", "row", "texts"),
    [
        (annotated_steps, {"solution": "a <<4/2=2>>2\nb <<2+3=5>>5\n#### 5"}, ("4/2=2\nans = 2+3=5",)),
        (annotated_steps, {"solution": "nothing marked\n#### 5"}, ()),
        (formula, {"equation": "( 4 - 1 )"}, ("ans = ( 4 - 1 )",)),
        (formula, {"equation": None}, ()),
        (system, {"equation": "x + y = 5; x = y_2"}, tuple(
            f"x + y = 5; x = y_2\nans = {name}" for name in ("x", "y", "y_2")
        )),
    ],
)  # fmt: skip
def test_rows_become_texts(
    read: thought_statuses.Reader, row: dict[str, str], texts: tuple[str, ...]
) -> None:
    assert read(row) == texts


@pytest.mark.parametrize(
    ("outcomes", "name", "text"),
    [
        ([solved(3), solved(4)], "right", "ans = x"),
        ([solved(4), solved(3)], "right", "ans = y"),
        ([Outcome("refused", None, "no"), solved(4)], "other value", "ans = y"),
        ([Outcome("refused", None, "no"), Outcome("ambiguous", None, "two")], "refused", "ans = x"),
        ([], "no annotation", ""),
    ],
)
def test_an_item_is_right_if_one_of_its_unknowns_is(outcomes: list[Outcome], name: str, text: str) -> None:
    verdict = judge(ITEM, outcomes)
    assert (verdict.name, verdict.text) == (name, text)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    write_jsonl(
        tmp_path / "svamp_train.jsonl",
        [
            {"id": "s-1", "answer": "3", "equation": "( 4.0 - 1.0 )"},
            {"id": "s-2", "answer": "4", "equation": "( 4.0 - 1.0 )"},
            {"id": "s-3", "answer": "4", "equation": "( 4.0 - "},
        ],
    )
    write_jsonl(
        tmp_path / "rationales" / "few.jsonl",
        [
            {"id": "r-1", "answer": "5", "thought": "cot", "rationale": "The answer is 5."},
            {"id": "r-2", "answer": "5", "thought": "cot", "rationale": "The answer is 5 or 6."},
        ],
    )
    yield tmp_path


def test_the_table_counts_every_row_and_samples_show_the_failures(folder: Path) -> None:
    with Solver(workers=1) as solver:
        found = {name: list(verdicts(items, solver)) for name, items in sources(folder)}
    table = status_table(found)
    assert table.header == ("data set", "thought", "rows", "right", "other value", "bad_syntax", "ambiguous")
    assert table.rows == (
        ("svamp_train", "eot", "3", "1", "1", "1", "0"),
        ("rationales/few", "cot", "2", "1", "0", "0", "1"),
    )
    shown = list(samples(found, each=1, seed=0))
    assert [text.split("\n")[0] for text in shown] == [
        "### svamp_train, bad_syntax: s-3",
        "### svamp_train, other value: s-2",
        "### rationales/few, ambiguous: r-2",
    ]
    assert "5 and 6" in shown[2] and "The answer is 5 or 6." in shown[2]
