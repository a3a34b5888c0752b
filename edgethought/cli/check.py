"""`edgethought check`: the outcome of a thought that a person wrote by hand."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from runtime.solver.sentences.cot import wrong_arithmetic
from runtime.solver.solver import MAX_CHARACTERS, Solver
from runtime.values.answers import format_value
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought

_STANDARD_INPUT = "-"
# Bytes of the longest thought: four a character.
_MAX_BYTES = 4 * MAX_CHARACTERS
# False statements that the outcome's reason has room for; where there are more, each gets a line.
_IN_REASON = 3


def check_file(thought: Thought, file: str, *, as_json: bool = False, target: str | None = None) -> int:
    """Solve the thought in a file (`-`: standard input) and print its outcome; returns the exit status.

    0 when it is solved, 1 when it is not. Raises InputError for a file that cannot be read.
    """
    text = _read(file)
    with Solver(workers=1) as solver:
        outcome = solver.solve(thought, text, target=target)
    false = wrong_arithmetic(text) if thought == "cot" else ()
    if as_json:
        print(json.dumps(as_row(thought, outcome, false), ensure_ascii=False))
    else:
        print("\n".join(as_lines(outcome, false)))
    return 0 if outcome.solved else 1


def as_row(
    thought: Thought, outcome: Outcome, false: tuple[str, ...] = ()
) -> dict[str, str | list[str] | None]:
    """The outcome as one JSON object; `answer` is exact, `false_arithmetic` only there for chains of thought."""
    answer = None if outcome.value is None else format_value(outcome.value)
    row: dict[str, str | list[str] | None] = {
        "thought": thought,
        "answer": answer,
        "status": outcome.status,
        "reason": outcome.reason,
        "isolation": outcome.isolation,
    }
    if thought == "cot":
        row["false_arithmetic"] = list(false)
    return row


def as_lines(outcome: Outcome, false: tuple[str, ...] = ()) -> Iterator[str]:
    """The outcome as people read it, then the false statements that its reason does not list."""
    shown = outcome.status if outcome.value is None else format_value(outcome.value)
    yield f"{shown} ({outcome.reason})" if outcome.reason else shown
    if not outcome.solved or len(false) > _IN_REASON:
        yield from (f"false: {statement}" for statement in false)


def _read(file: str) -> str:
    try:
        data = _first_bytes(file)
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror}; expected: a text file, or - for standard input"
        ) from error
    if len(data) > _MAX_BYTES:
        raise InputError(
            f"{file} has more than {_MAX_BYTES:,} bytes; expected: a thought of {MAX_CHARACTERS:,} characters"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text; expected: a text file") from error


def _first_bytes(file: str) -> bytes:
    """The content, or one byte more than a thought may have: a device may never end."""
    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read(_MAX_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(_MAX_BYTES + 1)
