"""Warm workers of one kind: taken for one stream of requests, given back idle, replaced when they die."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.solver.sandbox.host import Host, Kind

# How many more times its seconds a thought may wait in all while its worker gets no processor time.
MAX_EXTENSIONS = 20


class Pool:
    """Workers of one kind, safe between threads; `size` bounds how many serve `solve` calls at once.

    `spares` more are kept warm once the kind is in use, for kinds that take long to start.
    """

    def __init__(self, kind: Kind, size: int, *, spares: int = 0) -> None:
        self.kind = kind
        self.size = size
        self.spares = spares
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Host] = []

    def warm(self, wanted: int = 1) -> None:
        """Start workers in the background until `wanted` are idle or on their way."""
        with self._lock:
            missing = wanted - len(self._idle)
        for _ in range(missing):
            self._keep(Host(self.kind))

    @contextmanager
    def slot(self) -> Iterator[Host]:
        """A ready worker for one request; waits while `size` of them are at work.

        Whoever leaves early (an interrupt, a dead worker) leaves a worker that nobody may use again.
        """
        with self._slots:
            host = self.take()
            finished = False
            try:
                yield host
                finished = True
            finally:
                if finished:
                    self.give_back(host)
                else:
                    self.replace(host)
                if self.spares:
                    self.warm(1 + self.spares)

    def take(self) -> Host:
        """A ready worker, idle or new; raises WorkFailed when none can start."""
        while (host := self._pop()) is not None:
            if host.owner == os.getpid() and (not host.isolation or host.idle()):
                host.wait_ready()
                return host
            host.kill()
        host = Host(self.kind)
        host.wait_ready()
        return host

    def _pop(self) -> Host | None:
        with self._lock:
            for place, host in enumerate(self._idle):
                if host.booted():
                    return self._idle.pop(place)
            return self._idle.pop() if self._idle else None

    def give_back(self, host: Host) -> None:
        """Keep an idle worker for the next request; a retiring one is replaced, one too many is ended."""
        if host.retiring:
            self.replace(host)
        else:
            self._keep(host)

    def _keep(self, host: Host) -> None:
        with self._lock:
            keep = len(self._idle) < self.size + self.spares
            if keep:
                self._idle.append(host)
        if not keep:
            host.kill()

    def replace(self, host: Host) -> None:
        """Kill a worker and start another in the background, so that the next request finds it warm."""
        host.kill()
        self.warm()

    def close(self) -> None:
        """End the idle workers; the pool may be used again."""
        while (host := self._pop()) is not None:
            host.kill()
