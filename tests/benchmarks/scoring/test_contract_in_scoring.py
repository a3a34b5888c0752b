"""A score counts an answer exactly where the contract says that it matches the gold."""

import pytest

from benchmarks.scoring.scores import ModelInfo, score_samples
from runtime.values.outcome import Outcome
from runtime.values.problem import Problem
from runtime.values.solution import Solution
from tests.contract.vectors import GoldVector, gold_vectors


class Always:
    """Answers every question with one value."""

    def __init__(self, vector: GoldVector) -> None:
        status = "no_solution" if vector.value is None else "solved"
        self.solution = Solution("eot", "", Outcome(status, vector.value), "always")

    def answer(self, question: str) -> Solution:
        return self.solution


@pytest.mark.parametrize("vector", gold_vectors(), ids=lambda vector: vector.name)
def test_a_sample_is_correct_where_the_contract_says_so(vector: GoldVector) -> None:
    problem = Problem("p", "How many?", vector.gold)
    (sample,) = score_samples(
        Always(vector), [problem], ModelInfo("always", "0"), task="t", tolerance=vector.tolerance
    )
    assert sample.correct is vector.matches
