"""A model behind an OpenAI-compatible server: requests become bodies with a hash, replies come from the store.

What was ever asked is not asked again, by this run or another: the hash is over everything that decides the reply, and
a store belongs to one model at one address. Without a request that is new, neither a key nor a network is needed.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from benchmarks.scoring.external.endpoint import checked_address
from distill.teachers.chat.model import ChatRequest, Reply
from distill.teachers.chat.store import ReplyStore, check_store, replies_folder
from distill.teachers.openai.answers import Answer, stored_reply
from distill.teachers.openai.asker import Asker, AskerStats, Order
from distill.teachers.openai.budget import FREE, Budget
from distill.teachers.openai.settings import OPENAI, OPENAI_KEY, OpenAISettings
from distill.teachers.openai.turn import Turn
from runtime.values.environment import secret
from runtime.values.errors import InputError
from runtime.values.rationale import Declined

if TYPE_CHECKING:
    from distill.teachers.openai.batching import BatchAsker
    from distill.teachers.openai.client import OpenAIClient

# Problems under way by request under way: one reply may take as long as this many others in a row.
AHEAD = 64
MIN_AHEAD, MAX_AHEAD = 256, 16_384


def checked_settings(settings: OpenAISettings) -> OpenAISettings:
    """The settings with what follows from the others filled in; raises InputError where they do not fit together."""
    if not settings.model:
        raise InputError("teacher openai without a model; expected: --set openai.model=NAME")
    if settings.budget_usd and settings.model not in settings.prices:
        raise InputError(
            f"openai.budget_usd without a price of {settings.model!r}; expected: --set "
            f'openai.prices="{{{settings.model}: {{input: 0.15, output: 0.6}}}}", in dollars a million tokens'
        )
    check_store(settings.store, "openai.store")
    url = checked_address(settings.base_url)
    variable = settings.api_key_env or (OPENAI_KEY if url == OPENAI else "")
    return settings.model_copy(update={"base_url": url, "api_key_env": variable})


def store_folder(settings: OpenAISettings) -> Path:
    """Where the replies of a model at an address are kept."""
    return replies_folder(settings.store, settings.model, f"{settings.base_url}\n{settings.model}")


class OpenAIModel:
    """A chat model; a context manager. `run` names whose budget it is; `tick` is called now and then while it waits."""

    def __init__(self, settings: OpenAISettings, run: str, tick: Callable[[], None] = lambda: None) -> None:
        self.settings = checked_settings(settings)
        self.tick = tick
        self.reused = 0
        self._run = run
        self._store = ReplyStore(store_folder(self.settings), "openai.store")
        self._asker: Asker | BatchAsker | None = None
        self._client: OpenAIClient | None = None
        self._waiting: dict[tuple[str, str, int], Order] = {}
        self._key: str | None = None
        price = self.settings.prices.get(self.settings.model, FREE)
        self.budget = Budget(self.settings.budget_tokens, self.settings.budget_usd, price)

    def __enter__(self) -> Self:
        self._store.__enter__()
        self.budget.spent(self._store.spent(self._run))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._asker is not None:
                self._asker.close()
        finally:
            self._store.__exit__(kind, error, trace)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.settings.model

    @property
    def source(self) -> str:
        """Where its texts are from: the server and the model."""
        return f"{self.settings.base_url}#{self.settings.model}"

    @property
    def ahead(self) -> int:
        """Enough requests that no slow one holds the others, or that a batch is full."""
        if self.settings.batch:
            return self.settings.batch_size
        return min(MAX_AHEAD, max(MIN_AHEAD, AHEAD * self.settings.concurrency))

    @property
    def folder(self) -> Path:
        """Where its replies are kept."""
        return self._store.folder

    @property
    def replies(self) -> int:
        """Answered by the server or by the store."""
        return self.stats.answered + self.reused

    @property
    def left_out(self) -> tuple[str, ...]:
        """Fields of a request that the server turned out not to take."""
        return self._client.left_out if self._client is not None else ()

    @property
    def stats(self) -> AskerStats:
        """Requests so far."""
        return self._asker.stats if self._asker is not None else AskerStats()

    def send(self, request: ChatRequest) -> None:
        """Begin to ask, if this was never asked before."""
        self._sent(request)

    def reply(self, request: ChatRequest) -> Reply | Declined:
        """The reply, from the store or waited for; raises what stops the asking."""
        order = self._sent(request)
        declined = self._asker.wait(order, self.tick) if self._asker is not None else None
        del self._waiting[_place(request)]
        if declined is not None:
            return declined
        row = self._store.get(order.key)
        assert row is not None, "an answer that is told of is kept"
        return stored_reply(row)

    def _sent(self, request: ChatRequest) -> Order:
        """The order of a request: sent for by now, or fulfilled by what the store has."""
        place = _place(request)
        order = self._waiting.get(place)
        if order is None:
            order = self._waiting[place] = self._order(request)
            if order.key in self._store:
                order.done.set_result(None)
                self.reused += 1
            else:
                self._asking().submit(order)
        return order

    def _order(self, request: ChatRequest) -> Order:
        body = self._body(request)
        text = json.dumps(
            {"body": body, "sample": request.sample, "request": self.settings.request}, sort_keys=True
        )
        return Order(sha256(text.encode()).hexdigest(), body, request.row(), len(text))

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        settings = self.settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": request.prompt.messages(request.question),
            "temperature": settings.temperature,
        }
        if "max_completion_tokens" not in settings.request:
            body["max_tokens"] = settings.max_tokens
        if settings.seed >= 0:
            body["seed"] = settings.seed + request.sample
        if settings.logprobs:
            body["logprobs"] = True
        if request.prompt.schema is not None and settings.structured == "auto":
            schema = {"name": request.prompt.name, "strict": True, "schema": request.prompt.strict_schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _asking(self) -> "Asker | BatchAsker":
        """The asker, started with the first request that is new."""
        if self._asker is None:
            self._key = self._secret()
            self._asker = self._batch_asker() if self.settings.batch else self._online_asker()
        return self._asker

    def _online_asker(self) -> Asker:
        from distill.teachers.openai.client import OpenAIClient

        turn = Turn()
        self._client = OpenAIClient(self.settings, self._key, turn)
        return Asker(self.settings, self._client, turn, self.budget, self._keep)

    def _batch_asker(self) -> "BatchAsker":
        from distill.teachers.openai.batching import BatchAsker

        return BatchAsker(self.settings, self._key, self._store.folder, self.budget, self._keep)

    def _secret(self) -> str | None:
        variable = self.settings.api_key_env
        key = secret(variable) if variable else None
        if variable and not key:
            raise InputError(
                f"{self.settings.base_url} needs a key, and ${variable} is not set; expected: the key in it, "
                "or --set openai.api_key_env=NAME of another variable"
            )
        if key and not (key.isascii() and key.isprintable() and key.strip() == key):
            raise InputError(f"${variable} holds no key that a header can hold; expected: printable ASCII")
        return key

    def _keep(self, order: Order, answer: Answer) -> None:
        """Called in the asker's thread: the reply is on the disk when this returns."""
        row = {**order.kept, "at": datetime.now(UTC).isoformat(timespec="seconds"), "reply": answer.body}
        self._store.append(order.key, self._run, answer.count, row, secret=self._key)

    def told(self) -> str:
        """How far the asking is, in a few words."""
        stats = self.stats
        parts = [f"{stats.answered:,} asked"]
        parts += [f"{self.reused:,} from the store"] if self.reused else []
        parts += [f"{stats.retried:,} sent again"] if stats.retried else []
        parts += [f"{stats.failed:,} given up"] if stats.failed else []
        return ", ".join([*parts, self.budget.told()])


def _place(request: ChatRequest) -> tuple[str, str, int]:
    """What tells a request from all others of this model."""
    return request.prompt.sha256, request.question, request.sample
