"""Progress: a bar on a terminal, a plain line every few seconds elsewhere, and Ctrl-C. Always on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.values.errors import INTERRUPTED
from runtime.values.pace import Step, paced


@contextmanager
def progress_bar(title: str, *, shown: bool = True) -> Iterator[Step]:
    """Yield `step(done, total, note)`; call it as often as you like."""
    if not shown:
        yield lambda done, total, note: None
    elif sys.stderr.isatty():
        with _terminal_bar(title) as step:
            yield step
    else:
        yield paced(f"  {title}", say)


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


def say(text: str) -> None:
    """One plain line for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def stoppable(goes_on: str) -> Iterator[None]:
    """Where Ctrl-C ends the block, say that it stopped and how it `goes_on`, and exit with the status of an interrupt."""
    try:
        yield
    except KeyboardInterrupt as stop:
        say(f"stopped; {goes_on}")
        raise SystemExit(INTERRUPTED) from stop
