"""Alarm: something is called once a deadline has come, in a thread of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from time import perf_counter


@contextmanager
def alarm(deadline: float | None, ring: Callable[[], None]) -> Iterator[None]:
    """Call `ring` at `deadline` (`perf_counter` seconds) unless the block has ended by then; None never rings."""
    if deadline is None:
        yield
        return
    timer = Timer(max(0.0, deadline - perf_counter()), ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # A ring that has begun is waited for, so that it cannot reach what comes next.
        timer.join()
