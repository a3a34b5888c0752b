"""The frozen contract, run against the language tier itself; `tests/runtime` runs the same rows through the workers."""

from runtime.solver.budget import Budget, NeedsSympy
from runtime.solver.equations import eot
from runtime.solver.sentences import cot
from runtime.values.answers import matches_gold
from runtime.values.prompt import render_prompt
from tests.contract.vectors import (
    GoldVector,
    PromptVector,
    ThoughtVector,
    each,
    gold_vectors,
    prompt_vectors,
    thought_vectors,
)


@each(prompt_vectors())
def test_prompts_are_these_bytes(vector: PromptVector) -> None:
    assert render_prompt(vector.question, vector.thought).encode() == vector.prompt.encode()


@each(thought_vectors("eot"))
def test_equations_come_to_this_outcome(vector: ThoughtVector) -> None:
    outcome = eot.solve_eot(vector.text, vector.target, Budget(symbolic=vector.sympy))
    assert (outcome.status, outcome.value) == (vector.status, vector.value), outcome.reason
    assert outcome.solved or 5 <= len(outcome.reason) <= 300


@each([vector for vector in thought_vectors("eot") if vector.sympy])
def test_without_sympy_a_system_is_handed_on_or_comes_to_the_same(vector: ThoughtVector) -> None:
    try:
        outcome = eot.solve_eot(vector.text, vector.target, Budget())
    except NeedsSympy:
        return
    assert (outcome.status, outcome.value) == (vector.status, vector.value), outcome.reason


@each(thought_vectors("cot"))
def test_chains_come_to_this_outcome(vector: ThoughtVector) -> None:
    outcome = cot.solve_cot(vector.text, vector.target, Budget())
    assert (outcome.status, outcome.value) == (vector.status, vector.value), outcome.reason
    assert outcome.solved or 5 <= len(outcome.reason) <= 300


@each(gold_vectors())
def test_values_are_compared_by_the_one_rule(vector: GoldVector) -> None:
    assert matches_gold(vector.value, vector.gold, vector.tolerance) is vector.matches
