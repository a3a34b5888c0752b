"""The report's tables as plain text cells: written once here, printed as Markdown and as HTML."""

from benchmarks.report.findings import Entry, Findings, p_value, percent, points, smallest_told
from benchmarks.report.frontier import pareto, size_text, time_text
from benchmarks.scoring.scores import DEADLINES_MS, RIGHT, WRONG, Score
from benchmarks.scoring.statistics import Interval
from benchmarks.tasks.table import Table
from runtime.values.outcome import STATUSES


def result_table(findings: Findings, task: str) -> Table:
    """Accuracy, size, time and memory of every artifact on one task."""
    entries = findings.on(task)
    front = pareto(entries)
    strict = any(entry.score.strict_correct is not None for entry in entries)
    header = (
        "artifact",
        "right",
        "95 % interval",
        *(("strict", "strict interval") if strict else ()),
        "n",
        "size",
        "time p50",
        "time p95",
        "time p99",
        "decode tok/s",
        "tokens",
        "right/s",
        "peak memory",
    )
    rows = tuple(_result_row(entry, entry in front, strict=strict) for entry in entries)
    return Table(
        f"Results on {task}",
        header,
        rows,
        "★: no other is both faster and more often right. Time is per answer; right/s is right answers per second."
        + (" Strict: right in the format that was asked for." if strict else ""),
    )


def _result_row(entry: Entry, best: bool, *, strict: bool) -> tuple[str, ...]:
    score, total = entry.score, entry.score.latency["total"]
    return (
        f"{entry.label} ★" if best else entry.label,
        "no replies" if entry.empty else percent(score.accuracy),
        "–" if entry.empty else _interval(score.interval),
        *((("–", "–") if entry.empty else _strict_cells(score)) if strict else ()),
        str(score.n),
        size_text(entry.subject.bytes) if entry.subject.bytes else "–",
        time_text(total.p50 / 1000),
        time_text(total.p95 / 1000),
        time_text(total.p99 / 1000),
        _if_known(f"{score.decode_tokens_per_s:,.0f}", score.decode_tokens_per_s),
        _if_known(f"{score.generated_tokens:.0f}", score.generated_tokens),
        f"{score.correct_per_s:.2f}",
        _if_known(size_text(score.peak_rss_bytes), score.peak_rss_bytes),
    )


