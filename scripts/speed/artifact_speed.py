"""Artifacts against each other: `python -m scripts.speed.artifact_speed FIRST OTHER...`: size, prefill, decode, memory.

Every artifact runs in a process of its own, engine alone; each reads the questions in its own tokens. Figures are
medians, and a ratio is the median of each question's own ratio to the first artifact.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from runtime.values.manifest import read_manifest
from scripts.speed.harness import arguments, memory, orders, ratio, show
from scripts.speed.peers.client import ask, peers, requests
from scripts.speed.peers.rivals import Reply

WARM_UP = 2
# A fixed length: an untaught base writes on until it is stopped anyway.
TOKENS = 96


def main() -> None:
    """Measure, and print a table or one JSON row an artifact."""
    parser = arguments(__doc__)
    parser.add_argument("artifacts", type=Path, nargs="+", help="artifact folders; ratios are to the first")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    show(compare(options.artifacts, options.problems, options.threads), options.json)


def compare(artifacts: Sequence[Path], problems: int, threads: int) -> list[dict[str, Any]]:
    """One row an artifact: megabytes, tokens a second, ratios (above 1: faster than the first), peak memory."""
    asked = {str(path): requests(path, problems, TOKENS) for path in artifacts}
    replies: dict[str, list[Reply]] = {name: [] for name in asked}
    with peers({name: ("ours_loop", Path(name)) for name in asked}, threads) as running:
        for name, peer in running.items():
            for request in asked[name][:WARM_UP]:
                ask(peer, request)
        for place, order in zip(range(problems), orders(running), strict=False):
            for name in order:
                replies[name].append(ask(running[name], asked[name][place]))
        peaks = {name: memory(peer.pid)[1] for name, peer in running.items()}
    rates = {name: [reply.tokens_per_s for reply in own] for name, own in replies.items()}
    return [
        {
            "artifact": name,
            "MB": round(read_manifest(Path(name)).bytes / 1e6, 1),
            "prompt tokens": round(median(len(request.ids) for request in asked[name])),
            "first token ms": round(median(reply.first_ms for reply in replies[name]), 1),
            "decode tok/s": round(median(rates[name]), 1),
            "decode ratio": round(ratio(rates[name], rates[str(artifacts[0])]), 3),
            "peak MB": round(peaks[name] / 1e6),
            "threads": threads,
            "problems": problems,
        }
        for name in asked
    ]


if __name__ == "__main__":
    main()
