"""Artifacts against each other: `python -m scripts.speed.artifact_speed FIRST OTHER...`: size, prefill, decode, memory.

Every artifact runs in a process of its own, engine alone. One question goes to every artifact before the next does, in
an order that changes with every question; each reads it in its own tokens. Figures are medians, and a ratio is the
median of each question's own ratio to the first artifact.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

from benchmarks.scoring.machine import describe_machine
from benchmarks.scoring.scoring_job import subsample
from benchmarks.tasks.loading import load_scoring
from benchmarks.tasks.splits import DEV
from runtime.engines.opening import open_engine
from runtime.values.manifest import read_manifest
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt
from scripts.speed.peers.client import Peer, peers
from scripts.speed.peers.serving import Reply, Request

# A library's threads go on spinning after their work; the next one must find the cores free.
SETTLE_S = 0.15
WARM_UP = 2
# A fixed length: an untaught base writes on until it is stopped anyway.
TOKENS = 96


def main() -> None:
    """Measure, and print a table or one JSON row an artifact."""
    parser = argparse.ArgumentParser(description="Artifacts against each other, interleaved.")
    parser.add_argument("artifacts", type=Path, nargs="+", help="artifact folders; ratios are to the first")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object an artifact")
    options = parser.parse_args()
    rows = compare(options.artifacts, options.problems, options.threads)
    if options.json:
        print("\n".join(json.dumps(row) for row in rows))
        return
    machine = describe_machine()
    print(
        f"{options.problems} problems of gsm8k dev, {options.threads} threads, {machine.cpu}, {machine.cores} cores"
    )
    print("| " + " | ".join(rows[0]) + " |")
    print("|---" * len(rows[0]) + "|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


def compare(artifacts: Sequence[Path], problems: int, threads: int) -> list[dict[str, Any]]:
    """One row an artifact: megabytes, tokens a second, ratios (above 1: faster than the first), peak memory."""
    chosen = subsample(list(load_scoring("gsm8k", DEV)), problems, 0)
    asked = {str(path): list(_requests(path, chosen)) for path in artifacts}
    replies: dict[str, list[Reply]] = {name: [] for name in asked}
    names = list(asked)
    with peers({name: ("ours_loop", Path(name)) for name in names}, threads) as running:
        for name in names:
            for request in asked[name][:WARM_UP]:
                running[name].ask(request)
        for place in range(len(chosen)):
            turn = place % len(names)
            for name in names[turn:] + names[:turn]:
                sleep(SETTLE_S)
                replies[name].append(running[name].ask(asked[name][place]))
        memory = {name: _peak_mb(peer) for name, peer in running.items()}
    first = names[0]
    return [
        {
            "artifact": name,
            "MB": round(read_manifest(Path(name)).bytes / 1e6, 1),
            "prompt tokens": round(median(len(request.ids) for request in asked[name])),
            "first token ms": round(median(reply.first_ms for reply in replies[name]), 1),
            "decode tok/s": round(median(map(_rate, replies[name])), 1),
            "decode ratio": round(_ratio(replies[name], replies[first]), 3),
            "peak MB": memory[name],
        }
        for name in names
    ]


def _requests(artifact: Path, problems: Sequence[Problem]) -> Iterator[Request]:
    """The problems as prompts in an artifact's own tokens."""
    manifest = read_manifest(artifact)
    engine = open_engine(artifact)
    for problem in problems:
        ids = engine.encode(render_prompt(problem.question, manifest.default_thought))
        yield Request(problem.question, tuple(ids), manifest.end_tokens, TOKENS)
    engine.close()


def _peak_mb(peer: Peer) -> int:
    """The most resident memory that a peer held, in megabytes; 0 where there is no /proc."""
    status = Path(f"/proc/{peer.pid}/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    peak = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return round(peak[0] * 1024 / 1e6) if peak else 0


def _rate(reply: Reply) -> float:
    return (reply.tokens - 1) / (reply.total_ms - reply.first_ms) * 1e3 if reply.tokens > 1 else 0.0


def _ratio(ours: Sequence[Reply], first: Sequence[Reply]) -> float:
    pairs = [(_rate(one), _rate(other)) for one, other in zip(ours, first, strict=True)]
    return median(one / other for one, other in pairs if one and other)


if __name__ == "__main__":
    main()
