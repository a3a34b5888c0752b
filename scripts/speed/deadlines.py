"""Whether answers come in time: `python -m scripts.speed.deadlines ARTIFACT [--mode best_of] [--load 2]`.

GSM8K dev questions, one at a time, each with a deadline; how far past it `Model.answer` returned, by its caller's clock.
`--load` keeps that many other processes busy all the while.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from runtime.answering.modes import MODES, Mode
from runtime.answering.pipeline import Model, load
from scripts.speed.harness import arguments, dev_questions, show

# What an answer may be late and still count as in time.
TOLERANCE_MS = 20.0
QUESTIONS = 1000


def main() -> None:
    """Measure each deadline, and print a row for each."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--deadlines", default="50,200,1000,5000", help="milliseconds, commas between")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--mode", choices=MODES, default="single")
    parser.add_argument("--load", type=int, default=0, help="busy processes beside")
    options = parser.parse_args()
    questions = dev_questions(QUESTIONS)
    with busy(options.load), load(options.artifact) as model:
        model.answer(questions[0], mode=options.mode)
        rows = [
            lateness(model, list(islice(cycle(questions), options.questions)), float(deadline), options.mode)
            for deadline in options.deadlines.split(",")
        ]
    show(rows, options.json)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processes computing."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def lateness(model: Model, questions: list[str], deadline_ms: float, mode: Mode) -> dict[str, Any]:
    """How late the answers to these questions were, and how many are any."""
    late: list[float] = []
    solved = 0
    for question in questions:
        started = perf_counter()
        solution = model.answer(question, deadline_ms=deadline_ms, mode=mode)
        late.append((perf_counter() - started) * 1e3 - deadline_ms)
        solved += solution.outcome.solved
    late.sort()
    return {
        "deadline_ms": deadline_ms,
        "questions": len(questions),
        "answered": solved,
        f"later than {TOLERANCE_MS:g} ms": sum(ms > TOLERANCE_MS for ms in late),
        "99 % within, ms past": round(late[int(0.99 * (len(late) - 1))], 1),
        "latest, ms past": round(late[-1], 1),
    }


if __name__ == "__main__":
    main()
