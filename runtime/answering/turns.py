"""Turns: one call at a time may use a model, whatever thread it comes from; and what to do when nobody waits any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from runtime.values.errors import InputError


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


class Use:
    """Something that is freed once, never while it is in use: who frees it waits, or leaves it to the use it is in."""

    def __init__(self, name: str, free: Callable[[], None]) -> None:
        self._name, self._free = name, free
        self._lock = threading.RLock()
        self._depth = 0
        self._ended = self._freed = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Use it, from one thread at a time; raises InputError once it was to be freed."""
        with self._lock:
            if self._ended:
                raise InputError(f"{self._name} was closed; expected: a model that is open, `load` gives one")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                self._free_when_idle()

    def end(self) -> None:
        """Free it as soon as nobody uses it; from inside of a use, when that ends. A second call does nothing."""
        self._ended = True
        with self._lock:
            self._free_when_idle()

    @property
    def ended(self) -> bool:
        """Whether it is to be freed."""
        return self._ended

    def _free_when_idle(self) -> None:
        if self._ended and not self._depth and not self._freed:
            self._freed = True
            self._free()
