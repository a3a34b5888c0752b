"""A bounded piece of the fuzz target; `python -m tests.runtime.fuzz` runs more of it."""

from tests.runtime.fuzz import run


def test_no_random_thought_crashes_a_worker() -> None:
    statuses = run(400, seed=20261122)
    assert sum(statuses.values()) == 400
    assert len(statuses) >= 4
