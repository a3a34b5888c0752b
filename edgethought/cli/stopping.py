"""Ctrl-C in a command that goes on when it is called again."""

from collections.abc import Iterator
from contextlib import contextmanager

from edgethought.stages.progress import say
from runtime.values.errors import INTERRUPTED


@contextmanager
def stoppable(goes_on: str) -> Iterator[None]:
    """Where Ctrl-C ends the block, say that it stopped and how it `goes_on`, and exit with the status of an interrupt."""
    try:
        yield
    except KeyboardInterrupt as stop:
        say(f"stopped; {goes_on}")
        raise SystemExit(INTERRUPTED) from stop
