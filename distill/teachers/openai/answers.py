"""What a server answers: a chat completion as JSON, checked once when it comes, and read when it is wanted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from distill.teachers.chat.model import Reply
from distill.teachers.chat.store import TokenCount
from runtime.values.errors import EdgethoughtError

BUSY = 429
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """A chat completion as it came, and the tokens that it took."""

    body: dict[str, Any]
    count: TokenCount


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer, in a word, and in a line for people.

    `again`: it may come if asked again, after `wait_s` where the server says so. `adapted`: it will be asked otherwise.
    `never`: not to this request. `stop`: to no request, for the reason that `error` tells the user.
    """

    what: Literal["again", "adapted", "never", "stop"]
    reason: str
    detail: str = ""
    wait_s: float | None = None
    error: EdgethoughtError | None = None


def read_answer(content: bytes, sent_bytes: int) -> Answer | Fault:
    """A completion from the bytes of a response. What is none is a fault of the server, worth asking again."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return Fault("again", "bad_reply", f"no JSON: {quoted(content[:200])}")
    if not isinstance(body, dict):
        return Fault("again", "bad_reply", f"{type(body).__name__}, expected: an object")
    if isinstance(error := body.get("error"), dict):  # as OpenRouter does, with status 200
        reason = "rate_limited" if error.get("code") == BUSY else "server_error"
        return Fault("again", reason, quoted(str(error.get("message", "")).encode()))
    choices = body.get("choices")
    if choices == []:
        return Fault("again", "empty_choices")
    try:
        assert choices is not None
        message = choices[0]["message"]
        text = _text(message["content"])
    except (LookupError, TypeError, AssertionError):
        return Fault("again", "bad_reply", f"no completion: {quoted(content[:200])}")
    return Answer(body, _tokens(body.get("usage"), sent_bytes, len(text.encode())))


def _tokens(usage: Any, sent_bytes: int, answered_bytes: int) -> TokenCount:
    """The tokens as the server counts them, or as far as text tells."""
    try:
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        return TokenCount(int(usage["prompt_tokens"]), int(usage["completion_tokens"]), int(cached))
    except (AttributeError, LookupError, TypeError, ValueError):
        return TokenCount(sent_bytes // _BYTES_PER_TOKEN, answered_bytes // _BYTES_PER_TOKEN)


def stored_reply(row: Mapping[str, Any]) -> Reply:
    """A row of the reply store as what the model said."""
    body = row["reply"]
    choice = body["choices"][0]
    message = choice["message"]
    return Reply(
        text=_text(message["content"]),
        finish_reason=str(choice.get("finish_reason") or ""),
        request=row["key"],
        model=str(body.get("model") or ""),
        refusal=str(message.get("refusal") or ""),
        logprob=_logprob(choice.get("logprobs")),
    )


def _text(content: Any) -> str:
    """A message's content: text, parts of text, or nothing."""
    if isinstance(content, list):
        return "".join(str(part["text"]) for part in content if part.get("type") == "text")
    if content is not None and not isinstance(content, str):
        raise TypeError(f"content is {type(content).__name__}")
    return content or ""


def _logprob(logprobs: Any) -> float | None:
    try:
        return round(sum(float(token["logprob"]) for token in logprobs["content"]), 4)
    except (LookupError, TypeError, ValueError):
        return None


def quoted(content: bytes) -> str:
    """Words of a server in one short line."""
    return " ".join(content.decode("utf-8", "replace").split())[:200]
