"""A stub of an OpenAI-compatible server on loopback: answers what a function says, well or badly, as late as it says.

    python -m scripts.speed.stub_endpoint --delay-ms 200        prints its address and answers until it is killed

Tests use it in a thread of their own process. It speaks HTTP/1.1 by hand, so that it can also break it.
"""

import argparse
import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StubReply:
    """One reply; `body` is sent as JSON, or as it is where it is bytes. `cut_at` bytes of it, and the line is cut."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_at: int | None = None


def completion(text: str | None, finish_reason: str = "stop", **message: Any) -> StubReply:
    """A chat completion that says a text."""
    said = {"role": "assistant", "content": text, **message}
    return StubReply(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": "stub-1",
            "choices": [{"index": 0, "message": said, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }
    )


def failure(status: int, message: str = "no", code: str | None = None, **more: Any) -> StubReply:
    """A status that is no success, as OpenAI words it."""
    error = {"message": message, "type": "stub", "param": more.pop("param", None), "code": code}
    return StubReply({"error": error}, status, **more)


Answering = Callable[[Row], StubReply]


class StubEndpoint:
    """A context manager: a server in a thread. `asked`, `keys` and `heads` are the requests' bodies, keys and heads."""

    def __init__(self, answer: Answering, models: tuple[str, ...] = ("stub",)) -> None:
        self.asked: list[Row] = []
        self.keys: list[str] = []
        self.heads: list[str] = []
        self._answer, self._models = answer, models
        self._started = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}/v1"

    def reply(self, method: str, path: str, content: bytes) -> StubReply:
        """What is sent back for a request."""
        if method == "GET":
            return StubReply({"object": "list", "data": [_model(name) for name in self._models]})
        row = json.loads(content)
        self.asked.append(row)
        return self._answer(row)

    async def _main(self) -> None:
        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._closing.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; whether another may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        content = await reader.readexactly(int(fields.get("content-length", 0)))
        self.heads.append(head)
        method, path, _ = head.split(" ", 2)
        self.keys.append(fields.get("authorization", ""))
        reply = self.reply(method, path, content)
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        headers = {"content-type": "application/json", **reply.headers, "content-length": str(len(body))}
        lines = [f"HTTP/1.1 {reply.status} Stub", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body[: reply.cut_at])
        await writer.drain()
        return reply.cut_at is None


def _model(name: str) -> Row:
    return {"id": name, "object": "model", "created": 0, "owned_by": "stub"}


def main() -> None:
    """Serve one and the same reply until killed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--delay-ms", type=float, default=200.0)
    parser.add_argument("--text", default="ans = 6")
    given = parser.parse_args()
    reply = completion(given.text)
    body = json.dumps(reply.body).encode()
    late = StubReply(body, delay_s=given.delay_ms / 1e3)
    endpoint = StubEndpoint(lambda row: late)
    endpoint.asked = endpoint.keys = endpoint.heads = _Forgetful()
    with endpoint:
        print(endpoint.url, flush=True)
        threading.Event().wait()


class _Forgetful(list[Any]):
    """A list that keeps nothing, so that a long run does not fill the memory."""

    def append(self, item: Any) -> None:
        """Drop it."""


if __name__ == "__main__":
    main()
