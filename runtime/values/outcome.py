"""Outcome: what became of one thought, an exact value or a named failure."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

Status = Literal[
    "solved",
    "no_thought",
    "bad_syntax",
    "refused",
    "no_solution",
    "ambiguous",
    "not_numeric",
    "over_budget",
    "crashed",
    "truncated",
    "abstained",
]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The solver's result. `value` is exact and present only when `status` is `solved`."""

    status: Status
    value: Fraction | None = None
    reason: str = ""
    isolation: str = ""

    @property
    def solved(self) -> bool:
        """Whether this outcome may vote and may be compared with a gold answer."""
        return self.status == "solved"
