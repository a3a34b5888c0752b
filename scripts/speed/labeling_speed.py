"""How fast rationales are verified, and in how much memory: `python -m scripts.speed.labeling_speed [--rows N] [--json]`.

Writes N different rationales of our own stories into a file, runs `edgethought distill verify` on it as a user would
(solver, canonical repeats, every held-out question of EDGETHOUGHT_DATA), and watches the processes from outside.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.annotations.thoughts import WRITERS
from distill.labeling.rationale_set import read_set_manifest
from distill.stories import generate
from runtime.values.files import write_jsonl
from runtime.values.prompt import THOUGHTS
from scripts.speed.harness import arguments, show, watched

SEED = 7
LOOK_EVERY_S = 0.1


def main() -> None:
    """Measure, and print a table or one JSON row."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rationales in the file")
    parser.add_argument("--folder", type=Path, help="where the file and the set go; kept when given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show([measure(options.rows, options.folder or Path(folder))], options.json)


def measure(rows: int, folder: Path) -> dict[str, Any]:
    """Every figure by name, its unit at the end. The file is made only when it is not there."""
    file = folder / f"stories-{rows}.jsonl"
    if not file.is_file():
        write_jsonl(file, story_rows(rows))
    out = folder / "set"
    command = [sys.executable, "-m", "edgethought", "distill", "verify", str(file), "--out", str(out)]
    usage = watched(command, every_s=LOOK_EVERY_S, descendants=True)
    manifest = read_set_manifest(out)
    times = os.times()
    return {
        "rows": rows,
        "kept": manifest["rows"],
        "held_out_questions": manifest["against"]["questions"],
        "seconds": round(usage.seconds, 1),
        "rows_per_s": round(rows / usage.seconds),
        "processor_us_per_row": round((times.children_user + times.children_system) / rows * 1e6),
        "peak_all_processes_mb": round(usage.together_mb),
        "peak_largest_process_mb": round(usage.largest_mb),
        "load_average": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }


def story_rows(count: int) -> Iterator[dict[str, str | None]]:
    """Different rationales: the three thoughts of as many stories as it takes."""
    made = 0
    for story in generate("train", -(-count // len(THOUGHTS)), SEED):
        problem = story.problem
        for thought in THOUGHTS[: count - made]:
            yield {
                "id": problem.id,
                "question": problem.question,
                "answer": problem.answer,
                "thought": thought,
                "rationale": WRITERS[thought](story.annotation, problem.answer or ""),
                "teacher": "stories",
                "source": problem.source,
                "license": problem.license,
            }
        made += len(THOUGHTS)


if __name__ == "__main__":
    main()
