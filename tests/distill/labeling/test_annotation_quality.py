"""The figures that annotations are held to are counted right."""

from distill.labeling.annotation_quality import measure
from distill.teachers.gold.annotation import Annotation, Step
from runtime.values.problem import Problem


def annotation(*steps: tuple[str, str]) -> Annotation:
    return Annotation(tuple(Step(name, expression, "") for name, expression in steps))


PROBLEM = Problem("p", "Al has 40 pens and 20 cups.", "60")


def test_names_copies_and_doubtful_literals_are_told_apart() -> None:
    steps = annotation(("pens", "40 / 2"), ("cups", "20 * 45"), ("more", "900 + pens"), ("ans", "920 - cups"))
    quality = measure([(PROBLEM, steps)])
    assert (quality.named, quality.copied, quality.either) == (2, 2, 1)
    assert quality.linked == 2 / 5
    assert quality.bare == ["p: 45", "p: 900", "p: 920"]


def test_bad_names_are_listed() -> None:
    steps = annotation(
        ("sum", "1"), ("pens_2", "1"), ("a_name_that_is_really_too_long", "1"), ("ans", "pens_2")
    )
    quality = measure([(PROBLEM, steps)])
    assert quality.misnamed == ["p: sum", "p: a_name_that_is_really_too_long"]
    assert quality.numbered == 1
