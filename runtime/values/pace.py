"""Pace: how far a piece of work is and how long the rest will take, in a line now and then."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
# What is done, of how many, and what else there is to say.
Step = Callable[[int, int, str], None]
LINE_EVERY_S = 10.0


def paced(title: str, say: Callable[[str], None]) -> Step:
    """A step that says a line every few seconds, however often it is called: `probes 8/32 (about 2 min left)`."""
    began = last = time.monotonic()
    first: int | None = None

    def step(done: int, total: int, note: str) -> None:
        nonlocal first, last
        now = time.monotonic()
        # What an earlier run did took none of this one's time.
        first = done if first is None else first
        if now - last >= LINE_EVERY_S:
            last = now
            left = time_left(done - first, total - done, now - began)
            say(" ".join(filter(None, (f"{title} {done}/{total}", left, note))))

    return step


def watched(items: Iterable[Item], total: int, step: Step, *, first: int = 0) -> Iterator[Item]:
    """The items, of which a step is told whenever one is done; `first` of the total were done before."""
    step(first, total, "")
    for done, item in enumerate(items, start=first + 1):
        yield item
        step(done, total, "")


def hours_told(hours: float) -> str:
    """Hours in words, as minutes or seconds where they are few."""
    if hours >= 1.5:
        return f"{hours:.1f} hours"
    return f"{60 * hours:.0f} minutes" if hours >= 1 / 30 else f"{3600 * hours:.0f} seconds"


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
