"""The pace of a process where no control group can set it: it is stopped while it has used more than its share."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK_S = 0.004
# Time that may be saved up while a process waits, in seconds of the clock: a quota's period.
SAVED_S = 0.02


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, all its threads, in seconds; raises OSError when it is gone.

    The clock of a process is `~pid << 3 | 2`, as clock_getcpuclockid(3) makes it on Linux.
    """
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def paced(pid: int, cores: float) -> Iterator[None]:
    """Hold a child of ours, all its threads, to so many cores of time; its own children are not held."""
    ended = threading.Event()
    pacer = threading.Thread(target=_pace, args=(pid, cores, ended), daemon=True)
    pacer.start()
    try:
        yield
    finally:
        ended.set()
        pacer.join()


def _pace(pid: int, cores: float, ended: threading.Event) -> None:
    """Stop the process when its account is empty and let it go when it is not, until `ended`; it goes on afterwards."""
    with suppress(OSError):  # it has ended: nothing to hold
        account, stopped, clock, used = 0.0, False, time.monotonic(), cpu_seconds(pid)
        while not ended.wait(LOOK_S):
            now, spent = time.monotonic(), cpu_seconds(pid)
            account = min(account + cores * (now - clock), cores * SAVED_S) - (spent - used)
            clock, used = now, spent
            if (account < 0) != stopped:
                stopped = not stopped
                os.kill(pid, signal.SIGSTOP if stopped else signal.SIGCONT)
        if stopped:
            os.kill(pid, signal.SIGCONT)
