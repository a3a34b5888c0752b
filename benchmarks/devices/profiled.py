"""A profile in a report: what held, what the device is published to do, and what the held process was seen to do."""

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.devices.limits import Limits
from benchmarks.devices.profiles import PROFILES, Profile
from benchmarks.devices.rates import Rates


@dataclass(frozen=True, slots=True)
class ProfiledRun:
    """The limits that artifacts were held to, and the rates under them while the report was made; None unmeasured."""

    limits: Limits
    rates: Rates | None

    @property
    def profile(self) -> Profile:
        """What the limits stand for."""
        return PROFILES[self.limits.profile]

    def to_row(self) -> dict[str, Any]:
        """The profile as report.json has it: what was wanted, what was enforced, what was measured."""
        return {
            "profile": asdict(self.profile),
            "enforced": asdict(self.limits),
            "measured": self.rates and asdict(self.rates),
        }
