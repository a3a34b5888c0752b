"""A proxy that gives one reply to one request, so that two programs can be compared on the very same completions.

`python -m scripts.speed.recording_proxy http://127.0.0.1:8000/v1 --store replies.jsonl --port 8001` stands between an
OpenAI-compatible server and whoever asks it. The first time a prompt comes, the server answers and the reply is
stored; after that the store answers. A server that keeps parts of earlier prompts answers a prompt a little
differently depending on what it was asked before; here it cannot. `GET /stats` counts both.
"""

import argparse
import hashlib
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from runtime.values.files import read_jsonl

TIMEOUT_S = 900.0
# What changes nothing in a greedy request to one model.
IGNORED = frozenset({"model", "seed", "user"})


def request_key(path: str, body: dict[str, Any]) -> str:
    """One hash for requests that ask for the same greedy completion."""
    asked = {name: _single(value) for name, value in body.items() if name not in IGNORED}
    row = {**asked, "path": path, "stop": sorted(body.get("stop") or [])}
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def _single(value: Any) -> Any:
    """A list of one prompt is that prompt; 0 and 0.0 are one temperature."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return float(value) if isinstance(value, int) else value


class RecordingProxy(ThreadingHTTPServer):
    """Listens on loopback; `upstream` is the server's base address, `store` the JSONL file of replies."""

    def __init__(self, upstream: str, store: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = upstream.rstrip("/")
        self.store = store
        # One request at a time: a reply must be stored before the same request is looked up again.
        self.lock = threading.Lock()
        self.replies = {row["key"]: row["reply"] for row in read_jsonl(store)} if store.exists() else {}
        self.counts = {"asked": 0, "replayed": 0}

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body for one request; only a reply that came with status 200 is stored."""
        key = request_key(path, body)
        with self.lock:
            if key in self.replies:
                self.counts["replayed"] += 1
                return 200, json.dumps(self.replies[key]).encode()
            self.counts["asked"] += 1
            status, data = _ask(self.upstream + path, body)
            if status == 200:
                self.replies[key] = json.loads(data)
                with self.store.open("a", encoding="utf-8") as out:
                    out.write(json.dumps({"key": key, "reply": self.replies[key]}) + "\n")
            return status, data


def _ask(url: str, body: dict[str, Any]) -> tuple[int, bytes]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 502, json.dumps({"error": str(error)}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: RecordingProxy

    def do_GET(self) -> None:
        self._reply(200, json.dumps(self.server.counts).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.removeprefix("/v1")
        self._reply(*self.server.answer(path, body))

    def _reply(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the one who asks shows progress."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        description="Record an OpenAI-compatible server's replies and replay them."
    )
    parser.add_argument("upstream", help="the server's base address, such as http://127.0.0.1:8000/v1")
    parser.add_argument("--store", type=Path, required=True, help="JSONL file of replies")
    parser.add_argument("--port", type=int, default=8001)
    given = parser.parse_args()
    RecordingProxy(given.upstream, given.store, given.port).serve_forever()


if __name__ == "__main__":
    main()
