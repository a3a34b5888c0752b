"""Nothing hostile is ever solved, nothing takes the solver down, nothing takes long."""

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from runtime.solver import Solver
from tests.runtime.attacks import ATTACKS


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver(workers=1) as shared:
        shared.solve("eot", "x * x = 49\nans = x")
        yield shared


def test_the_table_is_as_long_as_promised() -> None:
    assert len(set(ATTACKS)) >= 200


def test_no_attack_is_solved_and_each_has_a_reason(solver: Solver) -> None:
    wrong = []
    crashed = []
    slowest = 0.0
    for thought, text in ATTACKS:
        started = time.monotonic()
        outcome = solver.solve(thought, text)
        slowest = max(slowest, time.monotonic() - started)
        if outcome.solved or not outcome.reason or outcome.value is not None:
            wrong.append((thought, text[:80], outcome))
        if outcome.status == "crashed":
            crashed.append((thought, text[:80], outcome))
    assert not wrong
    assert not crashed
    if os.getloadavg()[0] < (os.cpu_count() or 1):
        assert slowest < 0.7


def test_an_honest_thought_is_solved_after_every_attack(solver: Solver) -> None:
    requests = [request for attack in ATTACKS for request in (attack, ("pot", "ans = 6 * 7"))]
    outcomes = list(solver.solve_many(requests))
    assert Counter(outcome.status for outcome in outcomes[1::2]) == {"solved": len(ATTACKS)}
