"""The parent's side of one worker: start it, send frames, read replies until a deadline, kill it."""

import os
import select
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from time import clock_gettime, monotonic
from typing import Literal

from runtime.solver.sandbox.frames import LENGTH, MAX_REPLY, READY, BadFrame, Reply, unpack_reply
from runtime.values.errors import MissingExtra, WorkFailed

Kind = Literal["plain", "sympy"]
_ROOT = Path(__file__).resolve().parents[3]
_WORKER = Path(__file__).with_name("worker.py")
_SOCKET_BYTES = 1 << 18
# A small board needs seconds to import sympy; starting is never counted against a thought.
_START_S = 60.0
_LAST_WORDS = 2_000
# The clock of another process's processor time (CPUCLOCK_SCHED in linux/posix-timers.h).
_PROCESS_CLOCK = 2


# Seconds that the parent waits past a thought's own clock before it kills the worker: one with sympy is dear to start.
_GRACE_S: dict[Kind, float] = {"plain": 0.05, "sympy": 0.1}


class WorkerDied(Exception):
    """The worker ended, or sent what no worker sends; the text says how it died."""

    def __init__(self, words: str, *, out_of_time: bool = False) -> None:
        super().__init__(words)
        self.out_of_time = out_of_time


class Host:
    """One worker process. Not safe between threads: whoever took it from the pool is its only user."""

    def __init__(self, kind: Kind) -> None:
        """Start the process and return at once; `wait_ready` waits."""
        self.kind = kind
        self.grace_s = _GRACE_S[kind]
        self.isolation = ""
        self.owner = os.getpid()
        self.retiring = False
        self._buffer = b""
        self._start()

    def _start(self) -> None:
        import subprocess

        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
        ours.setblocking(False)
        command = [
            sys.executable,
            "-I",
            "-S",
            "-Wignore",
            str(_WORKER),
            str(_ROOT),
            self.kind,
            *_folders(self.kind),
        ]
        nothing: dict[str, str] = {}
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=nothing,
                cwd="/",
                start_new_session=True,
            )
        self._socket = ours
        self.descriptor = ours.fileno()
        self._poll = select.poll()
        self._poll.register(self.descriptor, select.POLLIN)

    def wait_ready(self) -> None:
        """Wait until the worker has locked itself down; raises WorkFailed when it cannot start."""
        if self.isolation:
            return
        try:
            reply = self.receive(monotonic() + _START_S)
        except WorkerDied as death:
            raise WorkFailed(f"the solver's worker does not start: {death}") from death
        if reply is None or reply.code != READY:
            self.kill()
            raise WorkFailed(f"the solver's worker was not ready after {_START_S:.0f} s")
        self.isolation = reply.reason

    def send(self, frames: bytes, deadline: float) -> None:
        """Write whole frames; raises WorkerDied when the worker is gone or does not read until the deadline."""
        view = memoryview(frames)
        while view:
            try:
                view = view[os.write(self.descriptor, view) :]
            except BlockingIOError:
                if not self._writable(deadline):
                    raise WorkerDied("it stopped reading") from None
            except OSError as error:
                raise self.bury() from error

    def _writable(self, deadline: float) -> bool:
        poll = select.poll()
        poll.register(self.descriptor, select.POLLOUT)
        return bool(poll.poll(max(0.0, deadline - monotonic()) * 1000))

    def receive(self, deadline: float) -> Reply | None:
        """The next reply, or None when the deadline (`monotonic` seconds) passes first; raises WorkerDied."""
        while (reply := self.next_buffered()) is None:
            if not self._poll.poll(max(0.0, deadline - monotonic()) * 1000):
                return None
            self.read_available()
        return reply

    def next_buffered(self) -> Reply | None:
        """A reply that has already been read; raises WorkerDied when it is none that a worker may send."""
        buffer = self._buffer
        if len(buffer) < LENGTH.size:
            return None
        size = LENGTH.unpack_from(buffer)[0]
        if size > MAX_REPLY:
            raise WorkerDied(f"it sent {size} bytes for one reply")
        if len(buffer) < size:
            return None
        self._buffer = buffer[size:]
        try:
            reply = unpack_reply(buffer[:size])
        except BadFrame as error:
            raise WorkerDied(f"it sent {error}") from error
        self.retiring = reply.retiring
        return reply

    def read_available(self) -> None:
        """Take what has arrived, without waiting; raises WorkerDied at the end of the stream."""
        try:
            piece = os.read(self.descriptor, _SOCKET_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise self.bury() from error
        if not piece:
            raise self.bury()
        self._buffer += piece

    def booted(self) -> bool:
        """Whether the worker is ready or says so already."""
        return bool(self.isolation) or bool(self._poll.poll(0))

    def starved(self, seconds: float, since: float) -> bool:
        """Whether the worker got too little processor time since `since` to have ended by itself after `seconds`."""
        return self.processor_s() - since < seconds + self.grace_s / 2

    def processor_s(self) -> float:
        """Processor time of the worker so far, in seconds; infinite where the system does not tell."""
        if not sys.platform.startswith("linux"):
            return float("inf")
        try:
            return clock_gettime((~self._process.pid << 3) | _PROCESS_CLOCK)
        except OSError:
            return float("inf")

    def idle(self) -> bool:
        """Whether the worker still waits for a request: nothing to read, not even an end."""
        return not self._buffer and not self._poll.poll(0)

    def bury(self) -> WorkerDied:
        """How a worker that is ending died; a lingering one is killed."""
        import subprocess

        try:
            status = self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        words = self._last_words()
        self.kill()
        if status < 0:
            return WorkerDied(f"signal {-status}", out_of_time=-status == signal.SIGPROF)
        return WorkerDied(f"exit status {status}{words}")

    def _last_words(self) -> str:
        stream = self._process.stderr
        if stream is None or stream.closed:
            return ""
        os.set_blocking(stream.fileno(), False)
        lines = (stream.read(_LAST_WORDS) or b"").decode("utf-8", "replace").split("\n")
        return next((f", {line.strip()}" for line in reversed(lines) if line.strip()), "")

    def kill(self) -> None:
        """End the process, if it is this process's child, and free the descriptors."""
        if self._socket.fileno() >= 0:
            self._socket.close()
            if self.owner == os.getpid():
                self._process.kill()
                self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()


def _folders(kind: Kind) -> list[str]:
    """Where the sympy worker finds sympy and mpmath; looked up without importing them."""
    if kind == "plain":
        return []
    folders = []
    for name in ("sympy", "mpmath"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise MissingExtra(f"this system needs {name}: pip install {name}")
        folders.append(str(Path(spec.origin).parents[1]))
    return list(dict.fromkeys(folders))
