"""What holds a process to a profile: which processors, how much of their time, how much memory, and by what means."""

import ctypes
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.devices.profiles import Profile
from runtime.values.errors import InputError

# Who enforces time and memory: a scope of systemd's, a control group of our own, or we ourselves.
Means = Literal["systemd", "cgroup", "process"]
_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """A profile as this machine enforces it.

    `cores` is processor time in cores, None where all of `processors` may be used up; `memory_bytes` is the ceiling.
    """

    profile: str
    threads: int
    processors: tuple[int, ...]
    cores: float | None
    memory_bytes: int
    means: Means

    def sentence(self) -> str:
        """What is enforced, by what: a part of the settings that answers are kept under."""
        share = "all their time" if self.cores is None else f"{self.cores:g} of a core's time"
        by = {
            "systemd": "by a systemd scope",
            "cgroup": "by a control group",
            "process": "memory as RLIMIT_DATA"
            + ("" if self.cores is None else ", time by stopping the process"),
        }
        processors = f"{len(self.processors)} processor{'s' * (len(self.processors) != 1)}"
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        memory = f"{self.memory_bytes / 2**30:g} GiB"
        return f"profile {self.profile} ({threads} on {processors}, {share}, {memory}; {by[self.means]})"


def limits_of(profile: Profile, processors: Sequence[int], means: Means) -> Limits:
    """A profile on these processors, one a physical core: no more threads than there are, no more time than they have.

    Raises InputError on a system whose processes cannot be held so.
    """
    if not sys.platform.startswith("linux"):
        raise InputError(f"profile {profile.name} on {sys.platform}; expected: Linux, or --profile none")
    chosen = tuple(processors[: profile.threads])
    return Limits(
        profile=profile.name,
        threads=len(chosen),
        processors=chosen,
        cores=profile.cores if profile.cores < len(chosen) else None,
        memory_bytes=profile.memory_bytes,
        means=means,
    )


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends: one that was stopped for its pace would wait for ever."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
