"""Thoughts are visited as often as their weights say, the same at every call."""

import random
from collections import Counter

from distill.training.examples import Example
from distill.training.mixture import plan_run, visits
from distill.training.settings import TrainSettings

EXAMPLES = [Example((thought, number, 2), 1) for number in range(8) for thought in (0, 1, 2)]
THOUGHTS = ["eot", "pot", "cot"] * 8


def visited(plan: list[list[list[Example]]]) -> Counter[int]:
    return Counter(example.ids[0] for step in plan for micro in step for example in micro)


def test_an_epoch_visits_a_thought_as_often_as_its_weight_says() -> None:
    once = visits(EXAMPLES, THOUGHTS, {"eot": 2.5, "cot": 0.25}, random.Random(0))
    assert Counter(example.ids[0] for example in once) == {0: 20, 1: 8, 2: 2}
    assert {example.ids[1] for example in once if example.ids[0] == 0} == set(range(8))


def test_a_run_of_several_epochs_draws_anew_each_time() -> None:
    settings = TrainSettings(epochs=3, batch_size=4, thought_weights={"cot": 0.5, "pot": 0})
    plan = plan_run(EXAMPLES, THOUGHTS, settings)
    assert visited(plan) == {0: 24, 2: 12}
    assert plan == plan_run(EXAMPLES, THOUGHTS, settings)
    assert plan != plan_run(EXAMPLES, THOUGHTS, settings.model_copy(update={"seed": 1}))
    drawn = [
        {example.ids[1] for step in plan[start : start + 3] for micro in step for example in micro}
        for start in (0, 3, 6)
    ]
    assert all(len(numbers) == 8 for numbers in drawn)


def test_without_weights_every_rationale_is_visited_once_an_epoch() -> None:
    plan = plan_run(EXAMPLES, THOUGHTS, TrainSettings(epochs=2, batch_size=5))
    assert visited(plan) == {0: 16, 1: 16, 2: 16}


def test_a_token_budget_ends_the_plan_at_the_step_that_reaches_it() -> None:
    whole = plan_run(EXAMPLES, THOUGHTS, TrainSettings(epochs=2, batch_size=4))
    step_tokens = 4 * 3
    for budget, steps in ((1, 1), (step_tokens, 1), (step_tokens + 1, 2), (10**9, len(whole))):
        plan = plan_run(EXAMPLES, THOUGHTS, TrainSettings(epochs=2, batch_size=4, max_tokens=budget))
        assert plan == whole[:steps]


def test_a_questions_examples_stay_together_where_it_is_asked_for() -> None:
    questions = [f"question {place // 3}" for place in range(len(EXAMPLES))]
    settings = TrainSettings(epochs=2, batch_size=4, together=True, thought_weights={"cot": 0.5})
    plan = plan_run(EXAMPLES, THOUGHTS, settings, questions)
    assert visited(plan) == {0: 16, 1: 16, 2: 8}
    for step in plan:
        inside = Counter(example.ids[1] for micro in step for example in micro)
        assert all(count >= 2 for count in inside.values())
        for micro in step:
            numbers = [example.ids[1] for example in micro]
            assert numbers == sorted(numbers, key=numbers.index)
    apart = plan_run(EXAMPLES, THOUGHTS, settings.model_copy(update={"together": False}), questions)
    assert apart != plan
