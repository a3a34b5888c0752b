"""Tables of what only some samples hold: accuracy by kind of problem, more samples a question, confidence."""

from benchmarks.report.findings import Findings, percent
from benchmarks.scoring.problem_kinds import KindOf
from benchmarks.scoring.risk_coverage import RISKS
from benchmarks.tasks.table import Table

_KINDS: dict[KindOf, tuple[str, str]] = {
    "steps": (
        "Right answers by number of steps",
        "A step is one arithmetic operation of the gold working; problems whose working is not known are left out.",
    ),
    "operation": (
        "Right answers by operation",
        "A problem counts under each operation that its gold working has.",
    ),
    "words": ("Right answers by words of the question", ""),
}


def group_table(findings: Findings, task: str, by: KindOf) -> Table:
    """Accuracy of every artifact on each kind of problem; no rows where there is one kind only."""
    entries = findings.on(task)
    names = list(dict.fromkeys(group.name for entry in entries for group in entry.groups if group.by == by))
    rows = []
    for entry in entries if len(names) > 1 else []:
        found = {group.name: group for group in entry.groups if group.by == by}
        cells = [
            f"{percent(found[name].accuracy)} of {found[name].n}" if name in found else "–" for name in names
        ]
        rows.append((entry.label, *cells))
    title, note = _KINDS[by]
    return Table(f"{title} on {task}", ("artifact", *names), tuple(rows), note)


def attempt_table(findings: Findings, task: str) -> Table:
    """pass@k and vote@k of the artifacts whose every sample was written."""
    found = [(entry, entry.attempts) for entry in findings.on(task) if entry.attempts]
    ks = sorted({k for _, attempts in found for k in attempts.pass_at})
    rows = []
    for entry, attempts in found:
        for name, shares in (("pass@k", attempts.pass_at), ("vote@k", attempts.vote_at)):
            cells = (percent(shares[k]) if k in shares else "–" for k in ks)
            rows.append((entry.label, name, *cells, str(attempts.n)))
    return Table(
        f"More samples a question on {task}",
        ("artifact", "what", *(f"k = {k}" for k in ks), "n"),
        tuple(rows),
        "pass@k: one of k samples is right. vote@k: what most of k samples reach is right, without a scorer.",
        texts=2,
    )


def risk_table(findings: Findings, task: str) -> Table:
    """Selective answering: how many questions can be answered at a risk."""
    found = [(entry, entry.risk) for entry in findings.on(task) if entry.risk]
    rows = tuple(
        (
            entry.label,
            percent(risk.risk),
            *(percent(risk.coverage_at[limit]) for limit in RISKS),
            f"{risk.aurc:.3f}",
            f"{risk.aurc_best:.3f}",
            f"{risk.answered} of {risk.n}",
        )
        for entry, risk in found
    )
    return Table(
        f"Confidence on {task}",
        (
            "artifact",
            "wrong with all",
            *(f"at ≤ {100 * limit:.0f} % wrong" for limit in RISKS),
            "AURC",
            "best AURC",
            "with confidence",
        ),
        rows,
        "Answers are given from the most confident on; 'at ≤' is the share of questions answered. AURC: mean share of "
        "wrong ones over all coverages, less is better; 'best' is what a perfect order of the same answers has.",
    )
