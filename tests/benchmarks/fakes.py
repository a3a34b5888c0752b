"""A solver whose answers are known: it plays back outcomes by question."""

from collections.abc import Mapping
from fractions import Fraction

from runtime.outcome import Outcome
from runtime.problem import Problem
from runtime.solution import Solution, Timings


class FakeModel:
    """Answers by question; counts how often it was asked."""

    def __init__(self, outcomes: Mapping[str, Outcome], total_ms: float = 100.0) -> None:
        self.outcomes = outcomes
        self.total_ms = total_ms
        self.asked: list[str] = []

    def solve(self, question: str) -> Solution:
        self.asked.append(question)
        outcome = self.outcomes.get(question, Outcome("bad_syntax", reason="no number here"))
        load = 50.0 if len(self.asked) == 1 else 0.0
        timings = Timings(load, self.total_ms * 0.2, self.total_ms * 0.7, self.total_ms * 0.1, self.total_ms)
        return Solution("eot", f"ans = {outcome.value}", outcome, "fake", 40, 20, {}, timings)


def solved(value: Fraction | int | str) -> Outcome:
    return Outcome("solved", Fraction(value))


def problems(count: int) -> list[Problem]:
    return [Problem(f"p-{number}", f"What is {number} + 1?", str(number + 1)) for number in range(count)]


def model_right_on(right: int, wrong: int = 0, total_ms: float = 100.0) -> FakeModel:
    """Right on the first `right` problems, wrong on the next `wrong`, no answer to the others."""
    answers = {f"What is {number} + 1?": solved(number + 1) for number in range(right)}
    answers |= {f"What is {number} + 1?": solved(-1) for number in range(right, right + wrong)}
    return FakeModel(answers, total_ms)
