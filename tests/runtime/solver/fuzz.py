"""Fuzz the solver: `python -m tests.runtime.solver.fuzz --cases 5000 --seed 1`.

Whatever the text, there must be a status with a reason, nothing forbidden may be solved, no worker may crash or lose
its isolation, and an honest thought in between must still be solved. CI runs a bounded number of cases; a text that
fails is printed with its seed.
"""

import argparse
import sys
from collections import Counter
from itertools import islice

from runtime.solver.solver import Budget, Solver
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought
from tests.runtime.solver.fuzz_texts import Case, cases

HONEST: tuple[Thought, str] = ("pot", "ans = 6 * 7")
BUDGET = Budget(time_s=0.1, fuel=300_000)
# Every so many cases an honest thought is asked.
EVERY = 10


def run(solver: Solver, count: int, seed: int) -> Counter[str]:
    """Statuses of `count` cases; raises AssertionError with the first text that misbehaves."""
    drawn = list(islice(cases(seed), count))
    statuses: Counter[str] = Counter()
    isolation = solver.solve(*HONEST).isolation
    outcomes = solver.solve_batch(((case.thought, case.text) for case in drawn), budget=BUDGET)
    for number, (case, outcome) in enumerate(zip(drawn, outcomes, strict=True)):
        statuses[outcome.status] += 1
        wrong = complaint(case, outcome, isolation)
        assert not wrong, f"seed {seed}: {wrong}: {case} gave {outcome}"
        if number % EVERY == 0:
            honest = solver.solve(*HONEST, budget=BUDGET)
            assert honest.value == 42, f"seed {seed}: {honest} after {case}"
    return statuses


def complaint(case: Case, outcome: Outcome, isolation: str) -> str:
    """What is wrong with an outcome; empty when nothing is."""
    if outcome.status == "crashed":
        return "a worker crashed"
    if not outcome.solved and not outcome.reason:
        return "no reason"
    if outcome.solved != (outcome.value is not None):
        return "a value and a status that disagree"
    if case.forbidden and outcome.status not in ("refused", "bad_syntax"):
        return "something forbidden was not refused"
    if outcome.isolation not in ("", isolation):
        return "a worker is isolated less"
    return "" if outcome.reason.isprintable() else "a reason with control characters"


def main() -> None:
    """Run the cases and print the statuses."""
    arguments = argparse.ArgumentParser(description="Fuzz the solver.")
    arguments.add_argument("--cases", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with Solver(workers=1) as solver:
        statuses = run(solver, options.cases, options.seed)
    for status, number in statuses.most_common():
        sys.stdout.write(f"{status:12} {number}\n")


if __name__ == "__main__":
    main()
