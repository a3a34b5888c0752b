"""Baselines: the untouched base model, asked fairly, through the same engines and the same solver as a student.

`FewShot` shows exemplars in our own format and has the solver read the thought; `ZeroShotChat` uses the
model's own chat markup and extracts the answer from the reply. Both give an `ExternalSolution`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from benchmarks.scoring.external.endpoint import EndpointReply
from benchmarks.scoring.external.extraction.thinking import is_thinking, without_thinking
from benchmarks.scoring.external.replies import ExternalSolution, chat_outcomes, read_flexibly, reply_solution
from runtime.answering.batch_solver import BatchSolver, Job
from runtime.answering.completion import FINISHED, Completion, Generator, Prompt
from runtime.answering.generation import BatchScheduler
from runtime.answering.modes import DEFAULT_CONTEXTS
from runtime.answering.plans import Plan, ThoughtRequest, single
from runtime.answering.votes import ONE_BY_ONE, solution_of
from runtime.engines.engine import Decoding, Engine
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.prompt import Thought, render_prompt, tidy_question
from runtime.values.solution import Solution

BETWEEN = "\n\n"
# Where a base model goes on to invent the next question, its own answer has ended.
NEXT_QUESTION = "Question:"


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A worked example of a few-shot prompt."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatMarkup:
    """ChatML: the ids that open and close a message, and the system message the model's own template begins with.

    The defaults are SmolLM2's, ids 1 (`<|im_start|>`) and 2 (`<|im_end|>`).
    """

    start: int = 1
    end: int = 2
    system: str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


SMOLLM2 = ChatMarkup()


def complete(
    engine: Engine,
    prompt: Sequence[int],
    decoding: Decoding,
    *,
    shared: int = 0,
    stop: Callable[[str], bool] | None = None,
) -> EndpointReply:
    """Continue a prompt up to the end token, the limit, or a text that `stop` accepts, asked after every token."""
    if len(prompt) + decoding.max_tokens > engine.context_tokens:
        raise InputError(
            f"a prompt of {len(prompt):,} tokens and an answer of {decoding.max_tokens:,} do not fit; "
            f"expected: {engine.context_tokens:,} together; give fewer exemplars"
        )
    started = first = perf_counter()
    ids: list[int] = []
    finish_reason = "stop"
    for token in engine.generate(prompt, decoding, shared=shared):
        if not ids:
            first = perf_counter()
        ids.append(token)
        if stop and stop(engine.decode(ids)):
            break
    else:
        if not engine.ended():
            finish_reason = "length"
    ended = perf_counter()
    first = first if ids else ended
    return EndpointReply(
        text=engine.decode(ids),
        finish_reason=finish_reason,
        prompt_tokens=len(prompt),
        generated_tokens=len(ids),
        round_trip_ms=(ended - started) * 1e3,
        prefill_ms=(first - started) * 1e3,
        decode_ms=(ended - first) * 1e3,
    )


def shown_text(exemplars: Sequence[Exemplar], thought: Thought) -> str:
    """The worked examples as they stand before a question; raises InputError when there are none."""
    if not exemplars:
        raise InputError("no exemplars; expected: one or more worked examples")
    return "".join(f"{render_prompt(e.question, thought)}{e.text.rstrip()}{BETWEEN}" for e in exemplars)


@dataclass(frozen=True, slots=True)
class FewShotPromptFormat:
    """How worked examples ask: they stand before every question, and the reply ends where it invents the next one."""

    engine: Engine
    shown: tuple[int, ...]
    advice: str = "; give fewer exemplars"

    def prompt(self, question: str, thought: Thought) -> Prompt:
        """The examples, which all questions share, and the question in our format."""
        return Prompt([*self.shown, *self.engine.encode(render_prompt(question, thought))], len(self.shown))

    def finished(self, thought: Thought, text: str) -> bool:
        """Whether the model has answered, or gone on to something else."""
        if is_thinking(text):
            return False
        visible = without_thinking(text).lstrip("\n")
        return own_answer(visible) != visible.rstrip() or FINISHED[thought](visible)

    def own(self, text: str) -> str:
        """The reply's first block."""
        return own_answer(text)

    def keeps(self) -> bool:
        """The examples serve every question."""
        return True


