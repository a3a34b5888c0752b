"""How many cores this process may use: physical ones, as two threads on one core only slow a decoder down."""

import os
from pathlib import Path

_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def allowed_processors() -> set[int]:
    """The logical processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def physical_cores() -> int:
    """Physical cores that this process may use, at least 1, no more than its container's quota."""
    return max(1, min(len(physical_processors()), _container_quota()))


def physical_processors() -> list[int]:
    """One allowed processor of each physical core, in order."""
    first = {_sibling_list(processor): processor for processor in sorted(allowed_processors(), reverse=True)}
    return sorted(first.values())


def _sibling_list(processor: int) -> str:
    try:
        return Path(_TOPOLOGY.format(processor)).read_text(encoding="ascii").strip()
    except OSError:
        return str(processor)


def _container_quota() -> int:
    """Whole processors that the control group grants, rounded up; a large number when it sets no limit."""
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 1 << 16
    return 1 << 16 if quota == "max" else -(-int(quota) // int(period))
