"""Scoring one artifact in a process of its own, so that its peak memory and its speed are its own.

`python -m benchmarks.scoring.scoring_job JOB` is what `bench` starts: JOB is a job as JSON, progress goes to standard
output as one JSON line an answer, and an error that is the user's to mend as one line on standard error with
its exit status.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.devices.limits import end_with_parent
from benchmarks.scoring.job import BenchTask, Endpoint, Job, read_job
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.prompt_modes import Loader, load_model, opened
from benchmarks.scoring.samples import Sample, SampleLog
from benchmarks.scoring.scores import ModelInfo, sample_key, score_samples, warm_up
from benchmarks.tasks.loading import find_task, is_file, load_scoring
from benchmarks.tasks.robustness import rewriting_of, rewritten
from benchmarks.tasks.splits import TEST
from runtime.values.errors import EdgethoughtError, InputError
from runtime.values.problem import Problem


def subsample(problems: Sequence[Problem], limit: int | None, seed: int) -> list[Problem]:
    """A seeded choice of `limit` problems in their own order: a larger limit only ever adds to a smaller one."""
    if limit is None or limit >= len(problems):
        return list(problems)
    chosen = set(list(dict.fromkeys(problem.id for problem in by_rank(problems, seed)))[:limit])
    return [problem for problem in problems if problem.id in chosen]


def by_rank(problems: Iterable[Problem], seed: int) -> list[Problem]:
    """The problems in a seeded order whose first ones are those that `subsample` takes."""
    return sorted(problems, key=lambda problem: hashlib.sha256(f"{seed}:{problem.id}".encode()).digest())


def job_problems(job: Job, task: BenchTask) -> list[Problem]:
    """The problems of one task that a job asks; of lm-eval's the first ones, as its own `--limit` takes them.

    A limit of a robustness set's is that of its originals, so that each of its problems has one that is asked too.
    """
    made = None if is_file(task.name) else rewriting_of(task.name)
    if made:
        find_task(task.name)
    original = made.task if made else task.name
    every, limit = list(load_scoring(original, task.split, task.fields)), job.settings.limit
    if job.settings.prompt_mode == "lm-eval":
        if (task.name, task.split) != ("gsm8k", TEST):
            raise InputError(
                f"lm-eval's prompts are for gsm8k's test split, not for {task.label}; expected: gsm8k"
            )
        problems = every[:limit]
    else:
        problems = subsample(every, limit, job.settings.seed)
        if made:
            originals, problems = len(problems), list(rewritten(problems, made))
            if originals and not problems:
                raise InputError(
                    f"{task.label}: none of {originals:,} original{'s' * (originals != 1)} can be rewritten by its rule; "
                    "expected: a larger --limit, or none"
                )
    if not problems:
        raise InputError(f"{task.label} has no problems; expected: one or more")
    return problems


def run_job(job: Job, load: Loader = load_model) -> Iterator[Sample]:
    """Score one artifact on every task of its job; yields every sample, also those found finished in the log."""
    subject = subject_of(job)
    asked = {task.label: job_problems(job, task) for task in job.tasks}
    with SampleLog(job.log) as log:
        finished = {task: finished_samples(log, subject, task, problems) for task, problems in asked.items()}
        if all(len(finished[task]) == len(asked[task]) for task in asked):
            for samples in finished.values():
                yield from samples
            return
        with opened(job, [problem for problems in asked.values() for problem in problems], load) as solver:
            load_ms = warm_up(solver).timings.load if wants_warm_up(job) else 0.0
            for task, problems in asked.items():
                yield from score_samples(
                    solver,
                    problems,
                    subject,
                    task=task,
                    log=log,
                    tolerance=job.settings.tolerance,
                    load_ms=load_ms,
                )
                load_ms = 0.0


def wants_warm_up(job: Job) -> bool:
    """Whether a first answer that is not counted is worth its cost: on this machine, asked in its usual way."""
    return not isinstance(job.source, Endpoint) and job.settings.prompt_mode != "lm-eval"


def finished_samples(
    log: SampleLog, subject: ModelInfo, task: str, problems: Sequence[Problem]
) -> list[Sample]:
    """The samples of these problems that the log holds already."""
    keys = ((sample_key(problem, subject, task), problem.answer or "") for problem in problems)
    return [sample for key, gold in keys if (sample := log.finished(key, gold))]


def main() -> int:
    """Run the job given on the command line; whatever an engine prints goes to standard error."""
    progress = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        job = read_job(sys.argv[1])
        if job.settings.limits:
            end_with_parent()
        for sample in run_job(job):
            print(json.dumps({"task": sample.task, "correct": sample.correct}), file=progress, flush=True)
    except EdgethoughtError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
