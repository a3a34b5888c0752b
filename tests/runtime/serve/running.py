"""A real server on a free port, over engines whose replies are known."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from runtime.answering.pipeline import Model
from runtime.serve.api.desk import Desk
from runtime.serve.metrics import Metrics
from runtime.serve.server import address, http_server
from runtime.serve.settings import ServeSettings
from runtime.serve.work.models import Models, ServedModel
from runtime.solver.solver import Solver
from tests.runtime.fake_engine import FakeEngine, fake_manifest

PENS = "A pen costs $3. How much do 7 pens cost?"
REPLIES = {
    "pens cost?\nEquations:": "pens = 7\nans = pens * 3\n",
    "pens cost?\nProgram:": "ans = 7 * 3\n",
    "Endless": "ans = 1 + ",
    "Broken\nEquations:": "ans = (\n",
    "Broken\nProgram:": "ans = 4\n",
    "Once upon": " a time there was END of it",
    "Equations:": "ans = 5\n",
}


class SlowEngine(FakeEngine):
    """A `FakeEngine` whose steps take a time, and whose replies to `Endless` prompts never end."""

    def __init__(self, step_s: float = 0.0) -> None:
        super().__init__(REPLIES)
        self.step_s = step_s

    def generate(self, prompt, decoding=None, *, shared=0):  # type: ignore[no-untyped-def]
        text = self.decode(prompt)
        self.prompts.append(text)
        reply = next((reply for key, reply in self.replies.items() if key in text), "")
        for index in range(decoding.max_tokens):
            if index >= len(reply) and "Endless" not in text:
                return
            self.generated += 1
            yield ord(reply[index % len(reply)])

    def streams(self, slots, max_len, contexts=1, *, states=False):  # type: ignore[no-untyped-def]
        streams = super().streams(slots, max_len, contexts, states=states)
        step = streams.step

        def slow_step():  # type: ignore[no-untyped-def]
            threading.Event().wait(self.step_s)
            return step()

        streams.step = slow_step  # type: ignore[method-assign]
        return streams


@dataclass
class Running:
    """A server that runs: its address, its models, and the engines that they opened."""

    url: str = ""
    models: Models | None = None
    engines: dict[str, list[SlowEngine]] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None
    ended: bool = False

    def end(self) -> None:
        """What a first signal does."""
        assert self.loop
        self.loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        assert self.models
        self.http.should_exit = True
        self.models.refuse()


@contextmanager
def running(
    monkeypatch: pytest.MonkeyPatch,
    settings: ServeSettings | None = None,
    *,
    names: tuple[str, ...] = ("fake",),
    step_s: float = 0.0,
    model_bytes: int = 1000,
) -> Iterator[Running]:
    """Serve models of these names until the block ends."""
    settings = settings or ServeSettings(port=0)
    server, started = Running(), threading.Event()

    def load(folder: Path) -> Model:
        engine = SlowEngine(step_s)
        server.engines.setdefault(folder.name, []).append(engine)
        return Model(engine, fake_manifest(max_tokens=200), Solver(workers=1).__enter__(), streams=4)

    async def serve(listener: socket.socket) -> None:
        served = [
            ServedModel(name, Path(name), fake_manifest(max_tokens=200), model_bytes, False) for name in names
        ]
        server.models = models = Models(served, settings)
        desk = Desk(models, settings, Metrics())
        server.loop = asyncio.get_running_loop()
        try:
            await models.open_first()
            server.http = http_server(desk)
            server.url = address(listener)
            started.set()
            await server.http.serve(sockets=[listener])
        finally:
            await models.close()
            desk.close()

    def run() -> None:
        try:
            with socket.create_server((settings.host, 0)) as listener:
                asyncio.run(serve(listener))
        finally:
            server.ended = True
            started.set()

    monkeypatch.setattr("runtime.serve.work.models.load", load)
    # Every model that is loaded takes so much.
    grown = count(0, model_bytes)
    monkeypatch.setattr("runtime.serve.work.models.resident_bytes", lambda: next(grown))
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(run)
        started.wait(30)
        try:
            if not server.ended:
                yield server
        finally:
            if not server.ended:
                server.end()
        ran.result(30)
