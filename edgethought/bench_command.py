"""What `edgethought bench` does."""

import importlib.util
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from edgethought.progress import progress_bar, say
from runtime.answers import Tolerance
from runtime.errors import InputError, MissingExtra
from runtime.prompt import THOUGHTS


def bench_command(
    artifacts: Sequence[Path],
    tasks: str,
    *,
    out: Path,
    limit: int | None,
    thought: str | None,
    seed: int,
    threads: int | None,
    deadline_ms: float | None,
    tolerance: str,
) -> None:
    """Score artifacts and print the report's headlines."""
    from benchmarks.bench import Progress, bench, parse_tasks
    from benchmarks.job import BenchSettings

    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("the frontier picture needs matplotlib: pip install 'edgethought[build]'")
    known = {name: name for name in THOUGHTS}
    if thought is not None and thought not in known:
        raise InputError(f"thought {thought!r}; allowed: {', '.join(THOUGHTS)}")
    tolerances: dict[str, Tolerance] = {name: name for name in get_args(Tolerance)}
    if tolerance not in tolerances:
        raise InputError(f"tolerance {tolerance!r}; allowed: {', '.join(tolerances)}")
    settings = BenchSettings(
        limit=limit,
        seed=seed,
        thought=known[thought] if thought else None,
        threads=threads,
        deadline_ms=deadline_ms,
        tolerance=tolerances[tolerance],
    )
    with progress_bar("bench") as bar:

        def progress(now: Progress) -> None:
            bar(now.done, now.total, f"{now.label} on {now.task}: {now.correct} right")

        command = shlex.join(["edgethought", *sys.argv[1:]])
        findings = bench(
            artifacts, parse_tasks(tasks), out=out, settings=settings, progress=progress, command=command
        )
    for headline in findings.headlines:
        print(headline)
    say(f"Report: {out / 'report.html'}   picture: {out / 'frontier.png'}")
