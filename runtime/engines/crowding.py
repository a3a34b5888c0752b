"""How many threads to decode with right now.

llama.cpp's threads wait for each other some six hundred times a token, and they wait by spinning. On idle cores that
is the fastest way. When another program holds one of the cores, every wait costs a slice of the scheduler: measured
on two cores, 180 tokens a second become 0.3, while one thread alone still writes 75 to 150. Results do not depend on
the number of threads, so it may change at any token.
"""

import os
from pathlib import Path
from time import perf_counter

_LOAD = Path("/proc/loadavg")
# How long a thread may go on spinning after its work, and then looks like another program.
_SPIN_S = 0.05
# A step that takes this many times the quickest one was held up.
_HELD_UP = 4.0
# One slow step may be chance; this many in a row are company.
_PATIENCE = 2


def running_tasks() -> int | None:
    """Threads that run or wait for a core on this machine now, this one included; None where nobody counts."""
    try:
        return int(_LOAD.read_text(encoding="ascii").split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return None


class Crowding:
    """Chooses a thread count before each prefill, and falls to one when steps turn out to be held up."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._quickest_s = float("inf")
        self._slow_steps = 0
        self._last_step = float("-inf")

    def at_start(self) -> int:
        """Threads for a new prompt: the cores that nobody else is using, at least 1, at most all of ours."""
        self._slow_steps = 0
        running = running_tasks()
        if running is None:
            return self.threads
        own = self.threads if perf_counter() - self._last_step < _SPIN_S else 1
        others = max(0, running - own)
        return max(1, min(self.threads, (os.cpu_count() or 1) - others))

    def after_step(self, seconds: float, threads: int) -> int:
        """Threads for the next token, after a token that took `seconds` on `threads` threads."""
        self._last_step = perf_counter()
        self._quickest_s = min(self._quickest_s, seconds)
        self._slow_steps = self._slow_steps + 1 if seconds > _HELD_UP * self._quickest_s else 0
        return 1 if self._slow_steps >= _PATIENCE else threads
