"""What lm-evaluation-harness calls for our tasks judges as `bench` does, and never runs what a model wrote."""

import json
from pathlib import Path

import pytest
import yaml

from benchmarks.interop.harness.task_files import known_tasks, write_task_files
from benchmarks.interop.harness.tasks import (
    CUT_OFF,
    extracted,
    plain_prompt,
    problems,
    score,
    solved,
    stated,
    thought_prompt,
)
from benchmarks.scoring.job import BenchSettings, BenchTask, Job
from benchmarks.scoring.scoring_job import job_problems
from runtime.values.errors import InputError

DOC = {"id": "a", "question": "How many  pens\nare there?", "answer": "7", "thought": "pot", "task": "mine"}


def judged(text: str, thought: str = "pot", answer: str = "7") -> tuple[str, float]:
    doc = {**DOC, "thought": thought, "answer": answer}
    ((read,),) = solved([[text]], [doc])
    return read, score(doc, [read])["exact_match"]


@pytest.mark.parametrize(
    ("thought", "text", "read", "right"),
    [
        ("pot", "ans = 3 + 4\n", "7", 1.0),
        ("eot", "pens = 21 / 3\nans = pens", "7", 1.0),
        ("cot", "3 and 4 are 7. The answer is 7.", "7", 1.0),
        ("pot", "ans = 3 - 10", "7", 1.0),  # a size was asked for
        ("pot", "ans = 7 / 2", "3.5", 0.0),
        ("pot", "ans = ", "[bad_syntax]", 0.0),
        ("pot", "import os\nans = os.system('true')", "[refused]", 0.0),
        ("pot", f"ans = 7{CUT_OFF}", "[truncated]", 0.0),
        ("cot", f"The answer is 7{CUT_OFF}", "[truncated]", 0.0),
        ("eot", "", "[no_thought]", 0.0),
    ],
)
def test_thoughts_are_judged_by_the_solver(thought: str, text: str, read: str, right: float) -> None:
    assert judged(text, thought) == (read, right)


def test_a_value_is_compared_by_the_decimals_of_the_gold_answer() -> None:
    assert judged("ans = 10 / 3", answer="3.33") == ("10/3", 1.0)
    assert judged("ans = 10 / 3", answer="3") == ("10/3", 0.0)
    assert judged("ans = 10 ** 390 * 10 ** 390")[1] == 0.0


def test_other_replies_are_read_strictly_and_flexibly() -> None:
    replies = [["Then 3 + 4 = 7 pens."], [r"So \boxed{7}."], ["none"]]
    assert stated(replies, [DOC] * 3) == [["[no_thought]"], ["7"], ["[no_thought]"]]
    assert extracted(replies, [DOC] * 3) == [["7"], ["7"], ["[no_thought]"]]


def test_prompts_are_the_contract_and_the_plain_question() -> None:
    assert thought_prompt(DOC) == "Question: How many pens are there?\nProgram:\n"
    assert plain_prompt(DOC) == "How many pens are there?"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.jsonl"
    rows = [{"id": f"p-{n}", "q": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(30)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_limit_takes_the_problems_that_bench_takes(own: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    found = problems(str(own), "question=q", "pot", artifact="what lm-eval gives to tasks too")["test"]
    assert sorted(found["id"]) == sorted(f"p-{n}" for n in range(30)) and set(found["thought"]) == {"pot"}
    from benchmarks.tasks.fields import parse_fields

    task = BenchTask(str(own), fields=parse_fields("question=q"))
    asked = job_problems(Job(own, "x", (task,), tmp_path / "log", BenchSettings(limit=7)), task)
    assert {problem.id for problem in asked} == set(found["id"][:7])


def test_every_task_has_a_file_for_each_way_of_asking(tmp_path: Path, own: Path) -> None:
    names = write_task_files(tmp_path / "all")
    assert len(names) == 4 * len(known_tasks().split(","))
    assert {"edgethought_gsm8k_pot", "edgethought_gsm8k_dev_eot", "edgethought_svamp_plain"} <= set(names)
    assert write_task_files(tmp_path / "own", str(own), "question=q")[0] == "edgethought_own_eot"
    text = (tmp_path / "own/edgethought_own_pot.yaml").read_text()
    row = yaml.safe_load(text.replace("!function ", ""))
    assert row["dataset_kwargs"] == {
        "bench_task": str(own),
        "bench_fields": "question=q",
        "bench_thought": "pot",
    }
    assert row["num_fewshot"] == 0 and row["filter_list"][0]["name"] == "solver"
    plain = yaml.safe_load(
        (tmp_path / "all/edgethought_svamp_plain.yaml").read_text().replace("!function ", "")
    )
    assert [one["name"] for one in plain["filter_list"]] == ["strict-match", "flexible-extract"]


def test_an_unknown_task_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no task 'gsm9k'"):
        write_task_files(tmp_path, "gsm9k")
    with pytest.raises(InputError, match=r"no file .*none.jsonl; expected: problems"):
        write_task_files(tmp_path, "none.jsonl")


def test_a_task_without_problems_is_no_score(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match=r"empty.jsonl has no problems; expected: one or more"):
        problems(str(tmp_path / "empty.jsonl"))
