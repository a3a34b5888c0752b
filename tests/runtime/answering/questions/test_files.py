"""A file of questions: checked whole before any work, resumed without loss, one line a row."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from runtime.answering.questions.files import AnswerBatch, answer_rows, finished_ids, read_rows
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution


def answer(question: str) -> Solution:
    return Solution("eot", "ans = 1", Outcome("solved", Fraction(len(question))), "fake")


def one_by_one(answer: Callable[[str], Solution]) -> AnswerBatch:
    def answer_batch(questions: Iterable[str]) -> Iterator[Solution]:
        return map(answer, questions)

    return answer_batch


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def questions(path: Path, count: int) -> Path:
    return write(path, *({"id": f"q{number}", "question": "?" * number} for number in range(1, count + 1)))


def test_solutions_come_in_input_order_with_their_ids(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in.jsonl", {"question": "a"}, {"id": "x", "question": "bb"}, "", {"question": "ccc"}
    )
    progress = list(answer_rows(read_rows(source), tmp_path / "deep" / "out.jsonl", one_by_one(answer)))
    written = lines(tmp_path / "deep" / "out.jsonl")
    assert [(row["id"], row["answer"], row["status"]) for row in written] == [
        (1, "1", "solved"),
        ("x", "2", "solved"),
        (3, "3", "solved"),
    ]
    assert set(written[0]) == {"id", "question", *answer("a").to_row()}
    assert [(step.done, step.total, step.skipped) for step in progress] == [(1, 3, 0), (2, 3, 0), (3, 3, 0)]


@pytest.mark.parametrize("torn", ["", '{"id": "q3", "answ', '{"id": "q3"' + " " * 200_000])
def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, torn: str) -> None:
    rows, out = read_rows(questions(tmp_path / "in.jsonl", 5)), tmp_path / "out.jsonl"
    run = answer_rows(rows, out, one_by_one(answer))
    next(run), next(run)
    run.close()
    with out.open("a") as file:
        file.write(torn)
    asked: list[str] = []

    def noted(question: str) -> Solution:
        asked.append(question)
        return answer(question)

    progress = list(answer_rows(rows, out, one_by_one(noted)))
    assert asked == ["???", "????", "?????"]
    assert [row["id"] for row in lines(out)] == ["q1", "q2", "q3", "q4", "q5"]
    assert (progress[0].done, progress[0].skipped, progress[-1].done) == (3, 2, 5)
    assert list(answer_rows(rows, out, one_by_one(noted))) == []


def test_answers_to_other_questions_are_refused_and_kept(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    list(answer_rows(read_rows(questions(tmp_path / "in.jsonl", 3)), out, one_by_one(answer)))
    before = out.read_bytes()
    changed = read_rows(
        write(tmp_path / "in.jsonl", {"id": "q1", "question": "?"}, {"id": "q2", "question": "!!"})
    )
    with pytest.raises(InputError, match=r"answers '\?\?' as 'q2', which is '!!' now; expected"):
        list(answer_rows(changed, out, one_by_one(answer)))
    assert out.read_bytes() == before
    # Rows of an earlier version have no question, and other ids are no contradiction.
    write(out, {"id": "q1", "status": "solved"}, {"id": "q9", "question": "else", "status": "solved"})
    assert len(list(answer_rows(changed, out, one_by_one(answer)))) == 1


def test_a_row_is_in_the_file_before_the_next_one_starts(tmp_path: Path) -> None:
    rows, out = read_rows(questions(tmp_path / "in.jsonl", 3)), tmp_path / "out.jsonl"
    seen: list[int] = []

    def noted(question: str) -> Solution:
        seen.append(len(lines(out)))
        return answer(question)

    list(answer_rows(rows, out, one_by_one(noted)))
    assert seen == [0, 1, 2]


BAD_INPUTS: list[tuple[list[object], str]] = [
    ([{"question": "a"}, {"text": "b"}], "row 2 has no question"),
    ([{"question": "a"}, {"question": 5}], "row 2 has no question"),
    ([{"question": " \n"}], "row 1: the question is empty"),
    ([{"question": "a"}, {"question": "x" * 100_000}], "row 2: the question has 100,000 characters"),
    ([{"question": "a\u0000"}], r"row 1: .*U\+0000"),
    ([{"question": "a\ud800"}], r"row 1: .*U\+D800"),
    ([{"id": "a", "question": "a"}, {"id": "a", "question": "b"}], "row 2: id 'a' is already row 1's"),
    ([{"id": 2, "question": "a"}, {"question": "b"}], "row 2: id 2 is already row 1's"),
    ([{"id": None, "question": "a"}], "id is null; expected: text or a whole number"),
    ([{"id": True, "question": "a"}], "id is true; expected"),
    ([{"id": [1], "question": "a"}], r"id is \[1\]; expected"),
    (["not json"], "line 1 is no JSON"),
    (["[1]"], "line 1 is list"),
    ([], "holds no question"),
]


@pytest.mark.parametrize(("rows", "message"), BAD_INPUTS)
def test_a_wrong_line_is_named(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_rows(write(tmp_path / "in.jsonl", *rows))


SPOILERS: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: None, "no file"),
    (lambda path: path.mkdir(), "is a folder"),
    (lambda path: path.write_bytes(bytes(range(256))), "not UTF-8"),
]


@pytest.mark.parametrize(("spoil", "message"), SPOILERS)
def test_what_is_no_text_file_is_told(tmp_path: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(tmp_path / "in.jsonl")
    with pytest.raises(InputError, match=message):
        read_rows(tmp_path / "in.jsonl")


def test_an_output_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    source = questions(tmp_path / "in.jsonl", 2)
    before = source.read_text()
    with pytest.raises(InputError, match="other things than solutions"):
        list(answer_rows(read_rows(source), source, one_by_one(answer)))
    assert source.read_text() == before


def test_an_output_that_ends_without_a_line_end_and_is_no_solution_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "notes.txt"
    out.write_text("my notes, precious, and no line end")
    with pytest.raises(InputError):
        list(answer_rows(read_rows(questions(tmp_path / "in.jsonl", 1)), out, one_by_one(answer)))
    assert out.read_text() == "my notes, precious, and no line end"


def test_an_output_that_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        list(answer_rows(read_rows(questions(tmp_path / "in.jsonl", 1)), tmp_path, one_by_one(answer)))


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    rows, out = read_rows(questions(tmp_path / "in.jsonl", 3)), tmp_path / "out.jsonl"
    first = answer_rows(rows, out, one_by_one(answer))
    next(first)
    with pytest.raises(InputError, match="another run is writing"):
        next(answer_rows(rows, out, one_by_one(answer)))
    first.close()
    assert len(list(answer_rows(rows, out, one_by_one(answer)))) == 2


def test_nothing_is_finished_in_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert finished_ids(tmp_path / "out.jsonl") == set()


def test_a_table_and_plain_lines_are_read_too(tmp_path: Path) -> None:
    table = tmp_path / "asked.CSV"
    table.write_text(
        '\ufeffId,Question,grade\n7,"Ann has 2,\nand 3 more?",5\n8,How many?,\n', encoding="utf-8"
    )
    assert [(row.id, row.question) for row in read_rows(table)] == [
        ("7", "Ann has 2, and 3 more?"),
        ("8", "How many?"),
    ]
    plain = tmp_path / "asked.txt"
    plain.write_text("How many?\n\n  And 2½ of them?\n", encoding="utf-8")
    assert [(row.id, row.question) for row in read_rows(plain)] == [
        (1, "How many?"),
        (3, "And 2.5 of them?"),
    ]
    marked = tmp_path / "asked.jsonl"
    marked.write_text('\ufeff{"question": "How many?"}\n', encoding="utf-8")
    assert [row.question for row in read_rows(marked)] == ["How many?"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "has the columns of nothing; expected: question"),
        ("a.csv", "problem,id\nx,1\n", "has the columns problem, id; expected: question"),
        ("a.csv", "question\n", "holds no question; expected: a column question"),
        ("a.csv", 'question\n"a" b\n', "is no CSV after line 1"),
        ("a.csv", "id,question\n1\n", "row 1 has no question"),
        ("a.csv", "id,question\n1,x\n1,y\n", "row 2: id '1' is already row 1's"),
        ("a.txt", "\n\n", "holds no question; expected: one question a line"),
        ("a.txt", b"\xff\xfe", "is not UTF-8 text; expected: one question a line"),
        ("a.csv", b"question\n\xff", "is not UTF-8 text; expected: a column question"),
        ("a.txt", None, "no file"),
    ],
)
def test_a_wrong_file_of_another_kind_is_told(
    tmp_path: Path, name: str, text: str | bytes | None, message: str
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError, match=re.escape(message)):
        read_rows(file)
