"""The story generator: splits, balance, skills, and the same problems for the same seed."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.annotations.thoughts import write_cot, write_eot
from benchmarks.tasks.overlap import masked_trigrams
from distill import stories
from distill.stories.families import TEMPLATES
from distill.stories.telling import tell
from runtime.solver.budget import Budget
from runtime.solver.equations import eot
from runtime.solver.sentences import cot
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError

ROOT = Path(__file__).parents[3]
NAMES = [template.name for template in TEMPLATES]


def test_names_of_templates_are_unique_and_say_their_story() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in NAMES)


def test_splits_share_no_template_and_hold_about_three_quarters_for_training() -> None:
    split = {kind: {template.name for template in stories.templates(kind)} for kind in stories.SPLITS}
    assert sum(len(names) for names in split.values()) == len(TEMPLATES)
    assert set.union(*split.values()) == set(NAMES)
    assert 0.68 <= len(split["train"]) / len(TEMPLATES) <= 0.82
    assert min(len(split["dev"]), len(split["test"])) >= len(TEMPLATES) / 12


@pytest.mark.parametrize("split", stories.SPLITS)
def test_a_split_tells_only_its_own_templates(split: stories.Split) -> None:
    own = {template.name for template in stories.templates(split)}
    made = list(stories.generate(split, 400, seed=3))
    assert {story.template for story in made} == own
    assert {story.problem.source for story in made} == {f"edgethought:stories/{name}" for name in own}


def skill(template: stories.Template) -> tuple[str, ...]:
    """The operators of each step in order, such as `("*", "+-")`: what a student must be able to do."""
    return tuple(re.sub(r"[^-+*/]", "", expression) for _, expression, _ in template.solve)


def test_every_held_out_skill_occurs_in_training_with_another_story() -> None:
    trained = {skill(template) for template in stories.templates("train")}
    unseen = {
        template.name: skill(template)
        for split in ("dev", "test")
        for template in stories.templates(split)
        if skill(template) not in trained
    }
    assert not unseen


def test_held_out_stories_are_no_rewording_of_a_training_story() -> None:
    def trigrams(split: stories.Split) -> dict[str, list[set[str]]]:
        return {
            template.name: [masked_trigrams(tell(template, Random(seed)).question) for seed in range(8)]
            for template in stories.templates(split)
        }

    trained = [(name, grams) for name, questions in trigrams("train").items() for grams in questions]
    for split in ("dev", "test"):
        for name, questions in trigrams(split).items():
            likeness, twin = max(
                (len(mine & grams) / len(mine | grams), other)
                for other, grams in trained
                for mine in questions
            )
            assert likeness < 0.4, f"{name} reads like {twin}"


@pytest.mark.parametrize("split", stories.SPLITS)
def test_every_thought_written_from_a_story_is_solved_to_its_answer(split: stories.Split) -> None:
    for story in stories.generate(split, 2 * len(stories.templates(split)), seed=6):
        answer = story.problem.answer or ""
        chain = write_cot(story.annotation, answer)
        written = [(eot.solve_eot, write_eot(story.annotation, answer)), (cot.solve_cot, chain)]
        for solve, text in written:
            outcome = solve(text, None, Budget())
            assert matches_gold(outcome.value, answer), f"{outcome} for {text}"
        assert cot.wrong_arithmetic(chain) == ()


def test_problems_are_numbered_licensed_and_never_repeat() -> None:
    made = list(stories.generate("train", 600, seed=1))
    assert [story.problem.id for story in made[:2]] == ["story-train-00000", "story-train-00001"]
    assert len({story.problem.id for story in made}) == len({story.problem.question for story in made}) == 600
    assert {story.problem.license for story in made} == {"Apache-2.0"}


@pytest.mark.parametrize("split", stories.SPLITS)
def test_templates_are_told_equally_often(split: stories.Split) -> None:
    count = 5 * len(stories.templates(split))
    assert set(Counter(story.template for story in stories.generate(split, count, seed=9)).values()) == {5}


def test_about_a_third_of_the_problems_take_one_step_and_a_third_three() -> None:
    steps = Counter(len(story.annotation.steps) for story in stories.generate("train", 1000, seed=5))
    assert set(steps) == {1, 2, 3}
    assert (
        0.2 <= steps[1] / 1000 <= 0.38 and 0.32 <= steps[2] / 1000 <= 0.5 and 0.2 <= steps[3] / 1000 <= 0.38
    )


def test_all_four_operations_fractions_and_percentages_occur_in_every_split() -> None:
    for split in stories.SPLITS:
        made = list(stories.generate(split, 300, seed=2))
        text = " ".join(step.expression for story in made for step in story.annotation.steps)
        assert all(sign in text for sign in "+-*/")
        assert any("%" in story.problem.question or "percent" in story.problem.question for story in made)
        assert any(re.search(r"half|third|quarter|\d/\d", story.problem.question) for story in made)


SCRIPT = """
from distill import stories
for story in stories.generate("train", 300, seed=42):
    print(story)
"""


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1 and len(outputs.pop()) > 100_000


def test_another_seed_gives_other_problems() -> None:
    first, second = (
        {story.problem.question for story in stories.generate("train", 300, seed=seed)} for seed in (1, 2)
    )
    assert len(first & second) < 10


def test_the_global_random_state_is_left_alone() -> None:
    import random

    before = random.getstate()
    list(stories.generate("dev", 20, seed=0))
    assert random.getstate() == before


def test_a_larger_count_only_adds_problems() -> None:
    few, many = (list(stories.generate("test", count, seed=8)) for count in (30, 60))
    assert many[:30] == few


@pytest.mark.parametrize(
    ("split", "count", "complaint"), [("validation", 5, "train, dev, test"), ("train", -1, "0 or more")]
)
def test_wrong_input_says_what_is_allowed(split: Any, count: int, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        stories.generate(split, count, seed=0)


def test_more_than_the_templates_can_tell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from distill.stories import generator
    from distill.stories.draws import whole
    from distill.stories.template import Template

    tiny = Template(
        "cats_and_dogs", {"cats": whole(2, 4)}, ("There are {cats cat}. How many legs?",),
        (("ans", "cats * 4", "They have {=} legs."),),
    )  # fmt: skip
    monkeypatch.setattr(generator, "TEMPLATES", (tiny,))
    split = stories.split_of("cats_and_dogs")
    assert len(list(stories.generate(split, 3, seed=0))) == 3
    with pytest.raises(InputError, match="at most"):
        list(stories.generate(split, 100, seed=0))
