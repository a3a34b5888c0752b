"""What `edgethought tune` does: measure this device, explain, remember."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import progress_bar, say
from runtime.answering.default_model import (
    default_artifacts,
    named_artifact,
    runnable,
    set_default,
    student_artifacts,
)
from runtime.answering.tuning import remember
from runtime.values.errors import InputError

if TYPE_CHECKING:
    from benchmarks.tune import Choice
    from benchmarks.ways import TimedWay

BUSY = 0.5


def tune_command(
    artifacts: Sequence[Path], *, seconds: float, keep: bool, as_json: bool, latency_ms: float | None = None
) -> None:
    """Measure the artifacts given, or the best student's, or a run's; the choice is what `solve` uses from then on.

    With `latency_ms` the ways of answering are timed too, and the best one that is in time is chosen.
    """
    from benchmarks.tune import settings_by_key, tune, tuning_table
    from benchmarks.ways import best_way, ways_table

    # The quickest of several students would seldom be the best one.
    best = list(runnable(student_artifacts()))[:1]
    known = best or [folder for folder in default_artifacts() if folder.is_dir()]
    folders = list(map(named_artifact, artifacts)) or known
    if not folders:
        raise InputError(
            "no artifacts to measure; expected: artifact folders or students, or `edgethought model get flagship` first"
        )
    if not 1 <= seconds <= 3600:
        raise InputError(f"seconds is {seconds:g}; expected: 1 to 3600")
    if latency_ms is not None and not 0 < latency_ms < float("inf"):
        raise InputError(f"latency-ms is {latency_ms:g}; expected: more than 0")
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY:
        say(f"other programs are running (load {os.getloadavg()[0]:.1f}): speeds will be too low")
    with progress_bar("tune") as bar:
        choice = tune(folders, seconds=seconds, progress=bar)
    ways = [] if latency_ms is None else _timed(choice, latency_ms)
    if latency_ms is not None:
        way = best_way(ways, latency_ms)
        tuned = replace(choice.settings[choice.best], mode=way.mode, samples=way.samples)
        choice = replace(choice, settings={**choice.settings, choice.best: tuned})
    if keep:
        others = [folder for folder in folders if folder != choice.best]
        set_default([choice.best, *others], chosen=bool(artifacts))
        remember(settings_by_key(choice))
    if as_json:
        row = {
            "best": str(choice.best),
            "speeds": [asdict(speed) for speed in choice.speeds],
            "ways": [asdict(way) for way in ways],
        }
        print(json.dumps(row, default=str))
        return
    print_table(tuning_table(choice))
    if latency_ms is not None:
        print_table(ways_table(ways, latency_ms))
        if best_way(ways, latency_ms).most_ms > latency_ms:
            say(f"no way is in time: one thought takes {ways[0].most_ms:.0f} ms for nine of ten questions")
    tuned = choice.settings[choice.best]
    say(
        f"{'From now on' if keep else 'Best'}: {choice.best}, {tuned.threads} threads, "
        f"{tuned.streams} thoughts at a time on {tuned.contexts} context{'s' if tuned.contexts > 1 else ''} for files"
    )


def _timed(choice: "Choice", latency_ms: float) -> "list[TimedWay]":
    """The ways of answering of the best artifact, with its settings, timed."""
    from benchmarks.ways import timed_ways
    from runtime.answering.pipeline import load

    with (
        load(choice.best, threads=choice.settings[choice.best].threads) as model,
        progress_bar("ways") as bar,
    ):
        return list(timed_ways(model, latency_ms, bar))
