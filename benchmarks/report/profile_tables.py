"""Tables of device profiles: what was enforced and what the figures are worth, and artifacts under each, side by side."""

from collections.abc import Iterable, Sequence

from benchmarks.devices.profiled import ProfiledRun
from benchmarks.devices.profiles import GIB, NOT_IMITATED
from benchmarks.report.findings import Entry, Findings, percent
from benchmarks.report.frontier import size_text, time_text
from benchmarks.tasks.table import Table


def profile_table(findings: Findings) -> Table:
    """Each profile: the device, what of it was enforced here, by what means, and its rates beside published ones."""
    rows = tuple(_profile_row(run) for run in findings.profiles)
    sources = " ".join(f"{run.profile.name}: {run.profile.published}." for run in findings.profiles)
    return Table(
        "Device profiles",
        (
            "profile",
            "stands in for",
            "enforced by",
            "threads",
            "time, cores",
            "memory",
            "GFLOPS here",
            "device's",
            "copy GB/s here",
            "device's",
        ),
        rows,
        f"{NOT_IMITATED} {sources} 'Here' is what the held process reached while this report was made, with all "
        "that else ran: float64 matrix products, and memory copied.",
        texts=3,
    )


def _profile_row(run: ProfiledRun) -> tuple[str, ...]:
    limits, profile, rates = run.limits, run.profile, run.rates
    fewer = f" (of {profile.threads}; no more cores here)" if limits.threads < profile.threads else ""
    means = {
        "systemd": "systemd scope",
        "cgroup": "control group",
        "process": "CPU affinity, RLIMIT_DATA" + (", stops" if limits.cores is not None else ""),
    }
    return (
        profile.name,
        profile.device,
        means[limits.means],
        f"{limits.threads}{fewer}",
        "all" if limits.cores is None else f"{limits.cores:g}",
        f"{limits.memory_bytes / GIB:g} GiB",
        f"{rates.gflops:.1f}" if rates else "–",
        f"{profile.gflops:g}" if profile.gflops else "–",
        f"{rates.copy_gb_s:.1f}" if rates else "–",
        f"{profile.copy_gb_s:g}" if profile.copy_gb_s else "–",
    )


def ceiling_notes(entries: Iterable[Entry], profiles: Sequence[ProfiledRun]) -> list[str]:
    """Artifacts that had more memory than their profile's ceiling, which only a control group keeps to the page."""
    ceilings = {run.profile.name: run.limits.memory_bytes for run in profiles}
    return [
        f"{entry.label} on {entry.task} had {size_text(entry.score.peak_rss_bytes)} of memory at most, more than "
        f"{entry.subject.profile} has: weights that are mapped from their file do not count for RLIMIT_DATA"
        for entry in entries
        if entry.score.peak_rss_bytes > ceilings.get(entry.subject.profile, entry.score.peak_rss_bytes)
    ]


def side_by_side_table(findings: Findings) -> Table:
    """One artifact on one task a row, its accuracy, time and memory under each profile; empty with fewer than two."""
    profiles = [run.profile.name for run in findings.profiles]
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for entry in findings.entries:
        name = entry.label.removesuffix(f", {entry.subject.profile}")
        cells.setdefault((entry.task, name), {})[entry.subject.profile] = _side(entry)
    rows = tuple(
        (name, task, *(found.get(profile, "–") for profile in profiles))
        for (task, name), found in cells.items()
    )
    return Table(
        "Profiles side by side",
        ("artifact", "task", *profiles),
        rows if len(profiles) > 1 else (),
        "Right, median and 95th percentile of an answer's time, right within 1 s and within 5 s, peak memory.",
        texts=2,
    )


def _side(entry: Entry) -> str:
    score, total = entry.score, entry.score.latency["total"]
    within = " / ".join(percent(score.by_deadline[ms]) for ms in (1000, 5000))
    return (
        f"{percent(score.accuracy)}; {time_text(total.p50 / 1000)}, {time_text(total.p95 / 1000)}; {within}; "
        f"{size_text(score.peak_rss_bytes)}"
    )
