"""How many replies are read a second, and how often rightly, beside lm-evaluation-harness's flexible filter.

`python -m scripts.speed.extraction_speed RATIONALES.jsonl.gz [--rows N] [--json]` reads stored chains of thought: rows
with `rationale` and the gold `answer`.
"""

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.scoring.external.extraction import extract_answer
from benchmarks.scoring.external.lm_eval_filters import flexible, number
from runtime.values.answers import matches_gold
from runtime.values.errors import EdgethoughtError, InputError
from runtime.values.files import read_jsonl
from scripts.speed.harness import arguments, show

ROUNDS = 3


def strictly(text: str) -> Fraction | None:
    """The value by our strict reading."""
    reading = extract_answer(text).strict
    return reading.value if reading else None


def flexibly(text: str) -> Fraction | None:
    """The value by our flexible reading."""
    reading = extract_answer(text).flexible
    return reading.value if reading else None


def by_filter(text: str) -> Fraction | None:
    """The value by lm-eval's flexible filter."""
    return number(flexible(text))


READERS: dict[str, Callable[[str], Fraction | None]] = {
    "strict": strictly,
    "flexible": flexibly,
    "lm-eval's flexible filter": by_filter,
}


def measure(name: str, replies: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """One reader on pairs of a reply and its gold answer; the best of three rounds, in processor time."""
    read = READERS[name]
    took_s = []
    for _ in range(ROUNDS):
        started = process_time()
        values = [read(text) for text, _ in replies]
        took_s.append(process_time() - started)
    right = sum(matches_gold(value, gold) for value, (_, gold) in zip(values, replies, strict=True))
    return {
        "reader": name,
        "replies": len(replies),
        "characters each": round(sum(len(text) for text, _ in replies) / len(replies)),
        "right": right,
        "replies a second": round(len(replies) / max(min(took_s), 1e-9)),
    }


def main() -> int:
    """Measure every reader on a file."""
    parser = arguments(__doc__)
    parser.add_argument("rationales", type=Path, help="rows with `rationale` and `answer`")
    parser.add_argument("--rows", type=int, default=2_000, help="the first so many rows")
    given = parser.parse_args()
    try:
        rows = islice(read_jsonl(given.rationales), given.rows)
        replies = [
            (str(row["rationale"]), str(row["answer"]))
            for row in rows
            if row.keys() >= {"rationale", "answer"}
        ]
        if not replies:
            raise InputError(f"{given.rationales} holds no replies; expected: rows with rationale and answer")
    except EdgethoughtError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    show([measure(name, replies) for name in READERS], given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
