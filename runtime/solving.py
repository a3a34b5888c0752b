"""Solving: a question in words goes in, a Solution comes out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

from runtime.default_model import artifact_folder
from runtime.draft import Draft, Drafter
from runtime.engine import Decoding, Engine
from runtime.engines.opening import open_engine
from runtime.errors import InputError
from runtime.manifest import Manifest, read_manifest
from runtime.modes import FALLBACK_ORDER, MODES, Mode
from runtime.outcome import Outcome
from runtime.prompt import THOUGHTS, Thought, checked_question
from runtime.solution import Solution, Timings
from runtime.solver import Solver


class Model:
    """A loaded artifact with a warm solver. Not safe to share between threads; close it, or use `with`."""

    def __init__(self, engine: Engine, manifest: Manifest, solver: Solver, load_ms: float = 0.0) -> None:
        self.manifest = manifest
        self._engine = engine
        self._drafter = Drafter(engine)
        self._solver = solver
        self._load_ms = load_ms

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the artifact's memory and end the solver's workers."""
        self._engine.close()
        self._solver.close()

    def decoding(self, *, max_tokens: int | None = None, temperature: float = 0.0, seed: int = 0) -> Decoding:
        """A way to decode whose token limit is the artifact's own unless one is given."""
        return Decoding(self.manifest.max_tokens if max_tokens is None else max_tokens, temperature, seed)

    def check(self, question: str, thought: Thought | None = None, decoding: Decoding | None = None) -> None:
        """Raise InputError when this question is empty or too long for the artifact; nothing is computed."""
        thought = self._checked_thought(thought)
        self._drafter.check(checked_question(question), thought, self._checked_decoding(decoding))

    def solve(
        self,
        question: str,
        *,
        thought: Thought | None = None,
        decoding: Decoding | None = None,
        deadline_ms: float | None = None,
        mode: Mode = "single",
    ) -> Solution:
        """Answer one question; `thought` and `decoding` are the artifact's defaults unless given.

        After `deadline_ms` milliseconds the best answer so far is returned. What the model gets wrong is a
        status in the solution; InputError is raised when the question, thought, mode or decoding cannot be used.
        """
        started = perf_counter()
        question = checked_question(question)
        decoding = self._checked_decoding(decoding)
        thoughts = self._thoughts(thought, mode)
        deadline = None if deadline_ms is None else started + deadline_ms / 1e3
        tried: list[Solution] = []
        for next_thought in thoughts:
            tried.append(self._attempt(question, next_thought, decoding, deadline))
            late = deadline is not None and perf_counter() >= deadline
            if tried[-1].outcome.solved or late:
                break
        load_ms, self._load_ms = self._load_ms, 0.0
        return _together(tried, load_ms, (perf_counter() - started) * 1e3)

    def _attempt(
        self, question: str, thought: Thought, decoding: Decoding, deadline: float | None
    ) -> Solution:
        draft = self._drafter.write(question, thought, decoding, deadline)
        started = perf_counter()
        outcome = self._outcome(draft)
        timings = Timings(
            prefill=draft.prefill_ms, decode=draft.decode_ms, solve=(perf_counter() - started) * 1e3
        )
        return Solution(
            thought=thought,
            text=draft.text,
            outcome=outcome,
            model=self.manifest.name,
            prompt_tokens=draft.prompt_tokens,
            generated_tokens=draft.generated_tokens,
            timings=timings,
        )

    def _outcome(self, draft: Draft) -> Outcome:
        """A thought that was cut off is not solved: half a number reads like a number."""
        if draft.cut:
            return Outcome("truncated", reason=draft.cut)
        return self._solver.solve(draft.thought, draft.text)

    def _thoughts(self, thought: Thought | None, mode: Mode) -> Sequence[Thought]:
        if mode not in MODES:
            raise InputError(f"mode {mode!r}; allowed: {', '.join(MODES)}")
        if mode == "single":
            return (self._checked_thought(thought),)
        if thought is not None:
            raise InputError(f"mode fallback chooses the thoughts itself; leave out thought {thought!r}")
        return [thought for thought in FALLBACK_ORDER if thought in self.manifest.thoughts]

    def _checked_thought(self, thought: Thought | None) -> Thought:
        if thought is None:
            return self.manifest.default_thought
        if thought not in THOUGHTS:
            raise InputError(f"thought {thought!r}; allowed: {', '.join(self.manifest.thoughts)}")
        if thought not in self.manifest.thoughts:
            trained = ", ".join(self.manifest.thoughts)
            raise InputError(
                f"{self.manifest.name} was not trained for thought {thought}; allowed: {trained}"
            )
        return thought

    def _checked_decoding(self, decoding: Decoding | None) -> Decoding:
        decoding = decoding or self.decoding()
        if decoding.max_tokens < 1:
            raise InputError(f"max tokens is {decoding.max_tokens}; allowed: 1 or more")
        if not 0 <= decoding.temperature <= 10:
            raise InputError(f"temperature is {decoding.temperature}; allowed: 0 (greedy) to 10")
        return decoding


def load(model: Path | None = None, *, threads: int | None = None) -> Model:
    """Load an artifact: the folder given, else `EDGETHOUGHT_MODEL`, else this machine's default.

    The solver's worker starts while the artifact loads. Raises InputError when there is no such artifact,
    MissingExtra when the package that runs it is not installed.
    """
    started = perf_counter()
    folder = artifact_folder(model)
    manifest = read_manifest(folder)
    solver = Solver(workers=1).__enter__()
    try:
        engine = open_engine(folder, threads)
    except BaseException:
        solver.close()
        raise
    return Model(engine, manifest, solver, load_ms=(perf_counter() - started) * 1e3)


def _together(tried: Sequence[Solution], load_ms: float, total_ms: float) -> Solution:
    """The solved attempt, or the first one when none is solved, with what all attempts cost."""
    best = next((solution for solution in tried if solution.outcome.solved), tried[0])
    timings = [solution.timings for solution in tried]
    return replace(
        best,
        prompt_tokens=sum(solution.prompt_tokens for solution in tried),
        generated_tokens=sum(solution.generated_tokens for solution in tried),
        timings=Timings(
            load=load_ms,
            prefill=sum(timing.prefill for timing in timings),
            decode=sum(timing.decode for timing in timings),
            solve=sum(timing.solve for timing in timings),
            total=load_ms + total_ms,
        ),
    )
