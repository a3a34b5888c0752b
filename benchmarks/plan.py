"""How many problems a comparison needs: the power of McNemar's exact test on paired answers."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

from benchmarks.compare import read_report
from benchmarks.scoring.statistics import SIGNIFICANT, Z95
from runtime.values.errors import InputError

# Beyond so many problems nobody scores, and the sums grow long.
MAX_PROBLEMS = 1_000_000
# Terms farther than so many standard deviations from the mean are below rounding.
DEVIATIONS = 8
# What artifacts of one line of work differ by; shown where no rate is given.
USUAL_DISCORDANCES = (0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Plan:
    """Problems that a difference needs. Shares are fractions of one; `what` is the pair whose discordance this is.

    `problems` is None where more than MAX_PROBLEMS would be needed.
    """

    what: str
    discordance: float
    difference: float
    power: float
    problems: int | None


def plans_of(report: Path, difference: float, power: float) -> list[Plan]:
    """A plan for each pair of a report.json (or of its folder) by how often the two disagreed there.

    Raises InputError where it compared nothing.
    """
    path = report / "report.json" if report.is_dir() else report
    rows: list[dict[str, Any]] = read_report(path).get("comparisons", [])
    if not rows:
        raise InputError(f"{path} compares no two artifacts; expected: the report of a bench of two or more")
    plans = []
    for row in rows:
        rate = (row["only_first"] + row["only_second"]) / row["n"] if row["n"] else 0.0
        plans.append(
            plan(rate, difference, power, f"{row['task']}: {row['first']} → {row['second']}, n = {row['n']}")
        )
    return plans


def usual_plans(difference: float, power: float) -> list[Plan]:
    """A plan for each usual share of problems that exactly one side gets right."""
    rates = [rate for rate in USUAL_DISCORDANCES if rate >= difference] or [difference]
    return [plan(rate, difference, power) for rate in rates]


def plan(discordance: float, difference: float, power: float, what: str = "") -> Plan:
    """So many problems that McNemar's exact test at 5 % finds `difference` with probability `power`.

    They are the fewest, but for the jags that an exact test's power has over n.
    `discordance` is the share of problems that exactly one of the two gets right; where it is below the difference, as
    it may be in a small bench, the difference itself is taken. Raises InputError for what is no such share.
    """
    if not 0 < difference < 1:
        raise InputError(f"difference of {100 * difference:g} points; expected: above 0, below 100")
    if not 0 < power < 1:
        raise InputError(f"power {power:g}; expected: above 0, below 1")
    if not 0 <= discordance <= 1:
        raise InputError(f"discordance {discordance:g}; expected: 0 to 1")
    rate = max(discordance, difference)
    low, high = 0, max(8, int(_connor(rate, difference, power)))
    while high <= MAX_PROBLEMS and exact_power(high, rate, difference) < power:
        low, high = high, high + high // 8 + 1
    if high > MAX_PROBLEMS:
        return Plan(what, rate, difference, power, None)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if exact_power(middle, rate, difference) >= power else (middle, high)
    return Plan(what, rate, difference, power, high)


def _connor(discordance: float, difference: float, power: float) -> float:
    """Connor's formula (1987), from which the search for the exact number starts."""
    spread = math.sqrt(max(0.0, discordance - difference**2))
    wanted = NormalDist().inv_cdf(power)
    return ((Z95 * math.sqrt(discordance) + max(0.0, wanted) * spread) / difference) ** 2


def exact_power(n: int, discordance: float, difference: float) -> float:
    """How probably McNemar's exact test at 5 % finds a true difference on `n` problems.

    The number of problems that one side alone gets right is binomial in n, those of the better side binomial in that.
    """
    import numpy as np

    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    better = (discordance + difference) / (2 * discordance)
    counts = _around(n, discordance)
    chances = _binomial(logs, n, counts, discordance)
    found = [_rejects(logs, int(count), better) for count in counts]
    return float(chances @ np.asarray(found))


def _around(n: int, share: float) -> Any:
    """The numbers of n that a binomial with this share has at all often."""
    import numpy as np

    reach = DEVIATIONS * math.sqrt(n * share * (1 - share)) + DEVIATIONS
    return np.arange(max(0, math.floor(n * share - reach)), min(n, math.ceil(n * share + reach)) + 1)


def _binomial(logs: Any, n: int, counts: Any, share: float) -> Any:
    import numpy as np

    if share >= 1:
        return (counts == n).astype(float)
    ways = logs[n] - logs[counts] - logs[n - counts]
    return np.exp(ways + counts * math.log(share) + (n - counts) * math.log1p(-share))


def _rejects(logs: Any, disagreements: int, better: float) -> float:
    """The chance that the test rejects with so many disagreements, each for the better side with this chance."""
    import numpy as np

    counts = _around(disagreements, 0.5)
    tails = 2 * np.cumsum(_binomial(logs, disagreements, counts, 0.5))
    extreme = int(np.searchsorted(tails, SIGNIFICANT))
    if extreme == 0:
        return 0.0
    least = int(counts[extreme - 1])
    split = _around(disagreements, better)
    chances = _binomial(logs, disagreements, split, better)
    return float(chances[(split <= least) | (split >= disagreements - least)].sum())
