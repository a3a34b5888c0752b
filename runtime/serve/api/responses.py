"""`/v1/responses` in its plain form: one message of text, whole or as events."""

import secrets
from collections.abc import Iterator
from time import time

from runtime.serve.api.replies import Reply, Row, dumped
from runtime.serve.errors import ApiError


class ResponsesFormat:
    """See `ReplyFormat`; one object a request, which numbers its events."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._created = int(time())
        self._id, self._item_id = f"resp_{secrets.token_hex(12)}", f"msg_{secrets.token_hex(12)}"
        self._number = 0
        self._told = ""

    def _row(self, status: str, output: list[Row], usage: Row | None) -> Row:
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": self._model,
            "output": output,
            "usage": usage,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
            "temperature": None,
            "top_p": None,
        }

    def whole(self, reply: Reply) -> Row:
        """See `ReplyFormat`."""
        status = "incomplete" if reply.finish_reason == "length" else "completed"
        usage = reply.usage("input_tokens", "output_tokens") | {
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        return self._row(status, [self._item(status, [self._part(reply.text)])], usage) | reply.extra

    def queued(self, position: int) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        if self._number == 0:
            yield self._event("created", response=self._row("in_progress", [], None))
            yield self._event("in_progress", response=self._row("in_progress", [], None))
            yield self._event("output_item.added", output_index=0, item=self._item("in_progress", []))
            yield self._event("content_part.added", **self._place(), part=self._part(""))

    def piece(self, thought: str, text: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        self._told += text
        yield self._event("output_text.delta", **self._place(), delta=text, logprobs=[])

    def end(self, reply: Reply, rest: str) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        if rest:
            yield from self.piece("", rest)
        whole = self.whole(reply)
        yield self._event("output_text.done", **self._place(), text=reply.text, logprobs=[])
        yield self._event("content_part.done", **self._place(), part=self._part(reply.text))
        yield self._event("output_item.done", output_index=0, item=whole["output"][0])
        yield self._event(str(whole["status"]), response=whole)

    def failed(self, error: ApiError) -> Iterator[bytes]:
        """See `ReplyFormat`."""
        row = self._row("failed", [], None) | {"error": {"code": "server_error", "message": error.message}}
        yield self._event("failed", response=row)

    def _event(self, kind: str, **fields: object) -> bytes:
        name = f"response.{kind}"
        row = {"type": name, "sequence_number": self._number, **fields}
        self._number += 1
        return f"event: {name}\ndata: {dumped(row)}\n\n".encode("ascii")

    def _item(self, status: str, content: list[Row]) -> Row:
        return {
            "type": "message",
            "id": self._item_id,
            "status": status,
            "role": "assistant",
            "content": content,
        }

    def _place(self) -> Row:
        return {"item_id": self._item_id, "output_index": 0, "content_index": 0}

    @staticmethod
    def _part(text: str) -> Row:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
