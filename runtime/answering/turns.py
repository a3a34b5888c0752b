"""Turns: one call at a time may use a model, whatever thread it comes from; and what to do when nobody waits any more."""

import threading
from types import TracebackType
from typing import Self


class Turn:
    """A lock that the thread which holds it may take again, and that any thread may give back.

    The second is for generators: one that is thrown away half read ends in whatever thread that happens.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> Self:
        if self._owner != threading.get_ident():
            self._lock.acquire()
            self._owner = threading.get_ident()
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            self._owner = None
            self._lock.release()
