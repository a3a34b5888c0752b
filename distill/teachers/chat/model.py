"""The seam between a chat teacher and whatever answers it: a server, or an engine on this machine."""

from dataclasses import dataclass
from typing import Protocol

from distill.teachers import Declined
from distill.teachers.chat.prompts import Prompt


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One thing to ask: a prompt about a question. `sample` numbers the same request asked several times."""

    prompt: Prompt
    question: str
    sample: int = 0


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
