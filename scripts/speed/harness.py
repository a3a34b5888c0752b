"""What the measuring scripts share: questions, processes asked in turn, ratios, memory, a table or JSON rows.

A worker is a process of its own that is sent JSON rows and sends one back for each, so that one's threads and memory are
not another's. Whoever is compared is asked in turn, round by round, in an order drawn anew for each: whoever always came
after the same one was up to 8 % slower for it.
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import IO, Any

from runtime.values.errors import WorkFailed

# A library's threads go on spinning after their work; the next one must find the cores free.
SETTLE_S = 0.15


def arguments(story: str | None) -> argparse.ArgumentParser:
    """A script's parser with its description and `--json`."""
    parser = argparse.ArgumentParser(description=story, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    return parser


def show(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Rows as JSON, one a line, or for people: as a table without lists, a single row as lines of name and value."""
    if as_json:
        print("\n".join(map(json.dumps, rows)))
    elif len(rows) == 1:
        print("\n".join(f"{name:58} {value}" for name, value in rows[0].items()))
    else:
        cells = [{name: value for name, value in row.items() if not isinstance(value, list)} for row in rows]
        lines = [cells[0].keys(), ["---"] * len(cells[0]), *(row.values() for row in cells)]
        print("\n".join(f"| {' | '.join(map(str, line))} |" for line in lines))


def dev_questions(count: int) -> list[str]:
    """A seeded choice of GSM8K's dev questions: speed needs no test split."""
    from benchmarks.scoring.scoring_job import subsample
    from benchmarks.tasks.loading import load_scoring
    from benchmarks.tasks.splits import DEV

    return [problem.question for problem in subsample(list(load_scoring("gsm8k", DEV)), count, 0)]


def orders(names: Iterable[str]) -> Iterator[list[str]]:
    """The names in one order after the other, each drawn anew."""
    listed, chance = list(names), random.Random(0)
    while True:
        yield chance.sample(listed, len(listed))


def ratio(ones: Iterable[float], others: Iterable[float]) -> float:
    """The median of each pair's own ratio, pairs with a 0 left out."""
    return median(one / other for one, other in zip(ones, others, strict=True) if one and other)


class Worker:
    """The measuring side: `python -m` this command is started, asked and ended."""

    def __init__(self, name: str, command: Sequence[str], threads: int) -> None:
        self.name = name
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"},
            # A group of its own, so that a server which it starts ends with it.
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.version = self._reply()["version"]

    def ask(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one row; raises WorkFailed with the worker's last words when it dies."""
        assert self._process.stdin is not None
        sleep(SETTLE_S)
        try:
            self._process.stdin.write(json.dumps(row) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # What it says last is told when its answer is missing.
        return self._reply()

    def close(self) -> None:
        """End the process and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.communicate()
        self._complaints.close()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise WorkFailed(f"{self.name} ended: {_last_words(self._complaints)}")
        row: dict[str, Any] = json.loads(line)
        return row


@contextmanager
def workers(commands: Mapping[str, Sequence[str]], threads: int) -> Iterator[dict[str, Worker]]:
    """One worker for each name's command; all are ended afterwards."""
    started: dict[str, Worker] = {}
    try:
        for name, command in commands.items():
            started[name] = Worker(name, command, threads)
        yield started
    finally:
        for worker in started.values():
            worker.close()


class Channel:
    """The worker's side of it: rows from standard input, answers to standard output, what libraries print to stderr."""

    def __init__(self, version: str) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.send({"version": version})

    def receive(self) -> dict[str, Any] | None:
        """The next row, None when there will be none."""
        line = sys.stdin.readline()
        return json.loads(line) if line else None

    def send(self, row: Mapping[str, Any]) -> None:
        """Answer."""
        print(json.dumps(row), file=self._out, flush=True)


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of a command, and the most memory, in MB (10^6 bytes), of its largest process and of all at a time.

    Pages that processes share count once for each, so the sum is an upper bound.
    """

    seconds: float
    largest_mb: float
    together_mb: float


def watched(
    command: Sequence[str], *, every_s: float, descendants: bool = False, allowed: Sequence[int] = (0,)
) -> Usage:
    """Run a command and look at its memory meanwhile; raises WorkFailed for another exit status than `allowed`."""
    largest = together = 0
    started = perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints) as process,
    ):
        while process.poll() is None:
            seen = [memory(pid) for pid in (family(process.pid) if descendants else [process.pid])]
            largest = max(largest, *(peak for _, peak in seen))
            together = max(together, sum(resident for resident, _ in seen))
            sleep(every_s)
        seconds = perf_counter() - started
        if process.returncode not in allowed:
            told = f"{' '.join(command[:5])} ended with status {process.returncode}"
            raise WorkFailed(f"{told}: {_last_words(complaints)}")
    # Without /proc: in kilobytes on Linux, and never below what this process held when it started the other.
    largest = largest or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return Usage(seconds, largest / 1e6, together / 1e6)


def memory(pid: int) -> tuple[int, int]:
    """Bytes that a process holds and held at most; 0 when it is gone, or where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Vm")}
    return sizes.get("VmRSS", 0), sizes.get("VmHWM", 0)


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from family(int(child))
        except OSError:  # it ended while we looked
            continue


def _last_words(complaints: IO[str]) -> str:
    complaints.seek(0)
    return next((line for line in reversed(complaints.read().splitlines()) if line.strip()), "no message")
