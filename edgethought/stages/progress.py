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
    last = time.monotonic()

    def step(done: int, total: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_EVERY_S:
            last = now
            print(f"  {title} {done}/{total} {note}".rstrip(), file=sys.stderr, flush=True)

    return step


def say(text: str) -> None:
    """One plain line for people, on standard error."""
    print(text, file=sys.stderr, flush=True)
