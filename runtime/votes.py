"""Votes: one solution out of several about the same question, with what all of them cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from runtime.answers import format_value
from runtime.solution import Solution, Timings


def together(tried: Sequence[Solution], *, counted: bool, load_ms: float, total_ms: float) -> Solution:
    """The solution that most solved ones agree with, the earliest of them; the first one when none is solved.

    Only `solved` votes. With `counted`, `votes` says how many reached each value; without it, the attempts were made
    one after the other and stand for themselves.
    """
    values = Counter(solution.outcome.value for solution in tried if solution.outcome.solved)
    most = max(values.values(), default=0)
    best = next((s for s in tried if s.outcome.solved and values[s.outcome.value] == most), tried[0])
    timings = [solution.timings for solution in tried]
    return replace(
        best,
        prompt_tokens=sum(solution.prompt_tokens for solution in tried),
        generated_tokens=sum(solution.generated_tokens for solution in tried),
        votes={format_value(value): count for value, count in values.most_common() if value is not None}
        if counted
        else {},
        timings=Timings(
            load=load_ms,
            prefill=sum(timing.prefill for timing in timings),
            decode=sum(timing.decode for timing in timings),
            solve=sum(timing.solve for timing in timings),
            total=load_ms + total_ms,
        ),
    )
