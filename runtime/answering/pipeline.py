"""Pipeline: a question in words goes in, a Solution comes out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from runtime.answering.batch_solver import BatchSolver, Job
from runtime.answering.completion import Completion, Generator, Prompt, Watch
from runtime.answering.confidence import (
    Calibrations,
    read_calibrations,
    wants_states,
)
from runtime.answering.default_model import artifact_folder
from runtime.answering.generation import DEFAULT_MAX_LEN, BatchScheduler, Follow
from runtime.answering.modes import (
    DEFAULT_CONTEXTS,
    DEFAULT_SAMPLES,
    DEFAULT_STREAMS,
    MAX_STREAMS,
    SAMPLING,
    SCORED,
    AnswerOptions,
    Mode,
)
from runtime.answering.plans import Plan, ThoughtRequest, advance, single
from runtime.answering.tuning import remembered
from runtime.answering.turns import Turn, Use
from runtime.answering.votes import ONE_BY_ONE, majority_vote, solution_of
from runtime.answering.ways import Lead, Options, Ways
from runtime.answering.working import working
from runtime.engines.engine import Decoding, Engine
from runtime.engines.opening import open_engine
from runtime.solver.solver import Solver
from runtime.values.answers import Expected
from runtime.values.errors import InputError
from runtime.values.manifest import SCORER_FILE, Manifest, read_manifest
from runtime.values.prompt import Thought, checked_question, checked_questions
from runtime.values.solution import Solution

if TYPE_CHECKING:
    from runtime.answering.scorer import Probe


Each = TypeVar("Each")


@dataclass(slots=True)
class _Call:
    """A call from a task: whether it is being answered, and whether the task has left."""

    runs: bool = False
    left: bool = False


class Model:
    """A loaded artifact with a warm solver; close it, or use `with`.

    Threads may share it: one call is answered at a time, a batch until it is read to its end or thrown away.
    """

    def __init__(
        self,
        engine: Engine,
        manifest: Manifest,
        solver: Solver,
        load_ms: float = 0.0,
        streams: int = DEFAULT_STREAMS,
        contexts: int = DEFAULT_CONTEXTS,
        scorer_file: Path | None = None,
        calibrations: Calibrations | None = None,
        way: tuple[Mode, int] = ("single", DEFAULT_SAMPLES),
    ) -> None:
        self.manifest = manifest
        self.way = way
        self.streams, self.contexts = streams, contexts
        self._engine = engine
        self._generator = Generator(engine)
        self._solver = solver
        self._load_ms = load_ms
        self._schedulers: list[BatchScheduler[int]] = []
        self._turn = Turn()
        self._lead = Lead()
        self._use = Use(manifest.name, self._free)
        self._scorer_file = scorer_file
        self._scorer: Probe | None = None
        self._ways = Ways(manifest, calibrations or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the artifact's memory and end the solver's workers; an answer that is being written is cancelled first."""
        if not self._use.ended:
            self.cancel()
        self._use.end()

    def _free(self) -> None:
        for scheduler in self._schedulers:
            scheduler.close()
        self._engine.close()
        self._solver.close()

    def cancel(self) -> None:
        """End the `answer` or `answer_batch` that runs now; any thread may call it.

        Questions that were being answered come back with what there is, `truncated` where that is no answer;
        `answer_batch` begins no others and ends. Calls that begin later are not affected.
        """
        self._generator.cancel()

    def decoding(
        self,
        *,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        grammar: bool = False,
    ) -> Decoding:
        """A way to decode whose token limit is the artifact's own unless one is given.

        With `grammar` a thought can only be written as its grammar has it; that needs the extra `grammar`.
        """
        limit = self.manifest.max_tokens if max_tokens is None else max_tokens
        return Decoding(limit, temperature, seed, "asked" if grammar else None)

    def check(self, question: str, thought: Thought | None = None, decoding: Decoding | None = None) -> None:
        """Raise InputError when this question is empty or too long for the artifact; nothing is computed."""
        thought = self._ways.checked_thought(thought)
        self._generator.check(checked_question(question), thought, self._checked_decoding(decoding))

    def answer(
        self,
        question: str,
        *,
        thought: Thought | None = None,
        decoding: Decoding | None = None,
        deadline_ms: float | None = None,
        mode: Mode = "single",
        samples: int = DEFAULT_SAMPLES,
        logprobs: bool = False,
        watch: Watch | None = None,
    ) -> Solution:
        """Answer one question; `thought` and `decoding` are the artifact's defaults unless given.

        `samples` counts in the modes `vote`, `adaptive` and `best_of`. After `deadline_ms` milliseconds the best answer
        so far is returned. With `logprobs` the solution says how probable its text is; samples and `answer_batch`
        always say it. `watch(thought, line)` is called with each line as soon as it is written; it is refused where
        several thoughts are written at a time. What the model gets wrong is a status in the solution; InputError is
        raised when the question, thought, mode, samples or decoding cannot be used.

        >>> model.answer("A pen costs $3. How much do 7 pens cost?").answer
        '21'
        >>> model.answer("Ann has 3 apples and buys 4 more. How many has she now?", mode="vote", samples=4).answer
        '7'
        """
        started = perf_counter()
        question = checked_question(question)
        options = Options(thought, self._checked_decoding(decoding), deadline_ms, mode, samples)
        plan = self._ways.plan(options)
        if watch and mode in SAMPLING:
            raise InputError(f"watch with mode {mode}; expected: a mode that writes one thought at a time")
        with self._turn:
            self._generator.cancelled = False
            outer, self._generator.watch = self._generator.watch, watch
            try:
                with self._use():
                    return self._answered(question, options, plan, started, logprobs=logprobs)
            finally:
                self._generator.watch = outer

    async def answer_async(
        self, question: str, *, watch: Watch | None = None, **options: Unpack[AnswerOptions]
    ) -> Solution:
        """`answer` in a thread of its own; a task that is cancelled ends the writing, or never begins it.

        >>> import asyncio
        >>> asyncio.run(model.answer_async("A pen costs $3. How much do 7 pens cost?")).answer
        '21'
        """
        import asyncio

        call = _Call()

        def answer() -> Solution | None:
            with self._turn:
                if call.left:
                    return None
                call.runs = True
                try:
                    return self.answer(question, watch=watch, **options)
                finally:
                    call.runs = False

        try:
            solution = await asyncio.to_thread(answer)
        except asyncio.CancelledError:
            call.left = True
            if call.runs:
                self.cancel()
            raise
        assert solution is not None
        return solution

    def _answered(
        self, question: str, options: Options, plan: Plan, started: float, *, logprobs: bool
    ) -> Solution:
        mode, samples = options.mode, options.samples
        deadline = self._lead.before(options.deadline(started), started)
        if mode in SAMPLING or logprobs or any(self._ways.calibrated(options)):
            # One question's thoughts share a prompt, so they share a context, with all threads.
            slots = min(samples, DEFAULT_STREAMS) if mode in SAMPLING else 1
            states = self._ways.reads_states(options)
            job = self._job(question, options, deadline, to_end=states)
            solution = self._batch_solver(slots, 1, states=states).answer_one(job)
        else:
            solution = majority_vote(
                list(self._one_by_one(question, plan, deadline, keep=mode == "fallback"))
            )
        self._lead.note(deadline, perf_counter())
        load_ms, self._load_ms = self._load_ms, 0.0
        took_ms = (perf_counter() - started) * 1e3
        return replace(solution, timings=replace(solution.timings, load=load_ms, total=load_ms + took_ms))

    def answer_batch(
        self,
        questions: Iterable[str],
        *,
        thought: Thought | None = None,
        decoding: Decoding | None = None,
        deadline_ms: float | None = None,
        mode: Mode = "single",
        samples: int = DEFAULT_SAMPLES,
        streams: int | None = None,
    ) -> Iterator[Solution]:
        """Answer many questions, `streams` thoughts at a time, in the order of the questions.

        Unless given, `streams` is what `edgethought tune` found for this artifact, else 32.
        Questions are read as slots fall free. `deadline_ms` counts from where a question is begun. A solution's timings
        are its shares of the clock: what several thoughts took together, divided by their number. Answers may
        differ from `answer`'s: sums of floating-point numbers depend on what is computed together.

        >>> [solution.answer for solution in model.answer_batch(["A pen costs $3. How much do 7 pens cost?"] * 2)]
        ['21', '21']
        """
        options = Options(thought, self._checked_decoding(decoding), deadline_ms, mode, samples)
        batch, jobs = self._many(options, questions, streams)
        return self._in_turn(lambda: batch().answer(jobs))

    def working(self, solution: Solution) -> Solution:
        """The same solution with the `steps` of its thought: each with its numbers filled in, and its value.

        >>> solution = model.answer("A pen costs $3. How much do 7 pens cost?")
        >>> [step.value for step in model.working(solution).steps][-1]
        '21'
        """
        return replace(solution, steps=working(solution, self._solver))

    def tells_confidence(self, mode: Mode = "single", thought: Thought | None = None) -> bool:
        """Whether answers in this way come with a calibrated confidence."""
        return any(self._ways.calibrated(Options(thought, self.decoding(), None, mode, DEFAULT_SAMPLES)))

    def uncalibrated_batch(
        self,
        questions: Iterable[str],
        *,
        thought: Thought | None = None,
        mode: Mode = "single",
        samples: int = DEFAULT_SAMPLES,
        streams: int | None = None,
    ) -> Iterator[Solution]:
        """As `answer_batch`, for a calibration to be fitted on.

        The solutions have a `score`, where the artifact has a scorer, and their `value` keeps its sign.
        """
        options = Options(thought, self._checked_decoding(None), None, mode, samples)
        chosen = thought or self.manifest.default_thought
        scored = mode in SCORED or (self._engine.state_width > 0 and chosen in self._ways.scored_thoughts())
        batch, jobs = self._many(options, questions, streams, states=scored)
        uncalibrated = (
            replace(job, sure=lambda solution: replace(solution, expected=Expected())) for job in jobs
        )
        return self._in_turn(lambda: batch().answer(uncalibrated))

    def sample_batch(
        self,
        questions: Iterable[str],
        *,
        thought: Thought | None = None,
        decoding: Decoding | None = None,
        samples: int = DEFAULT_SAMPLES,
        streams: int | None = None,
    ) -> Iterator[list[Solution]]:
        """All samples about many questions, solved, in the order of the questions: what `vote` writes, to the last.

        >>> samples = next(model.sample_batch(["A pen costs $3. How much do 7 pens cost?"], samples=4))
        >>> [sample.outcome.status for sample in samples]
        ['solved', 'solved', 'solved', 'solved']
        """
        options = Options(thought, self._checked_decoding(decoding), None, "vote", samples)
        batch, jobs = self._many(options, questions, streams)
        all_of_them = (replace(job, selection=ONE_BY_ONE) for job in jobs)
        return self._in_turn(lambda: batch().tried(all_of_them))

    @contextmanager
    def running_batch(self, streams: int | None = None) -> Iterator[BatchSolver]:
        """A batch that jobs of every kind join while it runs, see `BatchSolver.finished`; nobody else has a turn.

        Jobs are `job`'s and `text_job`'s, which any thread may call. On the slots together there is never room for more
        tokens than `streams` usual thoughts need.
        """
        streams = self._checked_streams(streams)
        states = self._engine.state_width > 0 and bool(self._ways.scored_thoughts())
        if states:
            self._open_scorer()
        with self._turn, self._use():
            self._generator.cancelled = False
            scheduler: BatchScheduler[int] = BatchScheduler(
                self._generator, streams, self.contexts, states=states, tokens=streams * DEFAULT_MAX_LEN
            )
            self._schedulers.append(scheduler)
            try:
                yield BatchSolver(scheduler, self._solution, cancelled=lambda: self._generator.cancelled)
            finally:
                scheduler.close()
                self._schedulers.remove(scheduler)

    def job(
        self,
        question: str,
        *,
        thought: Thought | None = None,
        decoding: Decoding | None = None,
        deadline: float | None = None,
        mode: Mode = "single",
        samples: int = DEFAULT_SAMPLES,
        follow: Follow | None = None,
    ) -> Job:
        """A question for a `running_batch`, as `answer` takes it; `deadline` is in `perf_counter` seconds.

        Raises InputError for what `answer` would refuse, and for a question that does not fit the model.
        """
        decoding, question = self._checked_decoding(decoding), checked_question(question)
        options = Options(thought, decoding, None, mode, samples)
        self._ways.plan(options)
        self._generator.check(question, self._ways.checked_thought(thought), decoding)
        if states := self._ways.reads_states(options):
            self._open_scorer()
        return self._job(question, options, deadline, to_end=states, follow=follow)

    def text_job(
        self, prompt: str, decoding: Decoding, *, deadline: float | None = None, follow: Follow | None = None
    ) -> Job:
        """A text for a `running_batch` that goes on from a prompt as it stands, and that nobody solves.

        Raises InputError where the two do not fit the model's context together.
        """
        decoding, ids = self._checked_decoding(decoding), self._engine.encode(prompt)
        allowed = self._engine.context_tokens - decoding.max_tokens
        if not 1 <= len(ids) <= allowed:
            raise InputError(f"a prompt of {len(ids):,} tokens; expected: 1 to {max(allowed, 0):,}")
        plan = single([self.manifest.default_thought], decoding, 1)
        return Job("", plan, ONE_BY_ONE, deadline=deadline, to_end=True, follow=follow, prompt=Prompt(ids, 0))

    def text(self, ids: Sequence[int]) -> str:
        """The text of token ids, special tokens left out."""
        return self._engine.decode(ids)

    def _job(
        self,
        question: str,
        options: Options,
        deadline: float | None,
        *,
        to_end: bool,
        follow: Follow | None = None,
    ) -> Job:
        return Job(
            question,
            self._ways.plan(options),
            self._ways.selection(options),
            partial(self._ways.sure, options),
            deadline,
            to_end,
            follow,
        )

    def _many(
        self, options: Options, questions: Iterable[str], streams: int | None, *, states: bool = False
    ) -> tuple[Callable[[], BatchSolver], Iterator[Job]]:
        """What opens the slots that answer many questions, and their jobs; raises InputError where that cannot be.

        A question's deadline counts from when its job is read.
        """
        streams = self._checked_streams(streams)
        self._ways.plan(options)
        states = states or self._ways.reads_states(options)
        if states:
            self._open_scorer()
        jobs = (
            self._job(question, options, options.deadline(), to_end=states)
            for question in checked_questions(questions)
        )
        return partial(self._batch_solver, streams, self.contexts, states=states), jobs

    def _checked_streams(self, streams: int | None) -> int:
        streams = self.streams if streams is None else streams
        if not 1 <= streams <= MAX_STREAMS:
            raise InputError(f"streams is {streams}; expected: 1 to {MAX_STREAMS}")
        return streams

    def _in_turn(self, begin: Callable[[], Iterator[Each]]) -> Iterator[Each]:
        """What is begun when it is read first, and has its turn until it has ended."""
        with self._turn:
            self._generator.cancelled = False
            with self._use():
                items = begin()
            while True:
                with self._use():
                    try:
                        item = next(items)
                    except StopIteration:
                        return
                yield item

    def _open_scorer(self) -> None:
        if self._scorer is None:
            from runtime.answering.scorer import scorer_of

            self._scorer = scorer_of(self.manifest, self._scorer_file, self._engine.state_width)

    def _batch_solver(self, streams: int, contexts: int, *, states: bool) -> BatchSolver:
        if states:
            self._open_scorer()
        return BatchSolver(
            self._open_slots(streams, contexts, states=states),
            self._solution,
            cancelled=lambda: self._generator.cancelled,
        )

    def _one_by_one(
        self, question: str, plan: Plan, deadline: float | None, *, keep: bool
    ) -> Iterator[Solution]:
        """One thought after the other on the engine's single sequence, which is quickest for one at a time."""
        asks: list[ThoughtRequest] | None = next(plan)
        while asks:
            (ask,) = asks
            completion = self._generator.write(question, ask.thought, ask.decoding, deadline, keep=keep)
            solution = self._solution(question, completion)
            yield solution
            late = self._generator.cancelled or (deadline is not None and perf_counter() >= deadline)
            asks = None if late else advance(plan, [solution])

    def _open_slots(self, slots: int, contexts: int, *, states: bool = False) -> BatchScheduler[int]:
        """Slots for at least as many thoughts at a time that nobody writes on; free ones that will not do are closed.

        Others are opened when they are asked for first. A call inside the reading of a batch has slots of its own.
        """
        for there in [one for one in self._schedulers if not one.writing]:
            if there.wanted >= slots and (there.contexts, there.states) == (contexts, states):
                return there
            there.close()
            self._schedulers.remove(there)
        opened: BatchScheduler[int] = BatchScheduler(self._generator, slots, contexts, states=states)
        self._schedulers.append(opened)
        return opened

    def _solution(self, question: str, completion: Completion) -> Solution:
        solution = solution_of(question, completion, self._solver, self.manifest.name)
        if completion.states is None or self._scorer is None or not solution.outcome.solved:
            return solution
        return replace(solution, score=self._scorer.score(completion.states))

    def _checked_decoding(self, decoding: Decoding | None) -> Decoding:
        decoding = decoding or self.decoding()
        if decoding.max_tokens < 1:
            raise InputError(f"max tokens is {decoding.max_tokens}; expected: 1 or more")
        if not 0 <= decoding.temperature <= 10:
            raise InputError(f"temperature is {decoding.temperature}; expected: 0 (greedy) to 10")
        return decoding


