"""What the answers to a task cost together, as far as a machine meters it."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.devices.meters import Spent


def metered(spent: Sequence[Spent], total_ms: Sequence[float], correct: int) -> dict[str, Any]:
    """The metered fields of a score: means of an answer, shares of the time of answering; None where nothing says."""
    timed = [(one.cpu_ms, ms) for one, ms in zip(spent, total_ms, strict=True) if one.cpu_ms > 0]
    waited = [
        (one.waited_ms, ms) for one, ms in zip(spent, total_ms, strict=True) if one.waited_ms is not None
    ]
    joules = [one.energy_j for one in spent if one.energy_j is not None]
    clocks = [one.mhz for one in spent if one.mhz is not None]
    throttled = [one.throttled for one in spent if one.throttled is not None]
    whole = bool(joules) and len(joules) == len(spent) and sum(joules) > 0
    return {
        "cpu_ms": sum(cpu for cpu, _ in timed) / len(timed) if timed else 0.0,
        "cores_busy": _ratio(timed) or 0.0,
        "waited": _ratio(waited),
        "energy_j": sum(joules) / len(joules) if whole else None,
        "correct_per_wh": 3600 * correct / sum(joules) if whole else None,
        "mhz": median(clocks) if clocks else None,
        "throttled": sum(throttled) if throttled else None,
    }


def _ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    whole = sum(ms for _, ms in pairs)
    return sum(part for part, _ in pairs) / whole if whole else None
