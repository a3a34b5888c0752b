"""What a machine meters beside time: processor time, energy, clock and throttling. What it does not meter is None.

Energy is read from counters alone, never reckoned from a rating: RAPL (`Documentation/power/powercap` of the kernel), a
socket's counter in hwmon, or a battery that is being discharged. Each counts all that the package or machine did.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.values.cores import allowed_processors

SYS = Path("/sys")
# Reading a clock can interrupt its core, so it is not done more often than this.
CLOCK_EVERY_S = 1.0
# What a Raspberry Pi's firmware says now: frequency capped, throttled, soft temperature limit.
_PI_THROTTLED = 0b1110


@dataclass(frozen=True, slots=True)
class Spent:
    """Since the last reading: processor time of this process in ms, joules, and throttlings; the clock in MHz now.

    `waited_ms` is how long its first thread could have run and had no processor, because something else ran.
    """

    cpu_ms: float = 0.0
    waited_ms: float | None = None
    energy_j: float | None = None
    mhz: float | None = None
    throttled: int | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of energy in one file: `unit_j` joules a count, beginning again after `wraps_at` (0: never).

    `falls` says that it goes down, as a battery's does; it counts while `counts()`.
    """

    file: Path
    name: str
    unit_j: float
    wraps_at: int = 0
    falls: bool = False
    counts: Callable[[], bool] = lambda: True

    def used(self, before: int, after: int) -> float:
        """Joules between two readings."""
        change = before - after if self.falls else after - before
        return self.unit_j * (change + (self.wraps_at if change < 0 and self.wraps_at else 0))


class Meters:
    """The meters of this machine, read in laps."""

    def __init__(self, sys: Path = SYS, processors: Iterable[int] | None = None) -> None:
        self.counters = energy_counters(sys)
        cpus = [
            sys / f"devices/system/cpu/cpu{number}"
            for number in sorted(allowed_processors() if processors is None else processors)
        ]
        self._clocks = [file for cpu in cpus if (file := cpu / "cpufreq/scaling_cur_freq").is_file()]
        self._throttles = [
            file
            for cpu in cpus
            for name in ("core", "package")
            if (file := cpu / f"thermal_throttle/{name}_throttle_count").is_file()
        ]
        self._firmware = sys / "devices/platform/soc/soc:firmware/get_throttled"
        self._mhz: float | None = None
        self._clock_read = float("-inf")
        self._cpu_s = time.process_time()
        self._waited = _waited_ns()
        self._energy = self._read_energy()
        self._throttled = self._read_throttled()

    def lap(self) -> Spent:
        """What was spent since the last lap, or since the beginning."""
        cpu_s, energy, throttled = time.process_time(), self._read_energy(), self._read_throttled()
        waited = _waited_ns()
        spent = Spent(
            cpu_ms=1e3 * (cpu_s - self._cpu_s),
            waited_ms=None if waited is None or self._waited is None else (waited - self._waited) / 1e6,
            energy_j=self._joules(energy),
            mhz=self._clock(),
            throttled=self._firmware_throttled() + max(0, throttled - (self._throttled or 0))
            if throttled is not None
            else None,
        )
        self._cpu_s, self._waited, self._energy, self._throttled = cpu_s, waited, energy, throttled
        return spent

    def _read_energy(self) -> list[int | None]:
        return [_number(counter.file) if counter.counts() else None for counter in self.counters]

    def _joules(self, after: Sequence[int | None]) -> float | None:
        """Joules of all counters together; None where there is none, or one could not be read at both ends."""
        used = [
            counter.used(first, second)
            for counter, first, second in zip(self.counters, self._energy, after, strict=True)
            if first is not None and second is not None
        ]
        return sum(used) if used and len(used) == len(self.counters) else None

    def _clock(self) -> float | None:
        if self._clocks and time.monotonic() - self._clock_read >= CLOCK_EVERY_S:
            self._clock_read = time.monotonic()
            seen = [kilohertz for file in self._clocks if (kilohertz := _number(file)) is not None]
            self._mhz = sum(seen) / len(seen) / 1e3 if seen else None
        return self._mhz

    def _read_throttled(self) -> int | None:
        if not self._throttles and not self._firmware.is_file():
            return None
        return sum(_number(file) or 0 for file in self._throttles)

    def _firmware_throttled(self) -> int:
        return int(bool((_number(self._firmware, base=16) or 0) & _PI_THROTTLED))


def energy_counters(sys: Path = SYS) -> tuple[Counter, ...]:
    """Counters of energy that this process may read: of the packages, else of the sockets, else of the batteries."""
    for find in (_rapl, _hwmon, _batteries):
        found = tuple(counter for counter in find(sys) if _number(counter.file) is not None)
        if found:
            return found
    return ()


def _rapl(sys: Path) -> list[Counter]:
    """The packages of RAPL; parts of a package (`intel-rapl:0:0`) are in it."""
    zones = [
        zone for zone in sorted((sys / "class/powercap").glob("intel-rapl:*")) if zone.name.count(":") == 1
    ]
    return [
        Counter(
            zone / "energy_uj",
            f"RAPL {_text(zone / 'name')}",
            unit_j=1e-6,
            wraps_at=_number(zone / "max_energy_range_uj") or 0,
        )
        for zone in zones
        if _text(zone / "name").startswith("package")
    ]


def _hwmon(sys: Path) -> list[Counter]:
    """Counters that hwmon labels as a socket's, as the driver amd_energy does."""
    return [
        Counter(label.with_name(label.name.replace("_label", "_input")), f"hwmon {_text(label)}", unit_j=1e-6)
        for label in sorted((sys / "class/hwmon").glob("hwmon*/energy*_label"))
        if _text(label).startswith("Esocket")
    ]


def _batteries(sys: Path) -> list[Counter]:
    """Batteries that tell their energy in µWh: the whole machine's, in coarse steps, while they are discharged."""
    return [
        Counter(
            folder / "energy_now",
            f"battery {folder.name}",
            unit_j=3.6e-3,
            falls=True,
            counts=lambda status=folder / "status": _text(status) == "Discharging",  # type: ignore[misc]
        )
        for folder in sorted((sys / "class/power_supply").glob("BAT*"))
        if _text(folder / "status") == "Discharging"
    ]


def _waited_ns(file: Path = Path("/proc/self/schedstat")) -> int | None:
    """Nanoseconds that the first thread waited for a processor so far; None in a kernel that does not tell."""
    fields = _text(file).split()
    return int(fields[1]) if len(fields) == 3 else None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(file: Path, base: int = 10) -> int | None:
    try:
        return int(_text(file), base)
    except ValueError:
        return None
