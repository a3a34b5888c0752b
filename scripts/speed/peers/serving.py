"""How a peer talks to the driver: requests on standard input, replies on standard output, one JSON object a line."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Request:
    """What every peer is asked: one question, its prompt's ids, the same limit, greedy, the same end tokens.

    `samples` above 1 and `questions` (many at once, instead of the one) are for us only.
    """

    question: str
    ids: tuple[int, ...]
    end: tuple[int, ...]
    max_tokens: int
    samples: int = 1
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `first_ms` is the time to the first token, 0 where the library does not tell."""

    text: str
    tokens: int
    total_ms: float
    first_ms: float = 0.0


# One request answered: the text, its number of tokens, and when (`perf_counter`) the first token was there, or None.
Answer = Callable[[Request], tuple[str, int, float | None]]


def serve(version: str, answer: Answer) -> None:
    """Say that the peer is ready, then answer until standard input closes. What libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    print(json.dumps({"version": version}), file=out, flush=True)
    for line in sys.stdin:
        row = json.loads(line)
        request = Request(**{**row, "ids": tuple(row["ids"]), "end": tuple(row["end"])})
        started = perf_counter()
        text, tokens, first = answer(request)
        ended = perf_counter()
        first_ms = 0.0 if first is None else (first - started) * 1e3
        print(
            json.dumps(asdict(Reply(text, tokens, (ended - started) * 1e3, first_ms))), file=out, flush=True
        )
