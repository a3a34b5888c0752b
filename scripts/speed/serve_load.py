"""What a server adds to its engine: `python -m scripts.speed.serve_load nano [--part throughput|first|clients|memory]`.

A server and `Model.answer_batch` in another process answer the same GSM8K dev questions in turn, so that what else the
machine does falls on both: throughput (generated tokens a second), and the time to a first token of a question alone.
Rates are of answers that end while all slots are taken: after a warm-up, before anything is left to its tail.
`clients`: so many at once, each with its own token, for a while: errors, and how evenly they wait. `memory`: short
requests one after the other, and what the server's process holds meanwhile. The clients are httpx's, on the same cores.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from runtime.answering.default_model import named_artifact
from runtime.answering.pipeline import Model, load
from scripts.speed.harness import (
    SETTLE_S,
    Channel,
    Worker,
    arguments,
    dev_questions,
    memory,
    orders,
    ratio,
    show,
    workers,
)

if TYPE_CHECKING:
    import httpx

PARTS = ("throughput", "first", "clients", "memory")
MODULE = "scripts.speed.serve_load"
# Before a window: slots fill, and texts of all lengths are under way.
WARM_UP_S = 8.0
QUESTIONS = 256


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs: its address, its process, and one token a client."""

    url: str
    pid: int
    tokens: tuple[str, ...]

    def client(self, number: int = 0) -> "httpx.AsyncClient":
        """The connection of one client."""
        import httpx

        token = self.tokens[number % len(self.tokens)]
        return httpx.AsyncClient(
            base_url=self.url, headers={"authorization": f"Bearer {token}"}, timeout=httpx.Timeout(300)
        )


def main() -> None:
    """Measure one part or all, and print a row each."""
    parser = arguments(__doc__)
    parser.add_argument("model")
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--window", type=float, default=20.0, help="seconds of a round of throughput")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="of clients")
    parser.add_argument("--requests", type=int, default=10_000, help="of memory")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        answer_rows(options.model, options.streams)
        return
    with server(options.model, options.streams, options.clients) as served:
        parts = [options.part] if options.part else PARTS
        rows = [row for part in parts for row in _MEASURES[part](served, options)]
    for row in rows:
        show([row], options.json)


