"""Robustness sets: named, made the same again, confirmed, refused for training, and known as what they are made of."""

import os
from itertools import islice

import pytest

from benchmarks.annotations.carried import carries
from benchmarks.tasks.leakage import held_out_questions, leaks
from benchmarks.tasks.loading import find_task, is_known, load_scoring, load_training, task_note
from benchmarks.tasks.robustness import (
    CHANGED,
    COUNTS,
    PREPARED,
    Rewriting,
    original_label,
    original_task,
    rewriting_of,
    rewritten,
    robustness_tasks,
)
from benchmarks.tasks.splits import DEV, TEST
from runtime.values.answers import parse_answer
from runtime.values.errors import InputError
from tests.benchmarks.rewriting.problems import MARBLES

needs_data = pytest.mark.skipif(not os.environ.get("EDGETHOUGHT_DATA"), reason="EDGETHOUGHT_DATA is not set")


@pytest.mark.parametrize(
    ("name", "rewriting"),
    [
        ("gsm8k", None),
        ("gsm8k~names", Rewriting("gsm8k", "names")),
        ("gsm8k~numbers-12", Rewriting("gsm8k", "numbers", 12)),
        ("~/mine.jsonl", None),
        ("/tmp/a~names/mine", None),
    ],
)
def test_a_name_means_a_set_or_none(name: str, rewriting: Rewriting | None) -> None:
    assert rewriting_of(name) == rewriting
    assert original_task(name) == (rewriting.task if rewriting else name)


@pytest.mark.parametrize(
    "name", ["gsm8k~nmes", "gsm8k~", "~names", "gsm8k~names-0", "gsm8k~names-101", "a~b~names"]
)
def test_a_kind_that_is_none_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputError, match="expected: a task's name and one of ~numbers, ~names"):
        rewriting_of(name)


def test_every_kind_has_words_and_counts() -> None:
    assert PREPARED.keys() == CHANGED.keys()
    assert all(kinds.keys() == PREPARED.keys() for kinds in COUNTS.values())
    assert len(robustness_tasks()) == 15 and all(map(is_known, robustness_tasks()))


@pytest.mark.parametrize(
    ("label", "original"),
    [
        ("gsm8k~names dev", "gsm8k dev"),
        ("svamp~units-3 test, without near duplicates", "svamp test, without near duplicates"),
        ("gsm8k dev", None),
        ("a~names.jsonl", None),
    ],
)
def test_a_label_says_what_it_is_compared_with(label: str, original: str | None) -> None:
    assert original_label(label) == original


@pytest.mark.parametrize("kind", PREPARED)
def test_a_problem_keeps_its_id_and_license_and_carries_its_steps(kind: str) -> None:
    made = list(rewritten([MARBLES], Rewriting("ours", kind)))
    assert made == list(rewritten([MARBLES], Rewriting("ours", kind)))
    for one in made:
        assert (one.id, one.license) == (MARBLES.id, MARBLES.license)
        assert one.question != MARBLES.question and carries(one) and f"~{kind}-1" in one.source
        assert kind == "numbers" or one.answer == MARBLES.answer


def test_another_drawing_has_other_numbers() -> None:
    (first,), (second,) = (list(rewritten([MARBLES], Rewriting("ours", "numbers", n))) for n in (1, 2))
    assert first.question != second.question


def test_a_set_is_for_scoring_alone() -> None:
    task = find_task("gsm8k~names")
    assert list(task.splits) == [DEV, TEST] and "gsm8k~names: other first names" in task_note("gsm8k~names")
    with pytest.raises(InputError, match="has no train split; expected: dev, test"):
        load_training("gsm8k~names")
    with pytest.raises(InputError, match=r"draw brings no equations .*; expected: gsm8k, svamp, multiarith"):
        find_task("draw~names")
    with pytest.raises(InputError, match="no task 'gsm9k'"):
        find_task("gsm9k~names")


@needs_data
def test_a_set_leaks_as_the_split_that_it_is_made_of() -> None:
    pairs = {(leak.train, leak.test) for leak in leaks("svamp~units")}
    assert ("svamp train", "svamp~units test") in pairs
    assert not any("svamp test" in pair for pair in pairs)
    held = set(held_out_questions(["svamp~units"]))
    assert held == {problem.question for problem in load_scoring("svamp~units")} and len(held) == 41


@needs_data
@pytest.mark.parametrize("kind", PREPARED)
def test_sets_of_real_problems_have_what_is_counted_and_whole_positive_answers(kind: str) -> None:
    originals = {problem.id: problem for problem in load_scoring("svamp", TEST)}
    found = list(load_scoring(f"svamp~{kind}", TEST))
    assert len(found) == COUNTS["svamp"][kind][TEST]
    for problem in found:
        old, new = (parse_answer(one.answer or "") for one in (originals[problem.id], problem))
        assert kind == "numbers" or new == old
        assert new.denominator == 1 and new >= 0


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", robustness_tasks())
def test_the_counts_are_what_is_made(name: str) -> None:
    made = rewriting_of(name)
    assert made is not None
    for split, count in COUNTS[made.task][made.kind].items():
        problems = list(load_scoring(made.task, split))  # type: ignore[arg-type]
        assert len(list(rewritten(problems, made))) == count


@needs_data
def test_a_limit_is_that_of_the_originals() -> None:
    few = list(islice(load_scoring("gsm8k", DEV), 40))
    made = list(rewritten(few, Rewriting("gsm8k", "distract")))
    assert 0 < len(made) <= 40 and {one.id for one in made} <= {one.id for one in few}
