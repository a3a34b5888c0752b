"""The score stage: artifacts and the untouched base answer the recipe's problems, each in a process of its own."""

import json
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from benchmarks.bench import Progress
from benchmarks.bench import run as run_job
from benchmarks.scoring.job import BenchSettings, BenchTask, Job, PromptMode
from benchmarks.tasks.splits import ScoringSplit
from distill.training.calibration import duration
from edgethought.stages.asking.exemplars import DEFAULT_SHOTS, EXAMPLES_FROM, worked_examples
from edgethought.stages.problems import scoring_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.running.run_folder import ARTIFACTS, SAMPLES, Run, base_artifact
from edgethought.stages.tasks import bench_task
from export.targets import parse_targets
from runtime.values.files import write_json
from runtime.values.problem import Problem
from runtime.values.prompt import Thought

LIMITS_FILE = "limits.json"
# A chat reply is about as long as ten thoughts.
CHAT_ANSWERS = 10
TIMED_ANSWERS = 5
MIN_PROBLEMS, MIN_CHATS = 30, 5
BASELINE_LABELS: dict[PromptMode, str] = {
    "few-shot": f"untouched base, {DEFAULT_SHOTS} worked examples",
    "chat": "untouched base, its own chat",
}


def score_run(run: Run) -> dict[str, Any]:
    """Score every artifact and baseline; an interrupted stage goes on after the last answered problem."""
    tasks = list(run_tasks(run))
    _fit_limits(run)
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


def _fit_limits(run: Run) -> None:
    """Settle how many problems are asked, once a run, by the time of a few answers of its first artifact."""
    score, path = run.recipe.score, run.path / LIMITS_FILE
    if not score.time_budget_s or path.is_file():
        return
    problems = {task: scoring_problems(task, run.recipe) for task in score.tasks}
    most = max(map(len, problems.values()))
    chats = min(score.chat_limit or most, most)
    ways = len(parse_targets(run.recipe.targets)) + ("few-shot" in score.baselines)
    answers = most * ways + (chats * CHAT_ANSWERS if "chat" in score.baselines else 0)
    whole_s = _answer_s(run, problems[score.tasks[0]]) * answers * len(score.tasks)
    share = min(1.0, score.time_budget_s / whole_s)
    limits = {
        "limit": min(most, max(MIN_PROBLEMS, int(most * share))),
        "chat_limit": min(chats, max(MIN_CHATS, int(chats * share))),
    }
    line = f"scoring: {most} problems an artifact take about {duration(whole_s)}"
    if share < 1:
        cut = f"cut to {limits['limit']}, own chat to {limits['chat_limit']}"
        line += f"; {cut} (score.time_budget_s is {score.time_budget_s:g})"
    say(f"    {line}")
    write_json(path, limits)


def _answer_s(run: Run, problems: Sequence[Problem]) -> float:
    """Seconds of an answer of the first artifact: the median of a few, after one that is not counted."""
    from runtime.answering.pipeline import load

    (target, *_) = parse_targets(run.recipe.targets)
    with load(run.path / ARTIFACTS / target.folder_name) as model:
        taken = [model.answer(problem.question).timings.total for problem in problems[: 1 + TIMED_ANSWERS]]
    return median(taken[1:] or taken) / 1e3


def jobs(run: Run, tasks: list[BenchTask]) -> Iterator[Job]:
    """One job an artifact, then one a baseline."""
    score = run.recipe.score
    log = run.path / SAMPLES
    limits = run.path / LIMITS_FILE
    if limits.is_file():
        score = score.model_copy(update=json.loads(limits.read_text(encoding="utf-8")))
    limit = score.limit or None
    student = BenchSettings(limit=limit, seed=run.recipe.seed, mode=score.mode)
    for target in parse_targets(run.recipe.targets):
        yield Job(run.path / ARTIFACTS / target.folder_name, f"student {target}", tuple(tasks), log, student)
    for prompt_mode in score.baselines:
        thought: Thought = run.recipe.thoughts[0]
        settings = BenchSettings(
            limit=_smaller(score.chat_limit, limit) if prompt_mode == "chat" else limit,
            seed=run.recipe.seed,
            thought=thought,
            prompt_mode=prompt_mode,
            exemplars=worked_examples(EXAMPLES_FROM, thought, seed=run.recipe.seed)
            if prompt_mode == "few-shot"
            else (),
        )
        yield Job(base_artifact(run), BASELINE_LABELS[prompt_mode], tuple(tasks), log, settings)


def _smaller(first: int, second: int | None) -> int | None:
    return min(first, second) if first and second else first or second


def run_tasks(run: Run) -> Iterator[BenchTask]:
    """The recipe's tasks as bench knows them."""
    score = run.recipe.score
    for task in score.tasks:
        yield bench_task(task, ScoringSplit(score.split), score.limit, run.recipe.seed, run.path)
