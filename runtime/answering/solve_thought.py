"""From a draft to a solution: the solver's word on what the model wrote, and what both cost."""

from time import perf_counter

from runtime.answering.completion import Completion
from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution, Timings


def solved(completion: Completion, solver: Solver, model: str) -> Solution:
    """One thought's solution. A thought that was cut off is not solved: half a number reads like a number."""
    started = perf_counter()
    cut = Outcome("truncated", reason=completion.cut)
    outcome = cut if completion.cut else solver.solve(completion.thought, completion.text)
    solve_ms = (perf_counter() - started) * 1e3
    return Solution(
        thought=completion.thought,
        text=completion.text,
        outcome=outcome,
        model=model,
        prompt_tokens=completion.prompt_tokens,
        generated_tokens=completion.generated_tokens,
        logprob=completion.logprob,
        timings=Timings(prefill=completion.prefill_ms, decode=completion.decode_ms, solve=solve_ms),
    )