def load(
    model: Path | str | None = None, *, threads: int | None = None, adapter: Path | None = None
) -> Model:
    """Load an artifact: the folder or the published student given, else `EDGETHOUGHT_MODEL`, else this machine's default.

    `adapter` is a GGUF file with a LoRA adapter of the artifact's base; answers are then signed with its name too.

    The solver's worker starts while the artifact loads; threads, unless given, are what `edgethought tune` found for
    this artifact, else one a physical core. Raises InputError when there is no such artifact,
    MissingExtra when the package that runs it is not installed.

    >>> with load() as model:
    ...     print(model.answer("Tom has 3 pens and buys 4. How many pens has he?").answer)
    7
    """
    started = perf_counter()
    folder = artifact_folder(None if model is None else Path(model))
    manifest = read_manifest(folder)
    if not (folder / SCORER_FILE).is_file():
        manifest = replace(manifest, scorer={})
    # What was learned of the artifact's own answers says nothing of an adapted model's.
    calibrations = {} if adapter else read_calibrations(folder, manifest.name)
    if not manifest.scorer:
        calibrations = {name: one for name, one in calibrations.items() if not wants_states([one])}
    tuned = remembered(manifest)
    solver = Solver(workers=1).__enter__()
    try:
        engine = open_engine(
            folder,
            tuned.threads if tuned and threads is None else threads,
            accuracy_level=tuned.accuracy_level if tuned else None,
            adapter=adapter,
        )
    except BaseException:
        solver.close()
        raise
    if adapter:
        manifest = replace(manifest, name=f"{manifest.name} + {adapter.stem}", scorer={})
    load_ms = (perf_counter() - started) * 1e3
    streams, contexts = (tuned.streams, tuned.contexts) if tuned else (DEFAULT_STREAMS, DEFAULT_CONTEXTS)
    way = (tuned.mode, tuned.samples) if tuned else ("single", DEFAULT_SAMPLES)
    return Model(
        engine, manifest, solver, load_ms, streams, contexts, folder / SCORER_FILE, calibrations, way
    )