def _interval(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


def _strict_cells(score: Score) -> tuple[str, str]:
    """Accuracy by strict reading and its interval; dashes for an artifact of ours, which is read in one way."""
    if score.strict_accuracy is None or score.strict_interval is None:
        return "–", "–"
    return percent(score.strict_accuracy), _interval(score.strict_interval)


def _if_known(text: str, figure: float) -> str:
    """A dash where nothing was measured, as with a model behind an endpoint."""
    return text if figure else "–"


def comparison_table(findings: Findings) -> Table:
    """Pairs of artifacts on the same problems."""
    rows = tuple(
        (
            comparison.task,
            f"{comparison.first.label} → {comparison.second.label}",
            points(comparison.paired.gain),
            f"{points(comparison.paired.interval.low)} to {points(comparison.paired.interval.high)}",
            p_value(comparison.paired.p),
            "yes" if comparison.paired.significant else "no",
            f"{comparison.paired.only_first} : {comparison.paired.only_second}",
            smallest_told(comparison.paired),
            str(comparison.paired.n),
        )
        for comparison in findings.comparisons
    )
    header = (
        "task",
        "pair",
        "points",
        "95 % interval",
        "McNemar",
        "beyond chance",
        "only one right",
        "visible",
        "n",
    )
    return Table(
        "Paired comparisons",
        header,
        rows,
        "Exact McNemar test on the problems that both answered, not adjusted for the number of pairs. "
        "'Visible': the true difference in points that this n finds four times in five.",
        texts=2,
    )


def robustness_table(findings: Findings) -> Table:
    """Each artifact on rewritten problems against itself on their originals."""
    rows = tuple(
        (
            drop.first.label,
            drop.task,
            percent((paired.both + paired.only_first) / paired.n) if paired.n else "–",
            percent((paired.both + paired.only_second) / paired.n) if paired.n else "–",
            points(paired.gain),
            f"{points(paired.interval.low)} to {points(paired.interval.high)}",
            p_value(paired.p),
            "yes" if paired.significant else "no",
            f"{paired.only_first} : {paired.only_second}",
            str(paired.n),
        )
        for drop in findings.drops
        for paired in [drop.paired]
    )
    header = (
        "artifact",
        "rewritten",
        "originals",
        "rewritten right",
        "points",
        "95 % interval",
        "McNemar",
        "beyond chance",
        "only one right",
        "n",
    )
    return Table(
        "Robustness",
        header,
        rows,
        "The same problems, as they are and rewritten, paired by their id; problems without a rewriting are left out of "
        "both. 'Only one right': the original alone, then the rewritten one alone.",
        texts=2,
    )


def spread_table(findings: Findings) -> Table:
    """One recipe under several training seeds: how far chance in training moves its accuracy."""
    rows = tuple(
        (
            spread.name,
            spread.task,
            percent(spread.mean),
            f"± {100 * spread.deviation:.1f}",
            percent(min(spread.accuracies)),
            percent(max(spread.accuracies)),
            str(len(spread.accuracies)),
        )
        for spread in findings.spreads
    )
    return Table(
        "Spread over training seeds",
        ("recipe", "task", "mean", "standard deviation", "least", "most", "seeds"),
        rows,
        "Sample standard deviation of the seeds' accuracies, in points. It shows what the seed of training changes; what "
        "another choice of problems would change is in each artifact's own interval.",
        texts=2,
    )


def stage_table(findings: Findings, task: str) -> Table:
    """Where the time of an answer goes."""
    rows = []
    for entry in findings.on(task):
        stages = entry.score.latency
        cells = [
            _if_known(
                " / ".join(time_text(ms / 1000) for ms in (stages[s].p50, stages[s].p95, stages[s].p99)),
                stages[s].p95,
            )
            for s in _STAGES
        ]
        load = _if_known(time_text(stages["load"].p50 / 1000), stages["load"].p50)
        speeds = (entry.score.prefill_tokens_per_s, entry.score.decode_tokens_per_s)
        rows.append((entry.label, load, *cells, *(_if_known(f"{speed:,.0f}", speed) for speed in speeds)))
    return Table(
        f"Stage times on {task}",
        (
            "artifact",
            "load",
            "prefill (first token)",
            "decode",
            "solve",
            "total",
            "prefill tok/s",
            "decode tok/s",
        ),
        tuple(rows),
        "Median / 95th / 99th percentile per answer; load once. Prefill counts the whole prompt, "
        "also where its beginning was still in the cache.",
    )


def resource_table(findings: Findings, task: str) -> Table:
    """Memory, processor time and, where the machine meters them, energy, clock and throttling."""
    entries = findings.on(task)
    rows = tuple((entry.label, *_resource_cells(entry.score)) for entry in entries)
    columns = ("peak memory", "CPU time", "cores busy", "waited", "energy", "right/Wh", "clock", "throttled")
    kept = [0, *(n for n in range(1, len(columns) + 1) if any(row[n] != "–" for row in rows))]
    return Table(
        f"Memory, processor, energy on {task}",
        tuple(("artifact", *columns)[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows) if len(kept) > 1 else (),
        "CPU time and energy: mean of an answer. CPU time is that of the scoring process without the solver's worker; "
        "cores busy is CPU time over time. Waited: of its time, for a processor that something else had; above a few "
        "percent, times are too long. Energy is what a counter of the whole package or machine counted, all "
        "else that ran included; without a counter there is no figure. Clock: the median.",
    )


def _resource_cells(score: Score) -> tuple[str, ...]:
    return (
        _if_known(size_text(score.peak_rss_bytes), score.peak_rss_bytes),
        _if_known(time_text(score.cpu_ms / 1000), score.cpu_ms),
        _if_known(f"{score.cores_busy:.2f}", score.cores_busy),
        "–" if score.waited is None else percent(score.waited),
        "–" if score.energy_j is None else f"{score.energy_j:.2f} J",
        "–" if score.correct_per_wh is None else f"{score.correct_per_wh:,.0f}",
        "–" if score.mhz is None else f"{score.mhz:,.0f} MHz",
        "–" if score.throttled is None else f"{score.throttled} times",
    )


_STAGES = ("prefill", "decode", "solve", "total")


def deadline_table(findings: Findings, task: str) -> Table:
    """Accuracy when an answer that comes too late is no answer."""
    header = ("artifact", *(time_text(ms / 1000) for ms in DEADLINES_MS))
    rows = tuple(
        (entry.label, *(percent(entry.score.by_deadline[ms]) for ms in DEADLINES_MS))
        for entry in findings.on(task)
    )
    return Table(f"Right answers within a deadline on {task}", header, rows)


def ledger_table(findings: Findings, task: str) -> Table:
    """How many answers were right, wrong or none, and why none."""
    entries = findings.on(task)
    names = [name for name in LEDGER_ORDER if any(name in entry.score.ledger for entry in entries)]
    rows = tuple(
        (entry.label, *(str(entry.score.ledger.get(name, 0)) for name in names)) for entry in entries
    )
    return Table(
        f"Failure ledger on {task}",
        ("artifact", *(name.replace("_", " ") for name in names)),
        rows,
        "'Wrong': solved, but not to the gold answer. Every other column but 'right' is an answer that was not given.",
    )


LEDGER_ORDER = (RIGHT, WRONG, *(status for status in STATUSES if status != "solved"))


def provenance_table(findings: Findings) -> Table:
    """What was scored: hashes and settings, so that any figure traces back."""
    subjects = dict.fromkeys(entry.subject for entry in findings.entries)
    rows = tuple(
        (subject.label, subject.sha256[:16] or "–", subject.settings or "–", subject.notes or "–")
        for subject in subjects
    )
    return Table("What was scored", ("artifact", "sha256", "settings", "notes"), rows, texts=4)


def machine_table(findings: Findings) -> Table:
    """The machine and the versions that ran."""
    machine = findings.machine
    rows = [("machine", machine.sentence())]
    rows += [(package, version) for package, version in machine.packages.items()]
    return Table("Machine", ("what", "which"), tuple(rows), texts=2)
