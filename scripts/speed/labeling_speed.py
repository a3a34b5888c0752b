"""How fast rationales are verified, and in how much memory: `python -m scripts.speed.labeling_speed [--rows N] [--json]`.

Writes N different rationales of our own stories into a file, runs `edgethought distill verify` on it as a user would
(solver, canonical repeats, every held-out question of EDGETHOUGHT_DATA), and watches the processes from outside.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distill.labeling.rationale_set import read_set_manifest
from distill.stories import generate
from distill.teachers.gold.teacher import WRITERS
from runtime.values.errors import WorkFailed
from runtime.values.files import write_jsonl
from runtime.values.prompt import THOUGHTS

ROWS = 1_000_000
SEED = 7
WATCH_EVERY_S = 0.5


def main() -> None:
    """Measure, and print a table or one JSON row."""
    arguments = argparse.ArgumentParser(description="How fast rationales are verified.")
    arguments.add_argument("--rows", type=int, default=ROWS, help="rationales in the file")
    arguments.add_argument("--folder", type=Path, help="where the file and the set go; kept when given")
    arguments.add_argument("--json", action="store_true", help="print one JSON row")
    options = arguments.parse_args()
    if options.folder is None:
        with tempfile.TemporaryDirectory() as folder:
            row = measure(options.rows, Path(folder))
    else:
        row = measure(options.rows, options.folder)
    if options.json:
        print(json.dumps(row))
        return
    for name, value in row.items():
        print(f"{name:28} {value}")


def measure(rows: int, folder: Path) -> dict[str, Any]:
    """Every figure by name, its unit at the end. The file is made only when it is not there."""
    file = folder / f"stories-{rows}.jsonl"
    if not file.is_file():
        write_jsonl(file, story_rows(rows))
    out = folder / "set"
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "edgethought", "distill", "verify", str(file), "--out", str(out)],
        stdout=subprocess.DEVNULL,
    )
    peak = Peak(child.pid)
    peak.start()
    status = child.wait()
    seconds = time.monotonic() - began
    peak.stop()
    if status:
        raise WorkFailed(f"`edgethought distill verify` ended with exit status {status}")
    manifest = read_set_manifest(out)
    times = os.times()
    return {
        "rows": rows,
        "kept": manifest["rows"],
        "held_out_questions": manifest["against"]["questions"],
        "seconds": round(seconds, 1),
        "rows_per_s": round(rows / seconds),
        "processor_us_per_row": round((times.children_user + times.children_system) / rows * 1e6),
        "peak_all_processes_mb": round(peak.total / 1e6),
        "peak_largest_process_mb": round(peak.largest / 1e6),
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
                "licence": problem.licence,
            }
        made += len(THOUGHTS)


class Peak(threading.Thread):
    """The most resident memory, in bytes, that a process and its descendants held, together and singly.

    Pages that they share count once for each, so the sum is an upper bound. Stays 0 where there is no /proc.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.total = 0
        self.largest = 0

    def run(self) -> None:
        """Look every half second."""
        while not self._ended.wait(WATCH_EVERY_S):
            sizes = [resident(pid) for pid in family(self._pid)]
            self.total = max(self.total, sum(sizes))
            self.largest = max(self.largest, *sizes, 0)

    def stop(self) -> None:
        """End the watch."""
        self._ended.set()
        self.join()


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from family(int(child))
        except OSError:  # it ended while we looked
            continue


def resident(pid: int) -> int:
    """Bytes of a process in memory; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
