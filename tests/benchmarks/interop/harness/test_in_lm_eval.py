"""lm-evaluation-harness finds our tasks and asks our model. Skipped where it is not installed."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.interop.harness.task_files import write_task_files
from benchmarks.interop.harness.tasks import CUT_OFF
from edgethought.cli.bench.harness import TARGET, with_tasks
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution

pytest.importorskip("lm_eval")


def own_task(folder: Path) -> str:
    file = folder / "own.jsonl"
    rows = [{"id": f"p-{n}", "question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(6)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


def test_lm_eval_runs_our_task_and_counts_what_the_solver_says(tmp_path: Path) -> None:
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    class Adder(LM):  # type: ignore[misc]
        """Writes a program that is right for even numbers, and notes what it was asked."""

        prompts: list[str] = []  # noqa: RUF012

        def generate_until(self, requests: list[SimpleNamespace]) -> list[str]:
            self.prompts.extend(request.args[0] for request in requests)
            numbers = [int(request.args[0].split()[3]) for request in requests]
            return [f"ans = {number} + {1 + number % 2}" for number in numbers]

        def loglikelihood(self, requests: object) -> object:
            raise AssertionError

        loglikelihood_rolling = loglikelihood

    write_task_files(tmp_path / "tasks", own_task(tmp_path))
    manager = TaskManager(include_path=str(tmp_path / "tasks"), include_defaults=False)
    assert "edgethought_own_plain" in manager.all_tasks
    found = simple_evaluate(
        model=Adder(), tasks=["edgethought_own_pot"], task_manager=manager, bootstrap_iters=0
    )
    assert found["results"]["edgethought_own_pot"]["exact_match,solver"] == 0.5
    for row in found["samples"]["edgethought_own_pot"]:
        assert row["exact_match"] == (int(row["doc"]["answer"]) % 2 == 1)
    assert all(prompt.endswith("+ 1?\nProgram:\n") for prompt in Adder.prompts)


def test_our_model_knows_its_own_prompts_to_the_byte() -> None:
    from benchmarks.interop.harness.model import parse_prompt

    assert parse_prompt("Question: How many?\nEquations:\n") == ("How many?", "eot")
    for other in ("Question: How many?\nAnswer:", "Question: How  many?\nProgram:\n", "x\n"):
        assert parse_prompt(other) is None


def test_a_thought_without_an_end_is_marked() -> None:
    from benchmarks.interop.harness.model import reply_text

    whole = Solution("pot", "ans = 7", Outcome("bad_syntax"), "fake")
    assert reply_text(whole) == "ans = 7"
    assert reply_text(replace(whole, outcome=Outcome("truncated"))) == f"ans = 7{CUT_OFF}"


def test_what_an_artifact_cannot_do_is_refused() -> None:
    from lm_eval.api.registry import _materialise_placeholder

    from benchmarks.interop.harness.model import EdgethoughtLM

    assert _materialise_placeholder(TARGET) is EdgethoughtLM
    model = EdgethoughtLM.__new__(EdgethoughtLM)
    with pytest.raises(InputError, match="expected: one of output_type generate_until"):
        model.loglikelihood([])
    with pytest.raises(InputError, match=r"sampling at temperature 0\.7; expected: do_sample=false"):
        model.generate_until([SimpleNamespace(args=("x", {"temperature": 0.7}))])
    with pytest.raises(InputError, match="batch size 'auto'; expected: 1 or more"):
        EdgethoughtLM(batch_size="auto")


def test_our_tasks_are_among_what_lm_eval_looks_through_unless_others_are_named(tmp_path: Path) -> None:
    assert with_tasks(["--tasks", "x"], tmp_path) == ["--tasks", "x", "--include_path", str(tmp_path)]
    assert (tmp_path / "edgethought_gsm8k_pot.yaml").is_file()
    for words in (["--tasks", "x", "--include_path", "own"], ["--include_path=own"], ["--help"], []):
        assert with_tasks(words, tmp_path) == words
