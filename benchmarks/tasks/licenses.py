"""The licence allow-list: which rows may go into a model that is shipped, and which serve research only."""

from typing import Literal

from runtime.values.errors import InputError

Policy = Literal["ship", "research"]
OURS = "edgethought"
UNSTATED = "unstated"
# A licence's attribution is given in the model card. Share-alike and non-commercial terms are not on it.
SHIP_LICENSES = frozenset({"MIT", "Apache-2.0", "CC-BY-4.0", OURS})


def permitted(license: str, policy: Policy) -> bool:
    """Whether a row under `license` may be used: `ship` goes by the list, `research` takes every row."""
    if policy == "research":
        return True
    if policy == "ship":
        return license in SHIP_LICENSES
    raise InputError(f"licence policy {policy!r}; expected: ship, research")
