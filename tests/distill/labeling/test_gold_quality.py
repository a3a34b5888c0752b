"""The gold teacher's figures: verified as both, left out for a reason, measured on what is verified."""

from benchmarks.annotations.annotation import Annotation, Step
from distill.labeling.gold_quality import gold_quality, measure
from runtime.solver.solver import Solver
from runtime.values.problem import Problem

QUESTION = "Nora sold 40 tins in March and half as many in June. How many tins is that in all?"
GOOD = "June: 40/2 = <<40/2=20>>20 tins.\nIn all 40+20 = <<40+20=60>>60 tins.\n#### 60"
PROBLEMS = [
    Problem("good", QUESTION, "60", GOOD),
    Problem("label", QUESTION, "61", GOOD),
    Problem("none", QUESTION, "60", "Sixty.\n#### 60"),
    Problem("wrong", QUESTION, "60", None, "X=(40.0*2.0)"),
]


def test_every_problem_is_verified_or_left_out_for_a_reason(solver: Solver) -> None:
    heard: list[int] = []
    found = gold_quality(PROBLEMS, solver, heard.append)
    assert heard == [1, 2, 3, 4]
    assert [problem.id for problem, _ in found.verified] == ["good"]
    assert found.left_out == {
        "label": "answer_not_computed",
        "none": "no_calculation",
        "wrong": "wrong_answer",
    }
    assert found.problems == len(found.verified) + sum(found.reasons.values())
    assert (found.quality.named, found.quality.linked, found.quality.bare) == (1, 1.0, [])


def annotation(*steps: tuple[str, str]) -> Annotation:
    return Annotation(tuple(Step(name, expression, "") for name, expression in steps))


PENS = Problem("p", "Al has 40 pens and 20 cups.", "60")


def test_names_copies_and_doubtful_literals_are_told_apart() -> None:
    steps = annotation(("pens", "40 / 2"), ("cups", "20 * 45"), ("more", "900 + pens"), ("ans", "920 - cups"))
    quality = measure([(PENS, steps)])
    assert (quality.named, quality.copied, quality.either) == (2, 2, 1)
    assert quality.linked == 2 / 5
    assert quality.bare == ["p: 45", "p: 900", "p: 920"]


def test_bad_names_are_listed() -> None:
    steps = annotation(
        ("sum", "1"), ("pens_2", "1"), ("a_name_that_is_really_too_long", "1"), ("ans", "pens_2")
    )
    quality = measure([(PENS, steps)])
    assert quality.misnamed == ["p: sum", "p: a_name_that_is_really_too_long"]
    assert quality.numbered == 1
