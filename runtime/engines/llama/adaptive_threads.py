"""How many threads to decode with right now.

llama.cpp's threads wait for each other some six hundred times a token, and they wait by spinning. On idle cores that
is the fastest way. When another program holds one of the cores, every wait costs a slice of the scheduler: measured
on two cores, 180 tokens a second become 0.3, while one thread alone still writes 75 to 150. Results do not depend on
the number of threads, so it may change at any token.
"""

import os
from pathlib import Path
from time import perf_counter, sleep

_LOAD = Path("/proc/loadavg")
# How long a thread may go on spinning after its work, and then looks like another program.
_SPIN_S = 0.05
# Whoever runs at one look may be gone a moment later; company is who is there at every one.
_LOOKS_S = (0.0, 0.002, 0.004, 0.008)
# For how long steps that nobody held up say more than a look: looking costs 14 ms where a task happens to pass.
_TRUST_S = 5.0
# Steps after which a thread that gave way looks whether the cores are free again.
_LOOK_AGAIN = 8
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


class AdaptiveThreads:
    """Chooses a thread count before each prefill, and falls to one when steps turn out to be held up."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        # By the number of tokens, to the power of two.
        self._quickest_s: dict[int, float] = {}
        self._slow_steps = 0
        self._steps = 0
        self._undisturbed = False
        self._last_step = float("-inf")

    def at_start(self) -> int:
        """Threads for a new prompt: the cores that nobody else is using, at least 1, at most all of ours."""
        self._slow_steps = 0
        if self._undisturbed and perf_counter() - self._last_step < _TRUST_S:
            return self.threads
        free = 1
        for pause_s in _LOOKS_S:
            sleep(pause_s)
            free = self._free()
            if free >= self.threads:
                return self.threads
        return free

    def _free(self) -> int:
        """How many threads would find a core of their own at this moment, at least 1, at most all of ours."""
        running = running_tasks()
        if running is None:
            return self.threads
        own = self.threads if perf_counter() - self._last_step < _SPIN_S else 1
        return max(1, min(self.threads, (os.cpu_count() or 1) - max(0, running - own)))

    def after_step(self, seconds: float, threads: int, rows: int = 1) -> int:
        """Threads for the next pass, after one over `rows` tokens that took `seconds` on `threads` threads."""
        self._last_step = perf_counter()
        size = rows.bit_length()
        quickest = self._quickest_s[size] = min(seconds, self._quickest_s.get(size, seconds))
        self._slow_steps = self._slow_steps + 1 if seconds > _HELD_UP * quickest else 0
        self._undisturbed = threads == self.threads and self._slow_steps == 0
        if self._slow_steps >= _PATIENCE:
            return 1
        self._steps += 1
        return self._free() if threads < self.threads and self._steps % _LOOK_AGAIN == 0 else threads
