"""Replies as each endpoint writes them: whole, or as server-sent events while the text is written."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import time
from typing import Any, Protocol

from runtime.serve.errors import ApiError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: its text, why that ends (`stop` or `length`), its tokens, and the solution's row if it is one."""

    text: str
    finish_reason: str
    prompt_tokens: int
    generated_tokens: int
    solution: Row | None = None

    @property
    def extra(self) -> Row:
        """The field that OpenAI's replies do not have."""
        return {} if self.solution is None else {"solution": self.solution}

    def usage(self, prompt: str = "prompt_tokens", completion: str = "completion_tokens") -> Row:
        """Tokens, under the names that an endpoint gives them."""
        total = self.prompt_tokens + self.generated_tokens
        return {prompt: self.prompt_tokens, completion: self.generated_tokens, "total_tokens": total}


class ReplyFormat(Protocol):
    """How an endpoint writes a reply."""

    def whole(self, reply: Reply) -> Row:
        """The reply as one object."""
        ...

    def queued(self, position: int) -> Iterator[bytes]:
        """Events while the request waits; called once at least."""
        ...

    def piece(self, thought: str, text: str) -> Iterator[bytes]:
        """Events of a piece of text."""
        ...

    def end(self, reply: Reply, rest: str) -> Iterator[bytes]:
        """Events of the end; `rest` is the part of the text that no piece had."""
        ...

    def failed(self, error: ApiError) -> Iterator[bytes]:
        """Events of a reply that ends in an error."""
        ...


def dumped(row: Row) -> str:
    """JSON in plain ASCII: whatever a model or a client wrote can be sent."""
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"))


def _event(row: Row, name: str = "") -> bytes:
    return f"{f'event: {name}{chr(10)}' if name else ''}data: {dumped(row)}\n\n".encode("ascii")


_DONE = b"data: [DONE]\n\n"


class SolveFormat:
    """`/solve`: the solution's row; the text of each thought comes before it."""

    def whole(self, reply: Reply) -> Row:
        """See `ReplyFormat`."""
        assert reply.solution is not None
        return reply.solution

    def queued(self, position: int) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event({"position": position}, "queued")

    def piece(self, thought: str, text: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event({"thought": thought, "text": text}, "text")

    def end(self, reply: Reply, rest: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(self.whole(reply), "solution")

    def failed(self, error: ApiError) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(error.to_row(), "error")


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """`/v1/chat/completions`."""

    model: str
    include_usage: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time()))

    def _row(self, kind: str, choices: list[Row]) -> Row:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }

    def _chunk(self, delta: Row, finish_reason: str | None = None) -> Row:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._row("chat.completion.chunk", [choice])

    def whole(self, reply: Reply) -> Row:
        """See `ReplyFormat`."""
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
        return self._row("chat.completion", [choice]) | {"usage": reply.usage()} | reply.extra

    def queued(self, position: int) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        # A comment: clients pass it by.
        yield f": {position} before this one\n\n".encode("ascii")

    def piece(self, thought: str, text: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(self._chunk({"role": "assistant", "content": text}))

    def end(self, reply: Reply, rest: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        if rest:
            yield from self.piece("", rest)
        yield _event(self._chunk({}, reply.finish_reason) | reply.extra)
        if self.include_usage:
            yield _event(self._row("chat.completion.chunk", []) | {"usage": reply.usage()})
        yield _DONE

    def failed(self, error: ApiError) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(error.to_row())
        yield _DONE


@dataclass(frozen=True, slots=True)
class CompletionFormat:
    """`/v1/completions`."""

    model: str
    include_usage: bool = False
    id: str = field(default_factory=lambda: f"cmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time()))

    def _row(self, choices: list[Row]) -> Row:
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }

    def _choice(self, text: str, finish_reason: str | None) -> Row:
        return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish_reason}

    def whole(self, reply: Reply) -> Row:
        """See `ReplyFormat`."""
        row = self._row([self._choice(reply.text, reply.finish_reason)])
        return row | {"usage": reply.usage()} | reply.extra

    def queued(self, position: int) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield f": {position} before this one\n\n".encode("ascii")

    def piece(self, thought: str, text: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(self._row([self._choice(text, None)]))

    def end(self, reply: Reply, rest: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(self._row([self._choice(rest, reply.finish_reason)]) | reply.extra)
        if self.include_usage:
            yield _event(self._row([]) | {"usage": reply.usage()})
        yield _DONE

    def failed(self, error: ApiError) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        yield _event(error.to_row())
        yield _DONE
