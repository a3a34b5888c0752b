"""What `edgethought tune` does: measure this device, explain, remember."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

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

BUSY = 0.5


def tune_command(artifacts: Sequence[Path], *, seconds: float, keep: bool, as_json: bool) -> None:
    """Measure the artifacts given, or the best student's, or a run's; the choice is what `solve` uses from then on."""
    from benchmarks.tune import settings_by_key, tune, tuning_table

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
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY:
        say(f"other programs are running (load {os.getloadavg()[0]:.1f}): speeds will be too low")
    with progress_bar("tune") as bar:
        choice = tune(folders, seconds=seconds, progress=bar)
    if keep:
        others = [folder for folder in folders if folder != choice.best]
        set_default([choice.best, *others], chosen=bool(artifacts))
        remember(settings_by_key(choice))
    if as_json:
        row = {"best": str(choice.best), "speeds": [asdict(speed) for speed in choice.speeds]}
        print(json.dumps(row, default=str))
        return
    print_table(tuning_table(choice))
    tuned = choice.settings[choice.best]
    say(
        f"{'From now on' if keep else 'Best'}: {choice.best}, {tuned.threads} threads, "
        f"{tuned.streams} thoughts at a time on {tuned.contexts} context{'s' if tuned.contexts > 1 else ''} for files"
    )
