"""The contract's vectors through the isolated workers, as users meet them."""

from fractions import Fraction

import pytest

from runtime.solver.solver import Solver
from tests.contract.vectors import ThoughtVector, each, thought_vectors
from tests.runtime.solver.programs.test_programs import SOLVED


@each(thought_vectors("eot"))
def test_equations_come_to_this_outcome_in_a_worker(solver: Solver, vector: ThoughtVector) -> None:
    outcome = solver.solve("eot", vector.text, target=vector.target)
    assert (outcome.status, outcome.value) == (vector.status, vector.value), outcome.reason


@each(thought_vectors("cot"))
def test_chains_come_to_this_outcome_in_a_worker(solver: Solver, vector: ThoughtVector) -> None:
    outcome = solver.solve("cot", vector.text, target=vector.target)
    assert (outcome.status, outcome.value) == (vector.status, vector.value), outcome.reason


def test_programs_find_all_their_parts_in_a_locked_worker(solver: Solver) -> None:
    wrong = [
        (text, outcome)
        for (text, value), outcome in zip(
            SOLVED, solver.solve_batch(("pot", text) for text, _ in SOLVED), strict=True
        )
        if outcome.value != Fraction(str(value))
    ]
    assert not wrong


def test_many_at_once_keep_their_order(solver: Solver) -> None:
    vectors = thought_vectors("eot")
    plain = [vector for vector in vectors if vector.target is None]
    outcomes = list(solver.solve_batch(("eot", vector.text) for vector in plain))
    assert [(outcome.status, outcome.value) for outcome in outcomes] == [
        (vector.status, vector.value) for vector in plain
    ]


@pytest.mark.parametrize(
    "text",
    [
        "m + n = 26; mn = 48; ans = 1/m + 1/n",
        "p + q = 5; 2 * pq = 8; x = p^2 + q^2; ans = p",
        "x^0.5 = x - 2; ans = x",
        "2 - y - ans = 1/2 * abs(z); x ^ 2 = 2 * 2 ^ y",
        "abs(z) = 2 - ans; y - x ^ 2 = 1/2",
        "z - sqrt(y) - abs(z) = y; 3.5 + 1/2 + abs(z) = ans",
    ],
)
def test_sympy_finds_all_its_parts_in_a_locked_worker(solver: Solver, text: str) -> None:
    assert solver.solve("eot", text).status != "crashed"
