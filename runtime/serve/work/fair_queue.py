"""A bounded queue that is fair between clients: their requests are taken in turn, whoever asks for more waits longer."""

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFull(Exception):
    """Nothing more may wait."""


class FairQueue(Generic[T]):
    """At most `limit` items, one line a client, taken round robin; any thread may call it.

    Where it is full, a client with a shorter line takes the place of the last one in the longest line.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0
        self._ready = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return self._count

    def put(self, client: str, item: T) -> T | None:
        """Have an item wait; returns the one that lost its place to it, if one did. Raises QueueFull."""
        with self._ready:
            if self._closed:
                raise QueueFull
            displaced = self._displaced(client) if self._count >= self._limit else None
            self._lines.setdefault(client, deque()).append(item)
            self._count += 1
            self._ready.notify()
            return displaced

    def pop(self) -> T | None:
        """The next item, None when nobody waits."""
        with self._ready:
            if not self._lines:
                return None
            client, line = next(iter(self._lines.items()))
            item = line.popleft()
            self._lines.move_to_end(client)
            self._shrunk(client)
            return item

    def wait(self) -> bool:
        """Wait until there is an item; False once the queue is closed and empty."""
        with self._ready:
            self._ready.wait_for(lambda: self._closed or self._lines)
            return bool(self._lines)

    def remove(self, client: str, item: T) -> bool:
        """Take an item out of its client's line; whether it was there."""
        with self._ready:
            line = self._lines.get(client)
            if line is None or item not in line:
                return False
            line.remove(item)
            self._shrunk(client)
            return True

    def position(self, client: str, item: T) -> int:
        """How many items are taken before this one, were none to come; 0 where it does not wait."""
        with self._ready:
            line = self._lines.get(client)
            if line is None or item not in line:
                return 0
            own, before, ahead = line.index(item), True, 0
            for name, other in self._lines.items():
                if name == client:
                    before, ahead = False, ahead + own
                else:
                    ahead += min(len(other), own + before)
            return ahead

    def close(self) -> list[T]:
        """Take nothing any more; returns what waited."""
        with self._ready:
            self._closed = True
            waiting = [item for line in self._lines.values() for item in line]
            self._lines.clear()
            self._count = 0
            self._ready.notify_all()
            return waiting

    def _displaced(self, client: str) -> T:
        longest = max(self._lines, key=lambda name: len(self._lines[name]))
        if len(self._lines[longest]) <= len(self._lines.get(client, ())) + 1:
            raise QueueFull
        item = self._lines[longest].pop()
        self._shrunk(longest)
        return item

    def _shrunk(self, client: str) -> None:
        self._count -= 1
        if not self._lines[client]:
            del self._lines[client]
