"""From a draft to a solution: the solver's word on what the model wrote, and what both cost."""

from time import perf_counter

from runtime.answering.completion import Completion
from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution, Timings


def solved(draft: Completion, solver: Solver, model: str) -> Solution:
    """One thought's solution. A thought that was cut off is not solved: half a number reads like a number."""
    started = perf_counter()
    cut = Outcome("truncated", reason=draft.cut)
    outcome = cut if draft.cut else solver.solve(draft.thought, draft.text)
    solve_ms = (perf_counter() - started) * 1e3
    return Solution(
        thought=draft.thought,
        text=draft.text,
        outcome=outcome,
        model=model,
        prompt_tokens=draft.prompt_tokens,
        generated_tokens=draft.generated_tokens,
        logprob=draft.logprob,
        timings=Timings(prefill=draft.prefill_ms, decode=draft.decode_ms, solve=solve_ms),
    )
