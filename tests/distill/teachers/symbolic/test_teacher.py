"""The teacher: a stream of new problems that carry their annotation, the same for a seed, with a reason for each gap."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from distill.teachers import Variant
from distill.teachers.gold.teacher import GoldTeacher
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.teachers.symbolic.teacher import SymbolicTeacher, variants_of
from distill.teachers.symbolic.variants import KINDS
from runtime.values.prompt import THOUGHTS
from runtime.values.rationale import Declined, Rationale
from tests.benchmarks.rewriting.problems import APPLES, MARBLES, SHARES

PROBLEMS = [MARBLES, APPLES, SHARES]


def test_the_stream_has_a_place_for_every_variant() -> None:
    settings = SymbolicSettings(variants=2)
    found = list(variants_of(PROBLEMS, settings))
    assert len(found) == len(PROBLEMS) * len(KINDS) * 2
    assert found[0].id == "m~similar-1" and found[0].source == "ours:problems.jsonl~similar#3"
    assert {one.license for one in found} == {"MIT"}


def test_the_same_seed_writes_the_same_and_another_something_else() -> None:
    first, again, other = (list(variants_of(PROBLEMS, SymbolicSettings(seed=seed))) for seed in (3, 3, 4))
    assert first == again and first != other


def test_more_variants_begin_with_the_same_ones() -> None:
    one, three = (
        list(variants_of([MARBLES], SymbolicSettings(kinds=("similar",), variants=n))) for n in (1, 3)
    )
    assert three[:1] == one and len({problem.question for problem in three}) == 3


def test_nothing_is_written_twice() -> None:
    found = [
        one for one in variants_of([MARBLES], SymbolicSettings(kinds=("reorder",), variants=9)) if one.answer
    ]
    made = [one.question for one in found if "declined" not in (one.solution or "")]
    assert len(made) == len(set(made)) and MARBLES.question not in made


def test_thoughts_follow_from_what_a_problem_carries() -> None:
    teacher = SymbolicTeacher(SymbolicSettings(seed=5))
    (problem,) = variants_of([MARBLES], SymbolicSettings(kinds=("similar",), seed=5))
    rationales = list(teacher.annotate(problem, THOUGHTS))
    assert [one.thought for one in rationales] == list(THOUGHTS)
    assert all(isinstance(one, Rationale) and one.teacher == "symbolic" for one in rationales)
    assert all(
        one.provenance == {"parent": "m", "kind": "similar", "seed": 5}
        for one in rationales
        if isinstance(one, Rationale)
    )
    gold = GoldTeacher().annotate(problem, THOUGHTS)
    assert [one.text for one in rationales if isinstance(one, Rationale)] == [one.text for one in gold]


def test_a_gap_says_why_it_is_one() -> None:
    settings = SymbolicSettings(kinds=("similar",))
    (gap,) = variants_of([SHARES], settings)
    assert list(SymbolicTeacher(settings).annotate(gap, THOUGHTS)) == [Declined("unused_number")]


def test_a_problem_that_was_not_rewritten_gives_nothing() -> None:
    teacher = SymbolicTeacher(SymbolicSettings())
    assert list(teacher.annotate(MARBLES, THOUGHTS)) == [] and teacher.declined(MARBLES) == "not_rewritten"


@pytest.mark.parametrize("kind", KINDS)
def test_one_problem_is_rewritten_from_python(kind: str) -> None:
    teacher = SymbolicTeacher(SymbolicSettings(variants=2))
    found = list(getattr(teacher, kind)(APPLES))
    assert found and all(isinstance(one, Variant | Declined) for one in found)
    assert all(one.parent == APPLES and one.kind == kind for one in found if isinstance(one, Variant))
    assert isinstance(found[0], Variant)


def test_a_kind_that_it_does_not_write_is_declined() -> None:
    assert list(SymbolicTeacher(SymbolicSettings()).variants(APPLES, "rephrase")) == [
        Declined("unknown_kind", "rephrase")
    ]


@pytest.mark.parametrize(
    "solution",
    [None, "", "####", "<<", "{", '{"steps": [["ans", "9**9**9", ""]]}', "x" * 10_000, "<<1/0=1>>1\n#### 60"],
)
def test_hostile_solutions_are_gaps(solution: str | None) -> None:
    found = list(variants_of([replace(MARBLES, solution=solution)], SymbolicSettings()))
    assert all((one.solution or "").startswith("declined: ") for one in found)


@pytest.mark.parametrize(
    "question", ["", "?", "9" * 400 + " pens?", "Ünïcödé 12 ② ٣ pens?", "\ud800 12?", "12 8 36 60"]
)
def test_hostile_questions_do_no_harm(question: str) -> None:
    found = list(variants_of([replace(MARBLES, question=question)], SymbolicSettings()))
    assert len(found) == len(KINDS)


def test_settings_are_read_from_one_line_and_checked() -> None:
    assert SymbolicSettings.model_validate({"kinds": "similar,harder"}).kinds == ("similar", "harder")
    wrongs: list[dict[str, object]] = [
        {"kinds": "rephrase"},
        {"kinds": []},
        {"variants": 0},
        {"kind": "similar"},
    ]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            SymbolicSettings.model_validate(wrong)
