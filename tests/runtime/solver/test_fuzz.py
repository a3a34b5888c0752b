"""A bounded piece of the fuzz target; `python -m tests.runtime.solver.fuzz` runs more of it."""

import pytest

from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from tests.runtime.solver.fuzz import complaint, run
from tests.runtime.solver.fuzz_texts import Case


def test_no_random_thought_makes_a_worker_misbehave(solver: Solver) -> None:
    statuses = run(solver, 1_000, seed=20261122)
    assert sum(statuses.values()) == 1_000
    assert statuses.keys() >= {"solved", "refused", "bad_syntax", "no_solution", "ambiguous", "over_budget"}


@pytest.mark.parametrize(
    ("case", "outcome", "expected"),
    [
        (Case("pot", "..."), Outcome("crashed", None, "it died", "process"), "crashed"),
        (Case("pot", "...", forbidden=True), Outcome("solved", 1, "", "process"), "forbidden"),
        (Case("pot", "..."), Outcome("refused", None, "", "process"), "reason"),
        (Case("pot", "..."), Outcome("refused", None, "no", ""), ""),
        (Case("pot", "..."), Outcome("refused", None, "no", "nothing"), "isolated"),
        (Case("pot", "..."), Outcome("refused", 1, "no", "process"), "disagree"),
        (Case("pot", "..."), Outcome("refused", None, "\x1b[31m", "process"), "control"),
    ],
)
def test_the_fuzz_target_sees_what_goes_wrong(case: Case, outcome: Outcome, expected: str) -> None:
    wrong = complaint(case, outcome, "process")
    assert expected in wrong and bool(expected) == bool(wrong)
