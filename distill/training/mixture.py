"""The mixture of thoughts: how often an epoch visits a rationale of each (ETD, arXiv 2401.11864, takes all alike).

A thought is weighed by visits and not by its loss: a weight below one then also saves the time.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from distill.training.examples import Example, plan_steps
from distill.training.settings import TrainSettings
from runtime.values.prompt import Thought

Plan = list[list[list[Example]]]


def plan_run(
    examples: Sequence[Example],
    thoughts: Sequence[Thought],
    settings: TrainSettings,
    questions: Sequence[str] = (),
) -> Plan:
    """Every step's micro-batches, over all epochs: a pure function of examples, their thoughts and the settings.

    With `max_tokens` the plan ends at the step that reaches it: the learning rate falls over what is left. With
    `together` examples of one of the `questions` stay in one step, as they must where they are told from each other.
    """
    together = settings.together or settings.loss == "preference"
    question_of = dict(zip(examples, questions, strict=True)) if together else {}
    plan = _all_epochs(examples, thoughts, settings, question_of)
    return list(_within(plan, settings.max_tokens)) if settings.max_tokens else plan


def _within(plan: Plan, budget: int) -> Iterator[list[list[Example]]]:
    seen = 0
    for step in plan:
        if seen >= budget:
            return
        seen += sum(len(example.ids) for micro in step for example in micro)
        yield step


def _all_epochs(
    examples: Sequence[Example],
    thoughts: Sequence[Thought],
    settings: TrainSettings,
    question_of: Mapping[Example, str],
) -> Plan:
    weights = settings.thought_weights
    steps = partial(
        plan_steps, batch_size=settings.batch_size, max_tokens_per_batch=settings.max_tokens_per_batch
    )
    if not weights:
        return steps(_units(examples, question_of), epochs=settings.epochs, seed=settings.seed)
    plan: Plan = []
    for epoch in range(settings.epochs):
        order = random.Random(f"{settings.seed} {epoch}")
        visited = visits(examples, thoughts, weights, order)
        plan += steps(_units(visited, question_of), epochs=1, seed=order.randrange(2**31))
    return plan


def _units(examples: Sequence[Example], question_of: Mapping[Example, str]) -> Sequence[Sequence[Example]]:
    """What must stay together: examples of one question where it is known, else each alone."""
    units: dict[object, list[Example]] = {}
    for place, example in enumerate(examples):
        units.setdefault(question_of.get(example, place), []).append(example)
    return list(units.values())


def visits(
    examples: Sequence[Example],
    thoughts: Sequence[Thought],
    weights: Mapping[Thought, float],
    order: random.Random,
) -> list[Example]:
    """The examples of one epoch. A weight of 2.5 visits each twice and half of them, drawn by `order`, once more."""
    visited: list[Example] = []
    for thought in dict.fromkeys(thoughts):
        own = [example for example, its in zip(examples, thoughts, strict=True) if its == thought]
        weight = weights.get(thought, 1.0)
        visited += own * int(weight)
        visited += order.sample(own, round((weight - int(weight)) * len(own)))
    return visited
