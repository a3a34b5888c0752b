"""Latency and memory: percentiles of stage times, and the most memory that this process ever held."""

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scoring.statistics import percentile

STAGES = ("load", "prefill", "decode", "solve", "total")


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one stage over many answers: the median and the 95th percentile."""

    p50: float
    p95: float


def latency(milliseconds: Sequence[float]) -> Latency:
    """Median and 95th percentile; zeros when nothing was measured."""
    return Latency(percentile(milliseconds, 0.5), percentile(milliseconds, 0.95))


def peak_rss_bytes() -> int:
    """The largest resident memory of this process so far (Linux `VmHWM`, elsewhere `getrusage`)."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
