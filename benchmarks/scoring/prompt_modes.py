"""Asking: what answers a job's questions, opened for as long as it is needed."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Unpack

from benchmarks.scoring.external.baselines import SMOLLM2, ChatPrompt, EngineText, FewShot, ZeroShotChat
from benchmarks.scoring.external.endpoint import Completes, Completions
from benchmarks.scoring.external.gguf_models import embedded_chat, external_manifest, open_external, start_ids
from benchmarks.scoring.external.lm_eval import lm_eval_model
from benchmarks.scoring.external.remote import RemoteChat, RemoteFewShot
from benchmarks.scoring.job import BenchSettings, Endpoint, Job, is_gguf, threads_of
from benchmarks.scoring.model_info import baseline_decoding, thought_of
from benchmarks.scoring.scores import Answers
from runtime.answering.modes import AnswerOptions
from runtime.engines.engine import Decoding, Engine
from runtime.values.environment import secret
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest, read_manifest
from runtime.values.problem import Problem
from runtime.values.solution import Solution


class Answerer(Protocol):
    """What `runtime.answering.pipeline.load` gives: a model that answers under a thought and a deadline."""

    def answer(self, question: str, **options: Unpack[AnswerOptions]) -> Solution:
        """Answer one question."""
        ...

    def decoding(self, *, grammar: bool = False) -> Decoding:
        """How the model decodes unless told otherwise, held to the thoughts' grammars or not."""
        ...


Loader = Callable[[Path, int | None], AbstractContextManager[Answerer]]


class _Student:
    """A model with the settings it answers under."""

    def __init__(self, model: Any, settings: BenchSettings, decoding: Decoding | None) -> None:
        self.model, self.settings = model, settings
        self.options = AnswerOptions(
            thought=settings.thought,
            decoding=decoding,
            deadline_ms=settings.deadline_ms,
            mode=settings.mode,
            samples=settings.samples,
        )

    def answer(self, question: str) -> Solution:
        solution: Solution = self.model.answer(question, **self.options)
        return solution


class _BatchStudent(_Student):
    """A model that answers several problems at a time; an answer's times are its shares of the clock."""

    def answer_batch(self, questions: Iterable[str]) -> Iterator[Solution]:
        solutions: Iterator[Solution] = self.model.answer_batch(
            questions, streams=self.settings.streams, **self.options
        )
        return solutions


def load_model(artifact: Path, threads: int | None) -> AbstractContextManager[Answerer]:
    """Load an artifact with the engine and solver that a user gets, or a checkpoint as it is."""
    from export.checkpoint_engine import opening

    return opening.load_model(artifact, threads=threads)


@contextmanager
def opened(job: Job, problems: Sequence[Problem], load: Loader = load_model) -> Iterator[Answers]:
    """What answers the job's questions: a student, or another model asked fairly.

    `problems` are all that will be asked: lm-eval's prompts depend on their order. Raises InputError when the source
    cannot be asked in this way.
    """
    if isinstance(job.source, Endpoint):
        with _remote(job.source, job.settings, problems) as model:
            yield model
    elif job.settings.prompt_mode == "student":
        with load(job.source, threads_of(job.settings)) as student:
            decoding = student.decoding(grammar=True) if job.settings.grammar else None
            answers = _BatchStudent if job.settings.streams > 1 else _Student
            yield answers(student, job.settings, decoding)
    else:
        with (
            _opened_engine(job.source, job.settings) as source,
            _local(source, job.settings, problems) as model,
        ):
            yield model


@contextmanager
def _remote(endpoint: Endpoint, settings: BenchSettings, problems: Sequence[Problem]) -> Iterator[Answers]:
    request = {name: json.loads(value) for name, value in endpoint.request}
    completions = Completions(endpoint.url, endpoint.model, _key(endpoint), request)
    limit = baseline_decoding(settings).max_tokens
    if settings.prompt_mode == "chat":
        yield RemoteChat(completions, limit)
    elif settings.prompt_mode == "lm-eval":
        yield lm_eval_model(completions, problems, limit)
    else:
        from runtime.solver.solver import Solver

        with Solver() as solver:
            yield RemoteFewShot(completions, solver, settings.exemplars, thought_of(settings, None), limit)


def _key(endpoint: Endpoint) -> str | None:
    if endpoint.key_variable is None:
        return None
    key = secret(endpoint.key_variable)
    if key is None:
        raise InputError(
            f"the variable {endpoint.key_variable} is not set; expected: the endpoint's key in it, exported"
        )
    return key


@dataclass(frozen=True, slots=True)
class _Source:
    """An opened engine, its manifest, how its chat is marked up, and what it wants in front of a text."""

    engine: Engine
    manifest: Manifest
    chat: ChatPrompt | None
    start: tuple[int, ...] = ()


@contextmanager
def _opened_engine(source: Path, settings: BenchSettings) -> Iterator[_Source]:
    if is_gguf(source):
        manifest = external_manifest(source)
        chat = embedded_chat(source) if settings.prompt_mode == "chat" else None
        engine, start = open_external(source, manifest, threads_of(settings)), start_ids(source)
    else:
        from runtime.engines.opening import open_engine

        manifest, chat, start = read_manifest(source), None, ()
        if settings.prompt_mode == "chat" and manifest.end_tokens != (SMOLLM2.end,):
            raise InputError(
                f"the chat markup of {manifest.name} is not known; expected: the original GGUF file, or --endpoint"
            )
        engine = open_engine(source, threads_of(settings))
    try:
        yield _Source(engine, manifest, chat, start)
    finally:
        engine.close()


@contextmanager
def _local(source: _Source, settings: BenchSettings, problems: Sequence[Problem]) -> Iterator[Answers]:
    decoding = baseline_decoding(settings)
    if settings.prompt_mode == "chat":
        yield ZeroShotChat(source.engine, prompt=source.chat, decoding=decoding)
    elif settings.prompt_mode == "lm-eval":
        text: Completes = EngineText(source.engine, source.start)
        yield lm_eval_model(text, problems, decoding.max_tokens)
    else:
        from runtime.solver.solver import Solver

        thought = thought_of(settings, source.manifest)
        with Solver() as solver:
            yield FewShot(
                source.engine,
                solver,
                settings.exemplars,
                thought=thought,
                decoding=decoding,
                start=source.start,
                streams=settings.streams,
            )