class FewShot:
    """A model shown worked examples in our format; the solver reads what it writes. Closes nothing it was given.

    `start` are ids that the model wants in front of everything, such as a token that begins a text. `streams` questions
    are answered at a time by `answer_batch`.
    """

    def __init__(
        self,
        engine: Engine,
        solver: Solver,
        exemplars: Sequence[Exemplar],
        *,
        thought: Thought = "eot",
        decoding: Decoding | None = None,
        start: Sequence[int] = (),
        streams: int = 1,
    ) -> None:
        self._engine = engine
        self._solver = solver
        self._ask = ThoughtRequest(thought, decoding or Decoding())
        shown = shown_text(exemplars, thought)
        self._generator = Generator(engine, FewShotPromptFormat(engine, (*start, *engine.encode(shown))))
        self._streams = streams

    def answer(self, question: str) -> Solution:
        """Answer one question; InputError when it does not fit the context beside the exemplars."""
        started = perf_counter()
        completion = self._generator.write(question, self._ask.thought, self._ask.decoding, keep=True)
        solution = self._solution(question, completion)
        took_ms = (perf_counter() - started) * 1e3
        return replace(solution, timings=replace(solution.timings, total=took_ms))

    def answer_batch(self, questions: Iterable[str]) -> Iterator[Solution]:
        """Answer many questions, several at a time where the engine can; times are then shares of the clock."""
        if self._streams == 1:
            yield from map(self.answer, questions)
            return
        scheduler: BatchScheduler[int] = BatchScheduler(self._generator, self._streams, DEFAULT_CONTEXTS)
        many = BatchSolver(scheduler, self._solution)
        try:
            yield from many.answer(Job(question, self._plan(), ONE_BY_ONE) for question in questions)
        finally:
            scheduler.close()

    def _plan(self) -> Plan:
        return single([self._ask.thought], self._ask.decoding, 1)

    def _solution(self, question: str, completion: Completion) -> ExternalSolution:
        return read_flexibly(solution_of(question, completion, self._solver, self._engine.name))


def own_answer(text: str) -> str:
    """The first block of a completion, thinking left out: what comes before an empty line or the next question."""
    head = without_thinking(text).lstrip("\n").partition(BETWEEN)[0]
    if head.startswith(NEXT_QUESTION):
        return ""
    return head.partition("\n" + NEXT_QUESTION)[0].rstrip()


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """A chat prompt as ids: what stands before the question and what after it, special tokens included."""

    head: tuple[int, ...]
    tail: tuple[int, ...]


def chatml_prompt(engine: Engine, markup: ChatMarkup = SMOLLM2) -> ChatPrompt:
    """The ChatML prompt: markup as special ids, all else as plain text."""
    line = engine.encode("\n")
    system = [markup.start, *engine.encode(f"system\n{markup.system}"), markup.end, *line]
    return ChatPrompt(
        head=(*(system if markup.system else ()), markup.start, *engine.encode("user\n")),
        tail=(markup.end, *line, markup.start, *engine.encode("assistant\n")),
    )


class ZeroShotChat:
    """A model asked through its own chat markup; its answer is extracted from its reply."""

    def __init__(
        self, engine: Engine, *, prompt: ChatPrompt | None = None, decoding: Decoding | None = None
    ) -> None:
        self._engine = engine
        self._prompt = prompt or chatml_prompt(engine)
        self._decoding = decoding or Decoding()

    def prompt_ids(self, question: str) -> list[int]:
        """The prompt's ids: markup as special ids, the question as plain text, so that it cannot forge any."""
        return [*self._prompt.head, *self._engine.encode(tidy_question(question)), *self._prompt.tail]

    def answer(self, question: str) -> Solution:
        """Answer one question; InputError when it does not fit the context."""
        started = perf_counter()
        shared = len(self._prompt.head)
        reply = complete(self._engine, self.prompt_ids(question), self._decoding, shared=shared)
        solving = perf_counter()
        outcomes = chat_outcomes(reply.text, reply.cut)
        solution = reply_solution(reply, self._engine.name, "cot", reply.text, outcomes)
        ended = perf_counter()
        times = {"solve": (ended - solving) * 1e3, "total": (ended - started) * 1e3}
        return replace(solution, timings=replace(solution.timings, **times))


class EngineText:
    """An engine asked as an endpoint is: text in, text out. No special token stands in front but `start`."""

    def __init__(self, engine: Engine, start: Sequence[int] = ()) -> None:
        self._engine = engine
        self._start = list(start)
        self.model = engine.name

    def complete(self, prompt: str, *, stop: Sequence[str] = (), max_tokens: int = 256) -> EndpointReply:
        """Continue `prompt`, stopping at the first text of `stop`; InputError when it does not fit the context."""
        ids = [*self._start, *self._engine.encode(prompt)]
        reply = complete(
            self._engine,
            ids,
            Decoding(max_tokens),
            stop=lambda text: _first(text, stop) < len(text),
        )
        end = _first(reply.text, stop)
        return (
            reply if end == len(reply.text) else replace(reply, text=reply.text[:end], finish_reason="stop")
        )


def _first(text: str, stop: Sequence[str]) -> int:
    """Where the first of these texts begins, or the text's length."""
    return min((place for part in stop if (place := text.find(part)) >= 0), default=len(text))
