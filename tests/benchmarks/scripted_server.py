"""A real HTTP server on loopback that plays back replies in order and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.scoring.external.endpoint import Completions


class ScriptedServer(ThreadingHTTPServer):
    """`replies` are (status, body) or (status, body, headers); a body is JSON or bytes; then `always`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[tuple[Any, ...]] = []
        self.always: dict[str, Any] | None = None
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def completions(self, **more: Any) -> Completions:
        return Completions(self.url, "base", retry_wait_s=0.001, **more)


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
        self.server.keys.append(self.headers["Authorization"])
        status, body, *headers = (
            self.server.replies.pop(0) if self.server.replies else (200, self.server.always)
        )
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def text_reply(text: str, finish: str = "stop") -> dict[str, Any]:
    """What `/completions` answers."""
    return {
        "choices": [{"text": text, "finish_reason": finish}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 5},
    }


def chat_reply(text: str | None, finish: str = "stop") -> dict[str, Any]:
    """What `/chat/completions` answers."""
    return {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 5},
    }
