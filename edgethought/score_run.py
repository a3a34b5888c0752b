"""The score stage: artifacts and the untouched base answer the recipe's problems, each in a process of its own."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.bench import Progress
from benchmarks.bench import run as run_job
from benchmarks.job import Ask, BenchSettings, BenchTask, Job
from edgethought.exemplars import USUAL_SHOTS, worked_examples
from edgethought.problems import STORIES, scoring_problems
from edgethought.progress import progress_bar
from edgethought.run_files import ARTIFACTS, SAMPLES, Run, base_artifact
from export.targets import parse_targets
from runtime.jsonl import write_jsonl
from runtime.prompt import Thought

BASELINE_LABELS: dict[Ask, str] = {
    "few-shot": f"untouched base, {USUAL_SHOTS} worked examples",
    "chat": "untouched base, its own chat",
}


def score_run(run: Run) -> dict[str, Any]:
    """Score every artifact and baseline; an interrupted stage goes on after the last answered problem."""
    tasks = list(run_tasks(run))
    right: dict[str, str] = {}
    for job in jobs(run, tasks):
        with progress_bar(job.label) as bar:
            last: dict[str, Progress] = {}

            def progress(now: Progress, bar: Any = bar, last: dict[str, Progress] = last) -> None:
                last[now.task] = now
                bar(now.done, now.total, f"{now.correct} right")

            run_job(job, progress)
        for now in last.values():
            right[f"{job.label} on {now.task}"] = f"{now.correct} of {now.done}"
    return right


def jobs(run: Run, tasks: list[BenchTask]) -> Iterator[Job]:
    """One job an artifact, then one a baseline."""
    score = run.recipe.score
    log = run.path / SAMPLES
    limit = score.limit or None
    student = BenchSettings(limit=limit, seed=run.recipe.seed, mode=score.mode)
    for target in parse_targets(run.recipe.targets):
        yield Job(run.path / ARTIFACTS / target.folder_name, f"student {target}", tuple(tasks), log, student)
    for ask in score.baselines:
        thought: Thought = run.recipe.thoughts[0]
        settings = BenchSettings(
            limit=_smaller(score.chat_limit, limit) if ask == "chat" else limit,
            seed=run.recipe.seed,
            thought=thought,
            ask=ask,
            exemplars=worked_examples(STORIES, thought, seed=run.recipe.seed) if ask == "few-shot" else (),
        )
        yield Job(base_artifact(run), BASELINE_LABELS[ask], tuple(tasks), log, settings)


def _smaller(first: int, second: int | None) -> int | None:
    return min(first, second) if first and second else first or second


def run_tasks(run: Run) -> Iterator[BenchTask]:
    """Tasks as bench knows them; stories are written to a file of the run first."""
    from benchmarks.splits import ScoringSplit

    split = ScoringSplit(run.recipe.score.split)
    for task in run.recipe.score.tasks:
        if task == STORIES:
            path: Path = run.path / f"stories-{split.value}.jsonl"
            write_jsonl(path, (asdict(problem) for problem in scoring_problems(task, run.recipe)))
            yield BenchTask(str(path), split, "unseen story templates")
        else:
            yield BenchTask(task, split)
