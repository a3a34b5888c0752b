"""Reports: five files beside the log that say what was measured, for people and for machines."""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.devices.profiled import ProfiledRun
from benchmarks.report.findings import (
    Entry,
    Findings,
    comparisons_of,
    drop_headline,
    drops_of,
    gain_headline,
    percent,
    spreads_of,
)
from benchmarks.report.frontier import draw_frontier, time_text
from benchmarks.report.rendering import render_markdown, render_page
from benchmarks.scoring.machine import Machine, describe_machine
from runtime.values.errors import InputError
from runtime.values.files import whole_file, write_json

REPORT_JSON, REPORT_MD, REPORT_HTML = "report.json", "report.md", "report.html"
FRONTIER_PNG, FRONTIER_SVG = "frontier.png", "frontier.svg"
SAMPLES_FILE = "samples.jsonl"


def build_findings(
    entries: Sequence[Entry],
    *,
    title: str,
    baseline: str | None = None,
    student: str | None = None,
    gained_by: str | None = "Distillation",
    command: str | None = None,
    notes: Sequence[str] = (),
    groups: Mapping[str, str] | None = None,
    details: dict[str, Any] | None = None,
    profiles: Sequence[ProfiledRun] = (),
    machine: Machine | None = None,
) -> Findings:
    """Draw conclusions from entries.

    `baseline` and `student` are labels: each headline says what the student (by default the first artifact
    that is not the baseline) gained over the baseline. Without a baseline it says which artifact was right
    most often. `gained_by` is the headline's subject, None for the two labels. `groups` maps labels to the recipe
    that they are seeds of.
    """
    if not entries:
        raise InputError("no scored artifacts to report on; expected: one or more")
    labels = {entry.label for entry in entries}
    for label in (baseline, student):
        if label is not None and label not in labels:
            raise InputError(f"no artifact {label!r} in the report; expected: {', '.join(sorted(labels))}")
    comparisons, drops = comparisons_of(entries, baseline), drops_of(entries)
    student = student or next((entry.label for entry in entries if entry.label != baseline), None)
    headlines = [
        gain_headline(comparison, gained_by)
        for comparison in comparisons
        if comparison.first.label == baseline
        and comparison.second.label == student
        and not (comparison.first.empty or comparison.second.empty)
    ]
    return Findings(
        title=title,
        entries=tuple(entries),
        comparisons=comparisons,
        headlines=(
            *_empty_headlines(entries),
            *(headlines or _best_headlines([entry for entry in entries if not entry.empty])),
            *map(drop_headline, drops),
        ),
        machine=machine or describe_machine(),
        command=command if command is not None else shlex.join(["edgethought", *sys.argv[1:]]),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=tuple(notes),
        details=details or {},
        spreads=spreads_of(entries, groups or {}),
        drops=drops,
        profiles=tuple(profiles),
    )


def _empty_headlines(entries: Sequence[Entry]) -> Iterator[str]:
    """What is no score: a model that wrote nothing at all, which is a wrong address, template or token limit."""
    for entry in entries:
        if entry.empty:
            yield (
                f"{entry.label}: nothing scored on {entry.task}, every one of {entry.score.n:,} replies is empty. Look "
                "at the model's name, --prompt-mode and --max-tokens: a reasoning model may think beyond its limit"
            )


def empty_notes(entries: Sequence[Entry]) -> list[str]:
    """How many replies of a model are empty, where some are and others not: they count as no answer."""
    counts = [(entry, sum(not sample.text.strip() for sample in entry.samples)) for entry in entries]
    return [
        f"{count:,} of {entry.score.n:,} replies of {entry.label} on {entry.task} are empty; they count as no answer"
        for entry, count in counts
        if count and not entry.empty
    ]


def _best_headlines(entries: Sequence[Entry]) -> list[str]:
    lines = []
    for task in dict.fromkeys(entry.task for entry in entries):
        best = max((entry for entry in entries if entry.task == task), key=lambda entry: entry.score.accuracy)
        interval = best.score.interval
        lines.append(
            f"{best.label}: {percent(best.score.accuracy)} right on {task} (n = {best.score.n}, 95 % CI "
            f"{100 * interval.low:.1f} to {100 * interval.high:.1f}), "
            f"{time_text(best.score.latency['total'].p50 / 1000)} per answer"
            + ("" if best.label.endswith(best.subject.profile) else f" as {best.subject.profile}")
        )
    return lines


def write_report(folder: Path, findings: Findings) -> list[Path]:
    """Write report.json, report.md, report.html, frontier.png and frontier.svg into `folder`; returns their paths."""
    write_json(folder / REPORT_JSON, findings.to_row())
    pictures = draw_frontier(findings)
    _write(folder / FRONTIER_PNG, pictures["png"])
    _write(folder / FRONTIER_SVG, pictures["svg"])
    _write(folder / REPORT_MD, render_markdown(findings, FRONTIER_PNG).encode())
    _write(folder / REPORT_HTML, render_page(findings).encode())
    return [folder / name for name in (REPORT_JSON, REPORT_MD, REPORT_HTML, FRONTIER_PNG, FRONTIER_SVG)]


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as partial:
        partial.write_bytes(content)
