"""The seam between a chat teacher and whatever answers it: a server, or an engine on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from distill.teachers.chat.prompts import Prompt
from runtime.values.rationale import Declined


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One thing to ask: a prompt about a question. `sample` numbers the same request asked several times."""

    prompt: Prompt
    question: str
    sample: int = 0

    def row(self) -> dict[str, Any]:
        """What a store's row says of it, beside the reply."""
        prompt = {"prompt": self.prompt.name, "prompt_sha256": self.prompt.sha256}
        return {**prompt, "question": self.question, "sample": self.sample}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said; `request` is the hash of what it was asked, `model` what the server calls itself.

    `finish_reason` is the server's word: `stop`, `length`, `content_filter`. `logprob` is the sum over the reply's
    tokens, None where the server gives none.
    """

    text: str
    finish_reason: str
    request: str
    model: str
    refusal: str = ""
    logprob: float | None = None


class ChatModel(Protocol):
    """Answers requests, many at a time."""

    @property
    def name(self) -> str:
        """What rationale sets call it."""

    @property
    def source(self) -> str:
        """Where its texts are from."""

    @property
    def ahead(self) -> int:
        """How many requests to send before the reply to the first of them is waited for."""

    def send(self, request: ChatRequest) -> None:
        """Begin to ask, if this was never asked before; returns at once."""

    def reply(self, request: ChatRequest) -> Reply | Declined:
        """The reply, waited for, or why there is none; raises WorkFailed or InputError where none can be had."""


class StoredModel(ChatModel, Protocol):
    """A chat model that keeps every reply, so that what was ever asked is not asked again."""

    # Called now and then while a reply is waited for.
    tick: Callable[[], None]

    @property
    def folder(self) -> Path:
        """Where its replies are kept."""

    @property
    def replies(self) -> int:
        """How many replies it has by now of what it was asked for."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Fields of a request that turned out not to be taken."""

    def told(self) -> str:
        """How far the asking is and what it has cost, in a few words."""
