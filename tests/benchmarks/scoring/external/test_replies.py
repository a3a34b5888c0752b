"""Replies carry two readings: in the format that was asked for, and the best one there is."""

import pytest

from benchmarks.scoring.external.replies import chat_outcomes, read_flexibly, thought_outcomes
from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution


def shown(outcome: Outcome) -> str:
    return outcome.status if outcome.value is None else str(outcome.value)


@pytest.mark.parametrize(
    ("text", "cut", "flexible", "strict"),
    [
        ("2 + 2 is 4, so $4.", "", "4", "no_thought"),
        ("The answer is 3.5 eggs", "", "7/2", "7/2"),
        ("I do not know", "", "no_thought", "no_thought"),
        ("let me think", "limit", "truncated", "truncated"),
        ("first 12 and then", "limit", "12", "truncated"),
        ("so it is 12 + 5", "limit", "truncated", "truncated"),
        ("see 1.2.3", "", "not_numeric", "no_thought"),
        ("Answer: 9^{9^9}", "", "over_budget", "over_budget"),
        ("<think>it is 7", "limit", "truncated", "truncated"),
    ],
)
def test_a_chat_reply_is_read_strictly_and_flexibly(text: str, cut: str, flexible: str, strict: str) -> None:
    outcomes = chat_outcomes(text, cut)
    assert (shown(outcomes.flexible), shown(outcomes.strict)) == (flexible, strict)


def test_a_reason_quotes_what_was_read() -> None:
    assert chat_outcomes("The answer is 3:4.").flexible.reason == "'3:4' is a ratio or a time of day"


@pytest.mark.parametrize(
    ("text", "flexible", "strict"),
    [
        ("ans = 4 * 3", "12", "12"),
        ("She has 4 times 3 eggs. The answer is 12.", "12", None),
        ("a = 4\nb = 3", None, None),
        ("The answer is 12 or 13.", None, None),
    ],
)
def test_a_thought_is_read_by_the_solver_and_flexibly_by_what_it_states(
    solver: Solver, text: str, flexible: str | None, strict: str | None
) -> None:
    outcomes = thought_outcomes(text, solver.solve("eot", text))
    shown = [outcome.value and str(outcome.value) for outcome in (outcomes.flexible, outcomes.strict)]
    assert shown == [flexible, strict]


def test_a_solution_keeps_all_that_it_knows_when_it_is_read_again() -> None:
    solution = Solution("eot", "The answer is 12.", Outcome("bad_syntax"), "base", 7, 3, logprob=-1.0)
    read = read_flexibly(solution)
    assert (read.answer, read.strict, read.prompt_tokens, read.logprob) == (
        "12",
        Outcome("bad_syntax"),
        7,
        -1.0,
    )
