"""What our client takes away from a server's own throughput, and whether memory stays flat over many requests.

    python -m scripts.speed.teacher_speed                        64 at a time, a server that answers after 200 ms
    python -m scripts.speed.teacher_speed --memory 100000        a server that answers at once; memory as it goes

The server's own throughput is what a bare client reaches: one connection a stream, the same bytes again and again, no
reply read. Both are asked in turn, each in a process of its own. Ours does all that a labelling run does of it: hashes,
budget, retries, and a line in the store for each reply.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from scripts.speed.harness import Channel, arguments, memory, orders, ratio, show, workers

# A problem's question is about as long.
QUESTION = (
    "Shelf {} of the long hall holds {} old maps and as many new ones: how many maps does it hold in all? "
    * 2
)


def main() -> None:
    """Measure, and print a row for each client, or for each stretch of requests."""
    parser = arguments(__doc__)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--delay-ms", type=float, default=200.0)
    parser.add_argument("--requests", type=int, default=1920, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, default=0, help="ask this many, and watch the memory instead")
    parser.add_argument("--client", choices=["bare", "ours"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        work(given.client)
    elif given.memory:
        show(list(memory_rows(given.memory, given.streams)), given.json)
    else:
        show(speed_rows(given), given.json)


def speed_rows(given: argparse.Namespace) -> list[dict[str, Any]]:
    """One row a client: requests a second, share of the bare client's, CPU a request."""
    command = ["scripts.speed.teacher_speed", "--client"]
    seen: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    with stub(given.delay_ms) as url, workers({name: [*command, name] for name in seen}, 1) as started:
        order = orders(seen)
        for round in range(given.rounds + 1):
            for name in next(order):
                asked = {"url": url, "streams": given.streams, "requests": given.requests, "round": round}
                row = started[name].ask(asked)
                if round:  # The first one opens connections and reads modules.
                    seen[name].append(row)
    rates = {name: [row["rate"] for row in rows] for name, rows in seen.items()}
    return [
        {
            "client": name,
            "requests_per_s": round_3(sorted(rates[name])[len(rows) // 2]),
            "share_of_bare": round_3(ratio(rates[name], rates["bare"])),
            "cpu_ms_per_request": round_3(min(row["cpu_ms"] for row in rows)),
        }
        for name, rows in seen.items()
    ]


def memory_rows(count: int, streams: int) -> Iterator[dict[str, Any]]:
    """Memory of the asking process after each tenth of the requests."""
    with (
        stub(0.0) as url,
        workers({"ours": ["scripts.speed.teacher_speed", "--client", "ours"]}, 1) as started,
    ):
        for part in range(10):
            asked = {"url": url, "streams": streams, "requests": count // 10, "round": part}
            rate = started["ours"].ask(asked)["rate"]
            resident, peak = memory(started["ours"].pid)
            row = {"requests": (part + 1) * (count // 10), "requests_per_s": round_3(rate)}
            yield {**row, "resident_mb": round_3(resident / 1e6), "peak_mb": round_3(peak / 1e6)}


@contextmanager
def stub(delay_ms: float) -> Iterator[str]:
    """The address of a stub in a process of its own."""
    command = [sys.executable, "-m", "scripts.speed.stub_endpoint", "--delay-ms", str(delay_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def work(client: str) -> None:
    """The measured side: answers rows that say where, how many and how many at a time."""
    from importlib.metadata import version

    channel = Channel(f"openai {version('openai')}" if client == "ours" else "asyncio")
    with tempfile.TemporaryDirectory() as folder:
        ask = ours(Path(folder)) if client == "ours" else bare
        while (row := channel.receive()) is not None:
            cpu, began = process_time(), perf_counter()
            ask(row)
            seconds = perf_counter() - began
            cpu_ms = (process_time() - cpu) * 1e3 / row["requests"]
            channel.send({"rate": row["requests"] / seconds, "cpu_ms": cpu_ms})


def ours(folder: Path) -> Any:
    """A function that asks as a labelling run does, with one model kept open for all rounds."""
    from distill.teachers.chat.model import ChatRequest
    from distill.teachers.chat.prompts import annotation_prompt
    from distill.teachers.openai.model import OpenAIModel
    from distill.teachers.openai.settings import OpenAISettings

    models: list[OpenAIModel] = []

    def ask(row: dict[str, Any]) -> None:
        if not models:
            places = {"base_url": row["url"], "store": str(folder), "concurrency": row["streams"]}
            models.append(OpenAIModel(OpenAISettings(model="stub", **places), "speed").__enter__())
        (model,) = models
        first, prompt = row["round"] * row["requests"], annotation_prompt("eot")
        requests = (
            ChatRequest(prompt, QUESTION.format(number, number, number, number))
            for number in range(first, first + row["requests"])
        )
        waiting: list[ChatRequest] = list(islice(requests, model.ahead))
        for request in waiting:
            model.send(request)
        for place in range(row["requests"]):
            request = waiting[place % len(waiting)]
            model.reply(request)
            if (following := next(requests, None)) is not None:
                waiting[place % len(waiting)] = following
                model.send(following)

    return ask


def bare(row: dict[str, Any]) -> None:
    """As many connections as streams, each sending one and the same request and skipping what comes."""
    from distill.teachers.chat.prompts import annotation_prompt

    messages = annotation_prompt("eot").messages(QUESTION.format(1, 1, 1, 1))
    body = json.dumps({"model": "stub", "messages": messages, "max_tokens": 512}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: stub\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    port = int(row["url"].split(":")[2].split("/")[0])

    async def stream(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()

    async def all_streams() -> None:
        streams = row["streams"]
        counts = [
            row["requests"] // streams + (place < row["requests"] % streams) for place in range(streams)
        ]
        await asyncio.gather(*map(stream, counts))

    asyncio.run(all_streams())


def round_3(value: float) -> float:
    """Three digits behind the point."""
    return round(value, 3)


if __name__ == "__main__":
    main()
