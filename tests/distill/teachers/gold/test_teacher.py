"""The gold teacher spells one annotation as every thought, and says why it has none."""

import json

from benchmarks.annotations.annotation import Annotation, Step
from benchmarks.annotations.carried import carry
from benchmarks.annotations.value import annotation_value
from distill.teachers.gold.teacher import GoldTeacher
from runtime.values.problem import Problem

ANNOTATION = Annotation(
    (Step("june_tins", "40 / 2", "June: 40 / 2 = 20."), Step("ans", "40 + june_tins", "In all 40 + 20 = 60."))
)
PROBLEM = Problem("p", "Nora sold 40 tins in March and half as many in June. How many?", "60")


def texts(problem: Problem) -> dict[str, str]:
    return {item.thought: item.text for item in GoldTeacher().annotate(problem, ("eot", "pot", "cot"))}


def test_a_carried_annotation_becomes_all_three_thoughts() -> None:
    assert texts(carry(PROBLEM, ANNOTATION)) == {
        "eot": "june_tins = 40 / 2\nans = 40 + june_tins",
        "pot": "june_tins = 40 / 2\nans = 40 + june_tins",
        "cot": "June: 40 / 2 = 20.\nIn all 40 + 20 = 60.\nThe answer is 60.",
    }


def test_only_the_thoughts_asked_for_are_written_and_none_is_verified() -> None:
    found = list(GoldTeacher().annotate(carry(PROBLEM, ANNOTATION), ("cot",)))
    assert [(item.thought, item.teacher, item.verified) for item in found] == [("cot", "gold", False)]


def test_a_problem_without_annotation_gives_nothing_and_a_reason() -> None:
    teacher = GoldTeacher()
    assert list(teacher.annotate(PROBLEM, ("eot",))) == []
    assert teacher.declined(PROBLEM) == "no_annotation"


def test_a_damaged_carried_annotation_is_a_reason_and_no_error() -> None:
    for damaged in ('{"steps": [["a", "1"]]}', '{"steps": [', '{"steps": []}'):
        problem = Problem("p", "q?", "1", damaged)
        assert list(GoldTeacher().annotate(problem, ("eot",))) == []
        assert GoldTeacher().declined(problem) in ("damaged", "no_annotation")
    assert json.loads(carry(PROBLEM, ANNOTATION).solution or "")["steps"][0][0] == "june_tins"


def test_a_chain_states_what_its_steps_compute_not_the_gold_it_misses() -> None:
    wrong = Problem("p", PROBLEM.question, "61")
    assert texts(carry(wrong, ANNOTATION))["cot"].endswith("The answer is 60.")
    rounded = Annotation((Step("ans", "2 / 3", "It is 2 / 3."),))
    assert texts(carry(Problem("p", "q?", "0.67"), rounded))["cot"].endswith("The answer is 0.67.")


def test_expressions_that_are_no_arithmetic_have_no_value() -> None:
    for expression in ("print(1)", "9 ** 9 ** 9", "1 / 0", "other", "True + 1", "'a' * 9", "(", "[1]"):
        assert annotation_value(Annotation((Step("ans", expression, ""),))) is None
