"""Nothing hostile is ever solved, nothing takes the solver down, nothing takes long."""

import os
import time
from collections import Counter

from runtime.solver.solver import Budget, Solver
from tests.runtime.solver.attacks import ATTACKS

# Seconds within which the worst text is answered, with warm workers on a machine that is not busy.
ANSWERED_S = 0.7


def test_the_table_is_as_long_as_promised() -> None:
    assert len(set(ATTACKS)) >= 200


def test_no_attack_is_solved_each_has_a_reason_and_an_honest_thought_after_it_is_solved(
    solver: Solver,
) -> None:
    solver.solve("eot", "sqrt(x + 2) = 3\nans = x")  # the worker with sympy is warm
    wrong, slow, hurt = [], [], []
    for thought, text in ATTACKS:
        started = time.monotonic()
        outcome = solver.solve(thought, text)
        took_s = time.monotonic() - started
        if outcome.solved or not outcome.reason or outcome.value is not None or outcome.status == "crashed":
            wrong.append((thought, text[:80], outcome))
        if took_s > ANSWERED_S:
            slow.append((thought, text))
        honest = solver.solve("pot", "ans = 6 * 7")
        if honest.value != 42:
            hurt.append((thought, text[:80], honest))
    assert not wrong
    assert not hurt
    for thought, text in slow:  # a busy machine, or two in a row that killed the worker with sympy: ask again
        time.sleep(2)
        started = time.monotonic()
        solver.solve(thought, text)
        quiet = os.getloadavg()[0] < (os.cpu_count() or 1)
        assert time.monotonic() - started < ANSWERED_S or not quiet, (thought, text[:80])


def test_an_honest_thought_that_waits_behind_an_attack_is_solved(solver: Solver) -> None:
    """In a batch, where a worker has both before it answers the first; above, attacks had all they may spend."""
    requests = [request for attack in ATTACKS for request in (attack, ("pot", "ans = 6 * 7"))]
    outcomes = list(solver.solve_batch(requests, budget=Budget(time_s=0.1, fuel=500_000)))
    assert Counter(outcome.status for outcome in outcomes[1::2]) == {"solved": len(ATTACKS)}
