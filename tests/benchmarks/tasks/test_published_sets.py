"""Published sets are read from rows in their own columns: exact answers, what is none left out and counted."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tasks.fields import Fields, is_word_problem, latex_number
from benchmarks.tasks.hub import file_rows, prepare
from benchmarks.tasks.loading import load_scoring, load_training
from benchmarks.tasks.published_sets import PUBLISHED
from benchmarks.tasks.splits import DEV, TEST, TRAIN
from runtime.values.errors import InputError

SYMBOLIC = {
    "id": 0,
    "instance": 3,
    "question": "Ann has 3 pens and buys 4. How many pens has she?",
    "answer": "3 + 4 = 7 pens.\n#### 7",
    "original_id": 473,
    "original_question": "Ann has 1 pen and buys 2. How many pens has she?",
    "original_answer": "1 + 2 = <<1+2=3>>3\n#### 3",
    "canary": "(a canary)",
}
PLUS = {
    "question": "Six heels of 4 inches and two of 5: what is their mean?",
    "solution": "34 / 8 = 4.25\n#### 4.25",
    "answer": "4.25",
    "perturbation_type": "numerical substitution",
    "seed_question": "Six heels of 4 inches and two of 4: what is their mean?",
    "seed_solution": "32/8 = <<32/8=4>>4\n#### 4",
    "seed_answer": "4",
}
UNANSWERABLE = {**PLUS, "answer": "None", "perturbation_type": "critical thinking"}
CODE = '\ndef solution():\n    """Ann has 7."""\n    pens = 7\n    result = pens / 3\n    return result\n\n\n'
HARD = {
    "input": "Ann shares 7 litres among 3. How much has each?",
    "code": CODE,
    "target": 2.3333333333333335,
}
ADDSUB = {
    "iIndex": 1,
    "lEquations": ["X = 70 - 27"],
    "lSolutions": ["43"],
    "sQuestion": "Ann found 70 shells . She has 27 left . How many did she give away ? ",
}
SINGLEEQ = {
    "lEquations": ["70-x=27"],
    "lSolutions": [43.0],
    "grammarCheck": 0,
    "templateNumber": 0,
    "sQuestion": "Ann found 70 shells. She has 27 left. How many did she give away ?",
    "iIndex": 0,
}
MATH = {
    "problem": "Ann answers $80$ questions for $\\$5$ each, less $20\\%$. What is $\\frac{1}{2}$ of that?",
    "solution": "It is $\\boxed{160}$.",
    "answer": "160",
    "subject": "Prealgebra",
    "level": 3,
    "unique_id": "test/prealgebra/1.json",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("EDGETHOUGHT_DATA", raising=False)
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return tmp_path


def lines(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("task", "rows", "answers", "left_out"),
    [
        ("gsm_symbolic", [SYMBOLIC], ["7"], 0),
        ("gsm_symbolic_p1", [SYMBOLIC], ["7"], 0),
        ("gsm_symbolic_p2", [{**SYMBOLIC, "answer": "so\n#### 32.5"}], ["32.5"], 0),
        ("gsm_plus", [PLUS, UNANSWERABLE, {**PLUS, "answer": "1/3"}], ["4.25", "1/3"], 1),
        ("gsm_plus_mini", [UNANSWERABLE, PLUS], ["4.25"], 1),
        ("gsm_hard", [HARD, {**HARD, "target": -9867630.0}], ["7/3", "-9867630"], 0),
        ("gsm_hard", [{**HARD, "code": "not Python", "target": 2.5}], ["2.5"], 0),
        ("gsm_hard", [{**HARD, "code": "not Python"}], ["2.333333"], 0),
        ("gsm_hard", [HARD, {**HARD, "target": None}, {**HARD, "target": "many"}], ["7/3"], 2),
        ("mgsm_de", [{"question": "Was ist 1 + 1?", "answer": None, "answer_number": 2}], ["2"], 0),
        ("addsub", [ADDSUB, {**ADDSUB, "lSolutions": ["1", "2"]}], ["43"], 1),
        ("singleeq", [SINGLEEQ, {**SINGLEEQ, "lSolutions": [11.5]}], ["43", "11.5"], 0),
        (
            "math500",
            [MATH, {**MATH, "answer": "3\\sqrt{13}"}, {**MATH, "problem": "Is $x^2 = 4$?"}],
            ["160"],
            2,
        ),
    ],
)
def test_rows_in_a_sets_own_columns_are_read(
    home: Path, task: str, rows: list[dict[str, Any]], answers: list[str], left_out: int
) -> None:
    (made,) = prepare(task, file=lines(home / "theirs.jsonl", rows))
    assert (made.rows, made.left_out, made.mark) == (len(answers), left_out, "test")
    problems = list(load_scoring(task))
    assert [problem.answer for problem in problems] == answers
    assert all(problem.question and problem.id and problem.license for problem in problems)
    with pytest.raises(InputError, match="has no train split; expected: test"):
        load_training(task)
    with pytest.raises(InputError, match=f"holds a scoring split of {task}"):
        load_training(str(made.path))


def test_other_files_are_read_too(home: Path) -> None:
    (home / "a.json").write_text(json.dumps([ADDSUB]))
    lines(home / "b.json", [ADDSUB, ADDSUB])
    (home / "mgsm_de.tsv").write_text("Was ist 1 + 1?\t2\nWas ist 70.000 + 0?\t70000\n")
    assert len(list(file_rows(home / "a.json", Fields()))) == 1
    assert len(list(file_rows(home / "b.json", Fields()))) == 2
    (made,) = prepare("mgsm_de", file=home / "mgsm_de.tsv")
    assert made.rows == 2 and [one.answer for one in load_scoring("mgsm_de")] == ["2", "70000"]
    prepare("addsub", file=home / "a.json")
    (problem,) = load_scoring("addsub")
    assert problem.equation == "X = 70 - 27" and problem.source.endswith("AddSub.json#addsub-00000")


@pytest.mark.parametrize(
    ("task", "name", "content", "message"),
    [
        ("addsub", "nowhere.json", None, "no file .*nowhere.json; expected: the data set's own file"),
        ("addsub", "a.txt", "x", "expected: .jsonl, .json, .tsv, .csv or .parquet"),
        ("addsub", "a.json", "[1", "a.json is no JSON"),
        ("addsub", "a.json", "[3]", "a.json is '3'; expected: an object"),
        ("addsub", "a.jsonl", json.dumps(MATH), "has no 'sQuestion'; it has problem"),
        (
            "gsm_plus",
            "a.jsonl",
            json.dumps(UNANSWERABLE),
            "none of 1 rows of .* has a question with one number",
        ),
        ("gsm_plus", "a.jsonl", "", "none of 0 rows"),
    ],
)
def test_a_file_that_will_not_do_is_told(
    home: Path, task: str, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (home / name).write_text(content)
    with pytest.raises(InputError, match=message):
        prepare(task, file=home / name)
    with pytest.raises(InputError, match="export EDGETHOUGHT_DATA"):
        load_scoring(task)


@pytest.mark.parametrize("split", [TRAIN, DEV])
def test_a_wrong_split_is_told(home: Path, split: Any) -> None:
    with pytest.raises(InputError, match=r"has no .* split in files; expected: test"):
        prepare("addsub", file=lines(home / "a.jsonl", [ADDSUB]), split=split)


def test_what_is_not_on_the_hub_is_told(home: Path) -> None:
    with pytest.raises(InputError, match="not on the hub in a form we read; expected: --file"):
        prepare("singleeq")


def test_every_published_set_is_for_scoring_alone() -> None:
    assert all(set(task.splits) == {TEST} and task.hub for task in PUBLISHED)
    assert len({task.name for task in PUBLISHED}) == len(PUBLISHED) == 20


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("-\\frac{3}{4}", "-0.75"),
        ("\\dfrac{1}{3}", "1/3"),
        ("\\frac34", "0.75"),
        ("\\$32,\\!348", "32348"),
        ("90^\\circ", "90"),
        (".35625", "0.35625"),
        ("3\\sqrt{13}", None),
        ("x=5", None),
        ("52_8", None),
        ("1\\frac{4}{5}", None),
        ("\\frac{1}{0}", None),
    ],
)
def test_latex_is_read_where_it_is_one_number(text: str, number: str | None) -> None:
    assert latex_number(text) == number


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("Ann has $3$ pens for $\\$1.50$.", True),
        ("Solve $x + 1 = 2$.", False),
        ("See [asy] draw(); [/asy] for $3$.", False),
        ("Compute \\[1 + 1\\]", False),
    ],
)
def test_word_problems_have_numbers_for_formulas(question: str, is_one: bool) -> None:
    assert is_word_problem(question) is is_one
