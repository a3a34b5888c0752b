"""The driver's side of a peer: start it, ask it, end it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from runtime.values.errors import WorkFailed
from scripts.speed.peers.serving import Reply, Request


class Peer:
    """One rival's process."""

    def __init__(self, name: str, module: str, model: Path, threads: int) -> None:
        self.name = name
        command = [sys.executable, "-m", f"scripts.speed.peers.{module}", str(model), str(threads)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env=environment,
        )
        self.version = json.loads(self._line())["version"]

    @property
    def pid(self) -> int:
        """The process, for who watches its memory."""
        return self._process.pid

    def ask(self, request: Request) -> Reply:
        """One request answered; raises WorkFailed with the peer's last words when it dies."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        return Reply(**json.loads(self._line()))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._complaints.seek(0)
            last = [line for line in self._complaints.read().splitlines() if line.strip()][-1:]
            raise WorkFailed(f"{self.name} ended: {' '.join(last) or 'no message'}")
        return line


@contextmanager
def peers(kinds: dict[str, tuple[str, Path]], threads: int) -> Iterator[dict[str, Peer]]:
    """Start one peer for each name's module and model; all are ended afterwards."""
    started: dict[str, Peer] = {}
    try:
        for name, (module, model) in kinds.items():
            started[name] = Peer(name, module, model, threads)
        yield started
    finally:
        for peer in started.values():
            peer.close()
