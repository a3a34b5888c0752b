"""`edgethought check`: the outcome of a thought that a person wrote by hand."""

import json
import sys
from pathlib import Path

from runtime.answers import format_value
from runtime.errors import InputError
from runtime.outcome import Outcome
from runtime.prompt import THOUGHTS, Thought
from runtime.solver import MAX_CHARACTERS, Solver

_STANDARD_INPUT = "-"


def check_file(thought: str, file: str, *, as_json: bool = False, target: str | None = None) -> int:
    """Solve the thought in a file (`-`: standard input) and print its outcome; returns the exit status.

    0 when it is solved, 1 when it is not. Raises InputError for an unknown thought or a file that cannot be
    read.
    """
    kind = _thought(thought)
    text = _read(file)
    with Solver(workers=1) as solver:
        outcome = solver.solve(kind, text, target=target)
    print(json.dumps(as_row(kind, outcome), ensure_ascii=False) if as_json else as_line(outcome))
    return 0 if outcome.solved else 1


def as_row(thought: Thought, outcome: Outcome) -> dict[str, str | None]:
    """The outcome as one JSON object; `answer` is exact."""
    answer = None if outcome.value is None else format_value(outcome.value)
    return {
        "thought": thought,
        "answer": answer,
        "status": outcome.status,
        "reason": outcome.reason,
        "isolation": outcome.isolation,
    }


def as_line(outcome: Outcome) -> str:
    """The outcome as people read it."""
    shown = outcome.status if outcome.value is None else format_value(outcome.value)
    return f"{shown} ({outcome.reason})" if outcome.reason else shown


def _thought(name: str) -> Thought:
    for thought in THOUGHTS:
        if name == thought:
            return thought
    raise InputError(f"thought is {name!r}; allowed: {', '.join(THOUGHTS)}")


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == _STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror}; allowed: a text file, or - for standard input"
        ) from error
    if len(data) > 4 * MAX_CHARACTERS:
        raise InputError(
            f"{file} has {len(data):,} bytes; allowed: a thought of {MAX_CHARACTERS:,} characters"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text; allowed: a text file") from error
