"""The report stage: what distillation gained, with n and an interval, as pages, a picture and a JSON row."""

from typing import Any

from benchmarks.report.build import build_findings, write_report
from benchmarks.report.entries import entries_of, notes_of
from benchmarks.report.findings import Entry
from benchmarks.scoring.near_duplicates import marked_tasks
from edgethought.stages.running.run_folder import ARTIFACTS, RATIONALES, Run
from edgethought.stages.running.score import BASELINE_LABELS, jobs, run_tasks
from export.targets import parse_targets


def report_run(run: Run) -> dict[str, Any]:
    """Write the report into the run folder, and make its artifacts this machine's default for `solve`."""
    from runtime.answering.default_model import set_default

    scored = list(jobs(run, list(run_tasks(run))))
    apart = marked_tasks(scored)
    entries = [entry for job in scored for entry in entries_of(job, apart)]
    findings = build_findings(
        entries,
        title=f"edgethought {run.name}: {run.recipe.summary}",
        baseline=best_baseline(entries),
        command=run.command,
        notes=[*_notes(run), *notes_of(scored, apart)],
        details={"recipe": run.recipe.deciding(), "stages": run.finished()},
    )
    write_report(run.path, findings)
    targets = parse_targets(run.recipe.targets)
    set_default([(run.path / ARTIFACTS / target.folder_name).resolve() for target in targets])
    return {f"headline {number}": line for number, line in enumerate(findings.headlines, start=1)}


def best_baseline(entries: list[Entry]) -> str | None:
    """The way of asking the untouched base that served it best: gains are counted against that one."""
    found = [entry for entry in entries if entry.label in BASELINE_LABELS.values()]
    return max(found, key=lambda entry: entry.score.accuracy).label if found else None


def _notes(run: Run) -> list[str]:
    stages = run.finished()
    times = ", ".join(f"{stage} {row['seconds']:.0f} s" for stage, row in stages.items())
    train, label = stages.get("train", {}), stages.get("label", {})
    cut = run.recipe.train.time_budget_s and train.get("steps", 0) < train.get("planned_steps", 0)
    return [
        f"Stage times: {times}.",
        f"The teacher wrote and the solver verified {label.get('rationales')} rationales of {label.get('problems')} "
        f"problems; the data card is {RATIONALES}/data_card.md.",
        f"Training saw {train.get('tokens', 0):,} tokens of {train.get('examples')} examples in "
        f"{train.get('steps')} steps ({run.recipe.train.method}, in {train.get('compute')})"
        + (f", cut from {train['planned_steps']} to fit into its time." if cut else "."),
        "Gains are counted against the way of asking the untouched base that served it best.",
    ]
