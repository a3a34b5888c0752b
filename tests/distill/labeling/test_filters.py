"""A chain must reach its answer in true steps; a held-out question and its near copies stay out."""

import pytest

from distill.labeling.filters import Decontamination, Drop, HeldOut, failure, states
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale


@pytest.mark.parametrize(
    ("text", "gold", "stated"),
    [
        ("That makes 72 clips.", "72", True),
        ("That makes 1,072 clips.", "1072", True),
        ("That makes 172 clips.", "72", False),
        ("48/2 = 24", "24", True),
        ("It is 48/2.", "24", True),
        ("He has 3/4 of it.", "4", True),
        ("16 * (50/7) = 800/7.", "114.29", True),
        ("It is 0.666 of it.", "0.67", True),
        ("It is 0.66 of it.", "0.67", False),
        ("It is minus 5.", "-5", True),
        ("", "5", False),
        ("9" * 200, "5", False),
        ("4/0", "3", False),
    ],
)
def test_a_number_is_found_as_it_is_printed(text: str, gold: str, stated: bool) -> None:
    assert states(text, gold) == stated


@pytest.mark.parametrize(
    ("thought", "text", "reason"),
    [
        ("eot", "ans = 3 + 4", None),
        ("eot", "ans = 3 * 4", "wrong_answer"),
        ("eot", "ans = (", "bad_syntax"),
        ("pot", "print(7)", None),
        ("cot", "3 + 4 = 7. The answer is 7.", None),
        ("cot", "3 + 4 = 7, so 7. The answer is 12.", "wrong_answer"),
        ("cot", "The answer is 7.", "answer_not_in_steps"),
        ("cot", "2 * 3 = 7 and so it is 7. The answer is 7.", "false_arithmetic"),
        ("cot", "We think about it for long.", "no_solution"),
    ],
)
def test_each_failure_has_its_reason(solver: Solver, thought: Thought, text: str, reason: str | None) -> None:
    rationale = Rationale(Problem("p", "How many?", "7"), thought, text, "t")
    drop = failure(rationale, solver.solve(thought, text))
    assert (drop and drop.reason) == reason


def test_a_rationale_without_gold_is_not_verified(solver: Solver) -> None:
    drop = failure(Rationale(Problem("p", "q"), "eot", "ans = 1", "t"), solver.solve("eot", "ans = 1"))
    assert drop == Drop("no_gold", "", "eot")


def test_nothing_is_contaminated_by_no_questions() -> None:
    assert Decontamination([], "drop").judge("How many pens?", "") == ""
    assert Decontamination([HeldOut("How many pens?")], "keep").judge("how MANY pens", "") == Drop(
        "overlap_loose", "How many pens?"
    )
