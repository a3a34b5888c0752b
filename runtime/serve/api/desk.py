"""The desk: takes what is asked to a model's batch, and makes replies of what comes back."""

import asyncio
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

from runtime.answering.batch_solver import Job
from runtime.answering.confidence import abstained
from runtime.answering.modes import DEFAULT_SAMPLES, MODES, SAMPLING, Mode
from runtime.answering.pipeline import Model
from runtime.answering.working import working
from runtime.serve.api.asks import Ask, SolveAsk, TextAsk
from runtime.serve.api.replies import Reply
from runtime.serve.errors import ApiError
from runtime.serve.metrics import Metrics
from runtime.serve.settings import ServeSettings, longest_text
from runtime.serve.work.batch import ModelBatch
from runtime.serve.work.models import Models, ServedModel
from runtime.serve.work.ticket import Result, Text, TextFollower, ThoughtFollower, Ticket
from runtime.solver.solver import Solver
from runtime.values.solution import Solution

# More characters than this many a token has no text.
_CHARACTERS_PER_TOKEN = 16
ONE_THOUGHT: tuple[Mode, int] = ("single", DEFAULT_SAMPLES)


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One that was accepted: what it asks for, and its ticket in a batch."""

    ask: Ask
    batch: ModelBatch
    ticket: Ticket


class Desk:
    """Accepts requests, and concludes and releases them; everything is called in the event loop's thread."""

    def __init__(self, models: Models, settings: ServeSettings, metrics: Metrics) -> None:
        self.models, self.settings, self.metrics = models, settings, metrics
        # Steps have a solver and a thread of their own: a batch does not wait for them, nor a worker for a worker.
        self._solver = Solver(workers=1).__enter__()
        self._steps = ThreadPoolExecutor(1)

    def close(self) -> None:
        """End the solver."""
        self._steps.shutdown()
        self._solver.close()

    async def accept(
        self, client: str, served: ServedModel, ask: Ask, *, stream: Sequence[Mode] = ()
    ) -> Request:
        """Have a request wait for its turn; raises ApiError or InputError where it is refused.

        In the modes of `stream` a problem's thoughts are told as they are written; other texts always are.
        """
        if self.settings.log_questions:
            text = ask.question if isinstance(ask, SolveAsk) else ask.prompt
            print(f"{served.name} {json.dumps(text)}", file=sys.stderr, flush=True)
        ticket = Ticket(client)
        batch = await self.models.open(served)
        if isinstance(ask, SolveAsk):
            ticket.job = self._solve_job(batch.model, ticket, ask, stream)
        else:
            ticket.job = self._text_job(batch.model, ticket, ask)
        batch.submit(ticket)
        return Request(ask, batch, ticket)

    async def reply(self, request: Request) -> Reply:
        """The whole reply, once it is there; raises ApiError."""
        return await self._concluded(request, await request.ticket.whole())

    def release(self, request: Request) -> None:
        """Nobody waits for it any more; must follow every `accept`."""
        ticket, counts = request.ticket, self.metrics
        if ticket.result is None:
            counts.left += 1
        if ticket.begun:
            counts.times["queue"].observe(ticket.begun - ticket.arrived)
        if ticket.first:
            counts.times["first_token"].observe(ticket.first - ticket.arrived)
        counts.times["request"].observe(perf_counter() - ticket.arrived)
        request.batch.release(ticket)

    async def _concluded(self, request: Request, result: Result) -> Reply:
        if isinstance(result, Text):
            self._count(result.prompt_tokens, result.generated_tokens)
            return Reply(result.text, result.finish_reason, result.prompt_tokens, result.generated_tokens)
        assert isinstance(request.ask, SolveAsk)
        steps = asyncio.get_running_loop().run_in_executor(self._steps, working, result, self._solver)
        solution = replace(result, steps=await steps)
        if request.ask.min_confidence is not None:
            solution = abstained(solution, request.ask.min_confidence)
        self._count(solution.prompt_tokens, solution.generated_tokens)
        self.metrics.statuses[solution.outcome.status] += 1
        cut = solution.outcome.status == "truncated"
        return Reply(
            reply_text(solution),
            "length" if cut else "stop",
            solution.prompt_tokens,
            solution.generated_tokens,
            solution.to_row(),
        )

    def _count(self, prompt: int, generated: int) -> None:
        self.metrics.tokens["prompt"] += prompt
        self.metrics.tokens["generated"] += generated

    def _deadline(self, ticket: Ticket, deadline_ms: float | None) -> float:
        return ticket.arrived + min(deadline_ms or self.settings.deadline_ms, self.settings.deadline_ms) / 1e3

    def _max_tokens(self, model: Model, asked: int | None) -> int:
        """How much may be written; who asks for more than there is gets all of it, and is told where a text was cut."""
        most = longest_text(self.settings, model.manifest)
        return min(asked or most, most)

    def _solve_job(self, model: Model, ticket: Ticket, ask: SolveAsk, stream: Sequence[Mode]) -> Job:
        mode, samples = _way(model, ask)
        if ask.thought is not None and ask.thought not in model.manifest.thoughts:
            trained = ", ".join(model.manifest.thoughts)
            raise ApiError(400, f"thought {ask.thought[:40]!r}; expected: {trained}", param="thought")
        thought = ask.thought
        if ask.min_confidence is not None and not model.tells_confidence(mode, thought):
            raise ApiError(
                400,
                f"min_confidence: {model.manifest.name} says nothing of how sure it is in this way; expected: a model "
                "that is calibrated for it",
                param="min_confidence",
            )
        return model.job(
            ask.question,
            thought=thought,
            decoding=model.decoding(max_tokens=self._max_tokens(model, ask.max_tokens)),
            deadline=self._deadline(ticket, ask.deadline_ms),
            mode=mode,
            samples=samples,
            follow=ThoughtFollower(ticket, model.text, tells=mode in stream),
        )

    def _text_job(self, model: Model, ticket: Ticket, ask: TextAsk) -> Job:
        most = model.manifest.context_tokens * _CHARACTERS_PER_TOKEN
        if len(ask.prompt) > most:
            raise ApiError(
                400, f"a prompt of {len(ask.prompt):,} characters; expected: up to {most:,}", param="prompt"
            )
        return model.text_job(
            ask.prompt,
            model.decoding(
                max_tokens=self._max_tokens(model, ask.max_tokens),
                temperature=ask.temperature,
                seed=ask.seed,
            ),
            deadline=self._deadline(ticket, ask.deadline_ms),
            follow=TextFollower(ticket, model.text, ask.stops),
        )


def reply_text(solution: Solution) -> str:
    """What a chat reads: the thought as it was written, and the answer as the last line."""
    return f"{solution.text}{reply_end(solution)}"


def reply_end(solution: Solution) -> str:
    """What stands below the thought."""
    line = f"#### {solution.answer}" if solution.outcome.solved else f"No answer: {solution.outcome.status}"
    return f"\n{line}" if solution.text else line


def _way(model: Model, ask: SolveAsk) -> tuple[Mode, int]:
    """The mode and the samples that are asked for, else the model's usual ones, as `edgethought solve` has them."""
    if ask.mode is None:
        one_thought = bool(ask.thought or ask.min_confidence or ask.deadline_ms)
        mode, samples = ONE_THOUGHT if one_thought else model.way
    elif ask.mode in MODES:
        mode, samples = ask.mode, DEFAULT_SAMPLES
    else:
        raise ApiError(400, f"mode {ask.mode[:40]!r}; expected: {', '.join(MODES)}", param="mode")
    if ask.samples is not None and mode not in SAMPLING:
        raise ApiError(
            400, f"samples with mode {mode}; expected: mode {', '.join(SAMPLING)}", param="samples"
        )
    return mode, ask.samples or samples