@contextmanager
def server(model: str, streams: int, clients: int) -> Iterator[Served]:
    """A server with a token a client."""
    tokens = tuple(f"client-{number:04d}-of-serve-load" for number in range(clients))
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write("\n".join(tokens))
        file.flush()
        command = [sys.executable, "-m", "edgethought", "serve", model, "--port", "0"]
        command += ["--token-file", file.name, "--streams", str(streams), "--queue", "100000"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield Served(process.stdout.readline().split()[-1], process.pid, tokens)
            finally:
                process.terminate()
                process.wait()


@contextmanager
def engine(options: argparse.Namespace) -> Iterator[Worker]:
    """The same artifact in a process of its own, without a server."""
    command = [MODULE, options.model, "--streams", str(options.streams), "--worker"]
    with workers({"engine": command}, threads=1) as started:
        yield started["engine"]


def answer_rows(name: str, streams: int) -> None:
    """The worker: questions in a batch, or one alone up to its first token, on slots like the server's."""
    with load(named_artifact(Path(name))) as model:
        channel = Channel(model.manifest.name)
        while (row := channel.receive()) is not None:
            if "first" in row:
                channel.send({"ms": first_token_ms(model, row["first"], streams)})
                continue
            channel.send(engine_window(model, streams, row["window"]))


def engine_window(model: Model, streams: int, seconds: float) -> dict[str, float]:
    """Tokens, and seconds of the processor, of answers that end within a window of a batch that always has more."""
    questions = cycle(dev_questions(QUESTIONS))
    with model.running_batch(streams) as solver:
        tokens, begun, before = 0, perf_counter() + WARM_UP_S, 0.0
        for job, tried in solver.finished(lambda: model.job(next(questions))):
            now = perf_counter()
            if now >= begun:
                before = before or process_time()
                tokens += job.solution(tried).generated_tokens
            if now >= begun + seconds:
                break
        return {"tokens": tokens, "seconds": perf_counter() - begun, "processor_s": process_time() - before}


def first_token_ms(model: Model, questions: Sequence[str], streams: int) -> list[float]:
    """The time from each question to its first token, one question after the other."""
    taken: list[float] = []
    with model.running_batch(streams) as solver:
        # The first one opens the slots.
        for question in (questions[0], *questions):
            started, firsts = perf_counter(), list[float]()

            def follow(place: int, writing: object, firsts: list[float] = firsts) -> bool:
                firsts.append(perf_counter())
                return True

            jobs = iter([model.job(question, follow=follow)])
            for _ in solver.finished(lambda jobs=jobs: next(jobs, None)):  # type: ignore[misc]
                taken.append((firsts[0] - started) * 1e3)
    return taken[1:]


def throughput(served: Served, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Tokens a second of the server and of the engine, the same questions in turn; whole replies, and streams."""
    rates: dict[str, list[float]] = {"engine": [], "whole": [], "stream": []}
    # The same of processor time, which other programs do not take away.
    worked: dict[str, list[float]] = {name: [] for name in rates}
    with engine(options) as worker:
        for order in islice(orders(rates), options.rounds):
            for name in order:
                if name == "engine":
                    row = worker.ask({"window": options.window})
                else:
                    row = asyncio.run(_window(served, options, stream=name == "stream"))
                rates[name].append(row["tokens"] / row["seconds"])
                worked[name].append(row["tokens"] / row["processor_s"])
    yield {
        "engine, tokens/s": round(median(rates["engine"]), 1),
        "engine, tokens/s of processor time": round(median(worked["engine"]), 1),
        **{
            f"{told}, of the engine's rate{of}": round(ratio(found[name], found["engine"]), 3)
            for of, found in (("", rates), (" of processor time", worked))
            for name, told in (("whole", "server"), ("stream", "server with streams"))
        },
    }


def processor_s(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _window(served: Served, options: argparse.Namespace, *, stream: bool) -> dict[str, float]:
    """The same of the server, whose clients each ask the next question as soon as they have an answer."""
    waiting = cycle(dev_questions(QUESTIONS))
    ended: list[tuple[float, int]] = []

    async def ask(client: "httpx.AsyncClient") -> None:
        for question in waiting:
            row = await _row(client, question, stream=stream)
            ended.append((perf_counter(), row["tokens"]["generated"]))

    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(served.client(number)) for number in range(options.clients)
        ]
        asking = [asyncio.create_task(ask(client)) for client in clients]
        await asyncio.sleep(WARM_UP_S)
        begun, before = perf_counter(), processor_s(served.pid)
        await asyncio.sleep(options.window)
        seconds, worked = perf_counter() - begun, processor_s(served.pid) - before
        for task in asking:
            task.cancel()
        for one in await asyncio.gather(*asking, return_exceptions=True):
            if not isinstance(one, asyncio.CancelledError):
                raise one if isinstance(one, BaseException) else ValueError("a client that ended")
    # What is left of the last window's requests ends before another one begins.
    await asyncio.sleep(SETTLE_S)
    return {
        "tokens": sum(tokens for when, tokens in ended if begun <= when <= begun + seconds),
        "seconds": seconds,
        "processor_s": worked,
    }


async def _row(client: "httpx.AsyncClient", question: str, *, stream: bool) -> dict[str, Any]:
    if not stream:
        reply = await client.post("/solve", json={"question": question})
        return dict(reply.raise_for_status().json())
    async for name, data, _ in _events(client, question):
        if name == "solution":
            return data
    raise ValueError("a stream without a solution")


async def _events(
    client: "httpx.AsyncClient", question: str
) -> AsyncGenerator[tuple[str, dict[str, Any], float], None]:
    """Name, data and time of each event."""
    async with client.stream("POST", "/solve", json={"question": question, "stream": True}) as reply:
        name = ""
        async for line in reply.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                yield name, json.loads(line[6:]), perf_counter()


def first(served: Served, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The time to a first token of a question alone, by the server's client and by the engine, in turn."""
    questions = dev_questions(12)
    theirs: list[float] = []
    ours: list[float] = []
    with engine(options) as worker:
        for _ in range(options.rounds):
            theirs += worker.ask({"first": questions})["ms"]
            ours += asyncio.run(_first_ms(served, questions))
    more = [one - other for one, other in zip(ours, theirs, strict=True)]
    yield {
        "first token, engine, ms": round(median(theirs), 1),
        "first token, server, ms": round(median(ours), 1),
        "server's more, median, ms": round(median(more), 1),
    }


async def _first_ms(served: Served, questions: Sequence[str]) -> list[float]:
    taken: list[float] = []
    async with served.client() as client:
        for question in questions:
            started = perf_counter()
            async with aclosing(_events(client, question)) as events:
                async for name, _, when in events:
                    if name == "text":
                        taken.append((when - started) * 1e3)
                        break
            # The server ends what nobody reads: the next question is alone again.
            await asyncio.sleep(SETTLE_S)
    return taken


def clients(served: Served, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Many clients for a while: errors, and the 95th percentile of each one's wait for its first text."""
    waits = asyncio.run(_busy(served, options.clients, options.seconds))
    answered = [one for one in waits if one]
    each = sorted(_p95(one) for one in answered)
    yield {
        "clients": len(waits),
        "requests answered": sum(map(len, waits)),
        "clients without an answer": len(waits) - len(answered),
        "first text, median of the 95th percentiles, ms": round(median(each)),
        "slowest client's over the quickest's": round(each[-1] / each[0], 2),
    }


async def _busy(served: Served, count: int, seconds: float) -> list[list[float]]:
    """Waits for a first text of each client, in milliseconds; raises for the first error, or a stream without an end."""
    until = perf_counter() + seconds
    questions = dev_questions(256)

    async def ask(number: int) -> list[float]:
        waits: list[float] = []
        async with served.client(number) as client:
            for question in islice(cycle(questions), number * 7, None):
                if perf_counter() >= until:
                    return waits
                started, told, ended = perf_counter(), 0.0, False
                async for name, _, when in _events(client, question):
                    told, ended = told or (when if name == "text" else 0.0), name == "solution"
                assert ended, "a stream without a solution"
                waits.append((told - started) * 1e3)
        return waits

    return list(await asyncio.gather(*map(ask, range(count))))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def flat_memory(served: Served, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What the server's process holds after each tenth of many short requests, in MB."""
    held: list[float] = []
    started = perf_counter()
    for _ in range(10):
        asyncio.run(_short(served, options.requests // 10, options.clients))
        held.append(round(memory(served.pid)[0] / 1e6, 1))
    yield {
        "requests": options.requests,
        "requests/s": round(options.requests / (perf_counter() - started), 1),
        "held after the first tenth, MB": held[0],
        "held at the end, MB": held[-1],
        "after each tenth, MB": held,
    }


async def _short(served: Served, count: int, clients: int) -> None:
    left = iter(range(count))

    async def ask(number: int) -> None:
        async with served.client(number) as client:
            for place in left:
                body = {"model": f"{model}:raw", "prompt": f"Question: {place} + 1?", "max_tokens": 1}
                (await client.post("/v1/completions", json=body)).raise_for_status()

    async with served.client() as client:
        model = (await client.get("/models")).json()["default"]
    await asyncio.gather(*map(ask, range(clients)))


_MEASURES = {"throughput": throughput, "first": first, "clients": clients, "memory": flat_memory}


if __name__ == "__main__":
    main()
