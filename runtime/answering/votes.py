"""Solutions: the solver's word on a completion, and one solution out of several about the same question."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from time import perf_counter

from runtime.answering.completion import Completion
from runtime.answering.modes import Mode
from runtime.answering.questions.expected import expected_of
from runtime.answering.questions.unit import unit_of
from runtime.solver.solver import Solver
from runtime.values.answers import format_value
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution, Timings

# What a value counts that such a question hardly has: minus four apples, a third of a child.
DOUBTED = 0.25


def solution_of(question: str, completion: Completion, solver: Solver, model: str) -> Solution:
    """One thought's solution. A thought that was cut off is not solved: half a number reads like a number."""
    started = perf_counter()
    if completion.finish_reason:
        outcome = Outcome("truncated", reason=completion.finish_reason)
    else:
        outcome = solver.solve(completion.thought, completion.text)
    solve_ms = (perf_counter() - started) * 1e3
    return Solution(
        thought=completion.thought,
        text=completion.text,
        outcome=outcome,
        model=model,
        prompt_tokens=completion.prompt_tokens,
        shared_tokens=completion.shared_tokens,
        generated_tokens=completion.generated_tokens,
        logprob=completion.logprob,
        timings=Timings(prefill=completion.prefill_ms, decode=completion.decode_ms, solve=solve_ms),
        expected=expected_of(question),
        unit=unit_of(question),
    )


def majority_vote(tried: Sequence[Solution], *, counted: bool = False) -> Solution:
    """The solution that most solved ones agree with, the earliest of them; the first one when none is solved.

    Only `solved` votes, and a value that such a question hardly has counts a quarter. With `counted`, `votes` says how
    many reached each value; without it, the attempts were made one after the other and stand for themselves. Tokens (a
    prompt's once) and stage times are those of all; `load` and `total` are left to whoever held the clock.
    """
    weights = _weights(tried)
    most = max(weights.values(), default=0)
    best = next((s for s in tried if s.outcome.solved and weights[s.outcome.value] == most), tried[0])
    return _for_all(best, tried, counted=counted)


def best_scored(tried: Sequence[Solution]) -> Solution:
    """The solved solution of the highest score, the earliest of equals; a majority vote when none has any.

    That of a value which such a question hardly has counts a quarter. `votes`, tokens and stage times are as
    `majority_vote` has them.
    """
    scored = [solution for solution in tried if solution.outcome.solved and solution.score is not None]
    if not scored:
        return majority_vote(tried, counted=True)
    return _for_all(max(scored, key=lambda one: (one.score or 0.0) * _weight(one)), tried, counted=True)


def _weight(solution: Solution) -> float:
    return 1.0 if solution.credible else DOUBTED


def _weights(tried: Sequence[Solution]) -> dict[Fraction | None, float]:
    """What the votes for each value weigh."""
    weights: dict[Fraction | None, float] = defaultdict(float)
    for solution in tried:
        if solution.outcome.solved:
            weights[solution.outcome.value] += _weight(solution)
    return weights


def _values(tried: Sequence[Solution]) -> Counter[Fraction | None]:
    return Counter(solution.outcome.value for solution in tried if solution.outcome.solved)


def _read_tokens(tried: Sequence[Solution]) -> int:
    """Prompt tokens that were read for solutions of one question: the question's once, and each thought's own once."""
    shared = min(solution.shared_tokens for solution in tried)
    prompts = {solution.thought: solution.prompt_tokens for solution in tried}
    return shared + sum(tokens - shared for tokens in prompts.values())


def _for_all(best: Solution, tried: Sequence[Solution], *, counted: bool) -> Solution:
    """One solution with the votes, tokens and stage times of all."""
    values, timings = _values(tried), [solution.timings for solution in tried]
    counts = {format_value(value): count for value, count in values.most_common() if value is not None}
    return replace(
        best,
        prompt_tokens=_read_tokens(tried),
        generated_tokens=sum(solution.generated_tokens for solution in tried),
        votes=counts if counted else {},
        timings=Timings(
            prefill=sum(timing.prefill for timing in timings),
            decode=sum(timing.decode for timing in timings),
            solve=sum(timing.solve for timing in timings),
        ),
    )


def decided(written: Sequence[Solution], outstanding: int) -> bool:
    """Whether no value can catch up with the leading one any more, whatever the outstanding thoughts say."""
    *_, second, most = 0.0, 0.0, *sorted(_weights(written).values())
    return most > second + outstanding


@dataclass(frozen=True, slots=True)
class Selection:
    """How one solution is taken out of several, and whether those that are outstanding can still change which."""

    pick: Callable[[Sequence[Solution]], Solution]
    decided: Callable[[Sequence[Solution], int], bool]


ONE_BY_ONE = Selection(majority_vote, lambda written, outstanding: False)
_VOTE = Selection(lambda tried: majority_vote(tried, counted=True), decided)
SELECTIONS: dict[Mode, Selection] = {
    "single": ONE_BY_ONE,
    "fallback": ONE_BY_ONE,
    "vote": _VOTE,
    "adaptive": _VOTE,
    "best_of": Selection(best_scored, lambda written, outstanding: False),
}
