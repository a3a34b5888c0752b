"""What `edgethought bench-plan` does."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tasks.table import Table
from edgethought.cli.table_printing import print_table
from runtime.values.errors import InputError

if TYPE_CHECKING:
    from benchmarks.plan import Plan


def plan_command(
    report: Path | None, *, points: float, power: float, discordance: float | None, as_json: bool
) -> None:
    """Print how many problems a difference needs, by the discordance given, a report's, or usual ones."""
    from benchmarks.plan import plan, plans_of, usual_plans

    if not 0 < points < 100:
        raise InputError(f"points is {points:g}; expected: above 0, below 100")
    if discordance is not None and not points <= discordance <= 100:
        raise InputError(
            f"discordance is {discordance:g} %; expected: up to 100, and no less than the {points:g} points to see"
        )
    if report is not None and discordance is not None:
        raise InputError("a report and --discordance; expected: one of them")
    if report is not None:
        plans = plans_of(report, points / 100, power)
    elif discordance is not None:
        plans = [plan(discordance / 100, points / 100, power)]
    else:
        plans = usual_plans(points / 100, power)
    if as_json:
        print(json.dumps([asdict(one) for one in plans], ensure_ascii=False))
    else:
        print_table(plan_table(plans, points, power))


def plan_table(plans: "Sequence[Plan]", points: float, power: float) -> Table:
    """The problems that each discordance needs."""
    from benchmarks.plan import MAX_PROBLEMS

    return Table(
        f"Problems to see {points:g} points with {100 * power:g} % probability",
        ("pair", "only one right, %", "problems"),
        tuple(
            (
                one.what or "any",
                f"{100 * one.discordance:.1f}",
                f"{one.problems:,}" if one.problems else f"over {MAX_PROBLEMS:,}",
            )
            for one in plans
        ),
        "McNemar's exact test at 5 %, both answering the same problems. It is a true difference that is seen so often; "
        "the measured one varies around it.",
    )
