"""A small server of the page's contract: its files under the strict policy, and recorded replies to `/solve`."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import runtime

PAGE = Path(runtime.__file__).parent / "serve" / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
MODELS = {
    "models": [
        {
            "name": "nano",
            "summary": "135 million parameters, answers at once",
            "thoughts": ["pot", "eot"],
            "default_thought": "pot",
            "loaded": False,
            "modes": ["single", "vote", "fallback"],
            "calibrated": True,
            "bytes": 69_000_000,
        },
        {
            "name": "flagship",
            "summary": "half a billion parameters, slower and more often right",
            "thoughts": ["pot", "eot"],
            "default_thought": "pot",
            "loaded": True,
            "modes": ["single", "vote"],
            "calibrated": False,
            "bytes": 215_000_000,
        },
    ],
    "default": "nano",
}


def step(written: str, filled: str = "", value: str = "") -> dict[str, str]:
    """A step as a row has it."""
    name = written.partition(" = ")[0] if value else ""
    return {"written": written, "name": name, "filled": filled, "value": value}


def row(answer: str | None, text: str, **changed: Any) -> dict[str, Any]:
    """A solution's row."""
    return {
        "answer": answer,
        "status": "solved" if answer is not None else "no_solution",
        "reason": "",
        "thought": "pot",
        "text": text,
        "votes": {},
        "tokens": {"prompt": 30, "generated": 20},
        "timings_ms": {"load": 0.0, "prefill": 100.0, "decode": 700.0, "solve": 2.0, "total": 812.4},
        "model": "nano onnx:q4_0",
    } | changed


@dataclass
class Reply:
    """What comes back: a row in pieces, or an error; `breaks` ends the stream before the solution."""

    row: dict[str, Any] = field(default_factory=dict)
    pieces: int = 4
    pause_s: float = 0.0
    status: int = 200
    message: str = ""
    retry_after: str = ""
    position: int = 0
    breaks: bool = False
    stream_error: str = ""


class StubServer(ThreadingHTTPServer):
    """Answers by `replies`, by question and then by thought or mode; `requests` are the bodies that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[tuple[str, str] | str, Reply] = {}
        self.requests: list[dict[str, Any]] = []
        self.models: dict[str, Any] = MODELS
        self.token = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: StubServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/models":
            if self._admitted():
                self._json(200, self.server.models)
            return
        name = {"/": "index.html"}.get(self.path, self.path.removeprefix("/static/").removeprefix("/"))
        file = PAGE / name
        if file.is_file():
            self._send(200, TYPES[file.suffix], file.read_bytes())
        else:
            self._json(404, {"error": {"message": "no such thing"}})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._admitted():
            return
        self.server.requests.append(asked)
        replies = self.server.replies
        other = (asked["question"], asked.get("thought") or asked.get("mode") or "")
        reply = replies.get(other) or replies.get(asked["question"]) or Reply(row("7", "ans = 3 + 4"))
        if reply.status != 200:
            headers = {"Retry-After": reply.retry_after} if reply.retry_after else {}
            self._json(reply.status, {"error": {"message": reply.message}}, headers)
        else:
            self._stream(reply)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for event, data in _events(reply):
                self.wfile.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
                self.wfile.flush()
                time.sleep(reply.pause_s)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _admitted(self) -> bool:
        if self.headers.get("Authorization", "") == (
            f"Bearer {self.server.token}" if self.server.token else ""
        ):
            return True
        self._json(401, {"error": {"message": "a token is needed"}})
        return False

    def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(value).encode(), headers)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)


def _events(reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
    if reply.position:
        yield "queued", {"position": reply.position}
    if reply.stream_error:
        yield "error", {"error": {"message": reply.stream_error}}
        return
    text = reply.row.get("text", "")
    size = max(1, -(-len(text) // reply.pieces))
    for start in range(0, len(text), size):
        yield "text", {"thought": reply.row["thought"], "text": text[start : start + size]}
    if not reply.breaks:
        yield "solution", reply.row


@contextmanager
def stub_server() -> Iterator[StubServer]:
    """A running server on a port of its own."""
    with StubServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
