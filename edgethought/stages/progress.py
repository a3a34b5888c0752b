"""Progress: a bar on a terminal, a plain line every few seconds elsewhere. Always on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PLAIN_EVERY_S = 10.0
Step = Callable[[int, int, str], None]


@contextmanager
def progress_bar(title: str, *, shown: bool = True) -> Iterator[Step]:
    """Yield `step(done, total, note)`; call it as often as you like."""
    if not shown:
        yield lambda done, total, note: None
    elif sys.stderr.isatty():
        with _terminal_bar(title) as step:
            yield step
    else:
        yield _plain_lines(title)


@contextmanager
def _terminal_bar(title: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None, note="")
        yield lambda done, total, note: progress.update(task, completed=done, total=total, note=note)


def _plain_lines(title: str) -> Step:
    began = last = time.monotonic()
    first: int | None = None

    def step(done: int, total: int, note: str) -> None:
        nonlocal first, last
        now = time.monotonic()
        # What an earlier run did took none of this one's time.
        first = done if first is None else first
        if now - last >= PLAIN_EVERY_S:
            last = now
            left = time_left(done - first, total - done, now - began)
            print(f"  {title} {done}/{total} {left} {note}".rstrip(), file=sys.stderr, flush=True)

    return step


def time_left(done: int, left: int, seconds: float) -> str:
    """How long what is left will take at the speed so far, in a word; empty where nothing tells."""
    if done <= 0 or left <= 0:
        return ""
    minutes = seconds * left / done / 60
    return (
        f"(about {minutes / 60:.1f} h left)"
        if minutes >= 90
        else f"(about {minutes:.0f} min left)"
        if minutes >= 1
        else "(under a minute left)"
    )


def say(text: str) -> None:
    """One plain line for people, on standard error."""
    print(text, file=sys.stderr, flush=True)
