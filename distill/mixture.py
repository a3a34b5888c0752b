"""The mixture of thoughts: how often an epoch visits a rationale of each (ETD, arXiv 2401.11864, takes all alike).

A thought is weighed by visits and not by its loss: a weight below one then also saves the time.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from distill.examples import Example, plan_steps
from distill.settings import TrainSettings
from runtime.prompt import Thought

Plan = list[list[list[Example]]]


def plan_run(examples: Sequence[Example], thoughts: Sequence[Thought], settings: TrainSettings) -> Plan:
    """Every step's micro-batches, over all epochs: a pure function of examples, their thoughts and the settings.

    With `token_budget` the plan ends at the step that reaches it: the learning rate falls over what is left.
    """
    plan = _all_epochs(examples, thoughts, settings)
    return list(_within(plan, settings.token_budget)) if settings.token_budget else plan


def _within(plan: Plan, budget: int) -> Iterator[list[list[Example]]]:
    seen = 0
    for step in plan:
        if seen >= budget:
            return
        seen += sum(len(example.ids) for micro in step for example in micro)
        yield step


def _all_epochs(examples: Sequence[Example], thoughts: Sequence[Thought], settings: TrainSettings) -> Plan:
    weights = settings.thought_weights
    if not weights:
        return _steps(examples, settings, epochs=settings.epochs, seed=settings.seed)
    plan: Plan = []
    for epoch in range(settings.epochs):
        order = random.Random(f"{settings.seed} {epoch}")
        visited = visits(examples, thoughts, weights, order)
        plan += _steps(visited, settings, epochs=1, seed=order.randrange(2**31))
    return plan


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


def _steps(examples: Sequence[Example], settings: TrainSettings, *, epochs: int, seed: int) -> Plan:
    return plan_steps(
        examples,
        epochs=epochs,
        batch_examples=settings.batch_examples,
        micro_tokens=settings.micro_tokens,
        seed=seed,
    )
