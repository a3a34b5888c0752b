"""A GGUF model on this machine: requests become prompts in its own chat template, replies come from the store.

What was ever asked is not asked again, by this run or another: the hash is over the model's file and everything else
that decides the reply. Without a request that is new the model is not even loaded.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from distill.teachers.chat.model import ChatRequest, Reply
from distill.teachers.chat.prompts import Prompt
from distill.teachers.chat.store import ReplyStore, TokenCount, check_store, replies_folder
from distill.teachers.local.engines import STREAMS, BatchEngine, chosen_engine, opened_engine
from distill.teachers.local.files import asking, find_model
from distill.teachers.local.settings import LocalSettings
from distill.teachers.local.stops import Stop, stop_of
from runtime.engines.engine import Decoding, Grammar
from runtime.values.errors import InputError
from runtime.values.prompt import THOUGHTS, tidy_question
from runtime.values.rationale import Declined

if TYPE_CHECKING:
    from distill.teachers.local.batch import ContinuousBatch, Job

# Requests under way by slot: one reply may take as long as this many others in a row.
AHEAD = 32
TICK_S = 0.5


def checked_settings(settings: LocalSettings) -> LocalSettings:
    """The settings; raises InputError where they do not fit together."""
    if settings.samples > 1 and not settings.temperature:
        raise InputError(
            f"local.samples={settings.samples} with local.temperature=0, which are equal texts; expected: a "
            "temperature above 0, or one sample"
        )
    check_store(settings.store, "local.store")
    if settings.grammar and find_spec("llguidance") is None:
        raise InputError(
            "local.grammar=true without llguidance; expected: pip install 'edgethought[grammar]', or false"
        )
    return settings


@dataclass(frozen=True, slots=True)
class Form:
    """How a prompt is asked: ids before a question and after it, when a reply has ended, what it is held to."""

    head: tuple[int, ...]
    tail: tuple[int, ...]
    stop: Stop
    grammar: Grammar | None
    schema: str


@dataclass(slots=True)
class LocalStats:
    """What was written by this run: replies, their tokens, and the seconds that it took."""

    answered: int = 0
    tokens: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Order:
    """One request under way: its hash, and why there is no reply where there will be none."""

    key: str
    kept: dict[str, Any]
    done: bool = False
    declined: Declined | None = None


class LocalModel:
    """A chat model; a context manager. `tick` is called now and then while it writes."""

    def __init__(
        self, settings: LocalSettings, run: str = "", tick: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = checked_settings(settings)
        self.file = find_model(settings)
        self.engine_name = chosen_engine(settings, self.file)
        self.tick = tick
        self.stats, self.reused = LocalStats(), 0
        self._run = run
        self._store = ReplyStore(replies_folder(settings.store, self.file.name, self.weights), "local.store")
        self._forms: dict[str, Form] = {}
        self._orders: dict[str, _Order] = {}
        self._ticked = perf_counter()

    def __enter__(self) -> Self:
        self._store.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if "_batch" in self.__dict__:
                self._batch.close()
            if "engine" in self.__dict__:
                self.engine.close()
        finally:
            self._store.__exit__(kind, error, trace)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name

    @property
    def source(self) -> str:
        """Where its texts are from: the file and its hash."""
        return f"local:{self.file.name}#{self.file.sha256[:16]}"

    @property
    def weights(self) -> str:
        """What tells the numbers that are computed with from others: the file's hash, and torch where it computes."""
        return self.file.sha256 if self.engine_name == "llama" else f"{self.file.sha256} {self.engine_name}"

    @property
    def streams(self) -> int:
        """Replies at a time."""
        return self.settings.streams or STREAMS[self.engine_name]

    @property
    def ahead(self) -> int:
        """Enough requests that no long reply leaves slots empty."""
        return AHEAD * self.streams

    @property
    def folder(self) -> Path:
        """Where its replies are kept."""
        return self._store.folder

    @property
    def replies(self) -> int:
        """Written or found in the store."""
        return self.stats.answered + self.reused

    @property
    def left_out(self) -> tuple[str, ...]:
        """Nothing: the engine takes every setting."""
        return ()

    def send(self, request: ChatRequest) -> None:
        """Put a request into the queue, if it was never asked before."""
        self._sent(request)

    def reply(self, request: ChatRequest) -> Reply | Declined:
        """The reply, from the store or written now, along with others."""
        order = self._sent(request)
        while not order.done:
            self._step()
        del self._orders[order.key]
        if order.declined is not None:
            return order.declined
        row = self._store.get(order.key)
        assert row is not None, "a reply that is told of is kept"
        said = row["reply"]
        return Reply(said["text"], said["finish_reason"], order.key, self.name, logprob=said["logprob"])

    def told(self) -> str:
        """How far the writing is, in a few words."""
        stats = self.stats
        parts = [f"{stats.answered:,} asked"]
        parts += [f"{self.reused:,} from the store"] if self.reused else []
        if stats.answered:
            parts += [f"{stats.tokens:,} tokens, {stats.seconds / stats.answered:.2f} s a reply"]
        return ", ".join(parts)

    def _sent(self, request: ChatRequest) -> _Order:
        """The order of a request: in the queue by now, or fulfilled by what the store has."""
        form = self._form(request.prompt)
        key = self._key(request, form)
        if (known := self._orders.get(key)) is not None:
            return known
        order = self._orders[key] = _Order(key, request.row())
        if key in self._store:
            order.done = True
            self.reused += 1
            return order
        job = self.job(request)
        if job.length > self.engine.context_tokens:
            order.done, order.declined = True, Declined("question_too_long", f"{job.length:,} tokens")
            return order
        self._batch.add(job)
        return order

    def _step(self) -> None:
        """Compute on; what is done by that goes into the store."""
        began = perf_counter()
        for job in self._batch.step():
            self._keep(job)
        now = perf_counter()
        self.stats.seconds += now - began
        if now - self._ticked >= TICK_S:
            self._ticked = now
            self.tick()

    def _keep(self, job: "Job") -> None:
        order = self._orders[job.key]
        reply = {
            "text": self.engine.decode(job.ids),
            "finish_reason": job.finish_reason,
            "logprob": round(job.logprob, 4),
        }
        at = datetime.now(UTC).isoformat(timespec="seconds")
        count = TokenCount(len(job.head) + len(job.tail), len(job.ids), len(job.head))
        self._store.append(job.key, self._run, count, {**order.kept, "at": at, "reply": reply})
        self.stats.answered += 1
        self.stats.tokens += len(job.ids)
        order.done = True

    def _key(self, request: ChatRequest, form: Form) -> str:
        """The hash of everything that decides a reply."""
        settings = self.settings
        decides = {
            "model": self.weights,
            "messages": request.prompt.messages(request.question),
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "seed": settings.seed,
            "sample": request.sample,
            "grammar": form.grammar,
            "schema": form.schema,
        }
        return sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def job(self, request: ChatRequest) -> "Job":
        """What the engine has to write for a request."""
        from distill.teachers.local.batch import Job

        settings, form = self.settings, self._form(request.prompt)
        key = self._key(request, form)
        question = self.engine.encode(tidy_question(request.question))
        decoding = Decoding(
            settings.max_tokens, settings.temperature, int(key[:8], 16), form.grammar, form.schema
        )
        return Job(key, form.head, (*question, *form.tail), decoding, form.stop)

    def _form(self, prompt: Prompt) -> Form:
        known = self._forms.get(prompt.sha256)
        if known is None:
            markup = asking(self.file.path, prompt)
            thoughts = {f"annotate_{thought}": thought for thought in THOUGHTS if thought != "cot"}
            grammar = thoughts.get(prompt.name) if self.settings.grammar else None
            structured = self.settings.structured == "auto" and find_spec("llguidance") is not None
            schema = json.dumps(prompt.strict_schema) if prompt.schema is not None and structured else ""
            known = self._forms[prompt.sha256] = Form(
                markup.head, markup.tail, stop_of(prompt), grammar, schema
            )
        return known

    @cached_property
    def engine(self) -> BatchEngine:
        """The engine, opened with the first request that is new."""
        return opened_engine(self.engine_name, self.settings, self.file)

    @cached_property
    def _batch(self) -> "ContinuousBatch":
        from distill.teachers.local.batch import ContinuousBatch

        return ContinuousBatch(self.engine, self.streams)
