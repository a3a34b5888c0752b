"""The process that scores one model: started, held to its profile, its answers counted as they come."""

import json
import sys
from collections.abc import Iterator

from benchmarks.devices.starting import started
from benchmarks.scoring.job import Job
from runtime.values.errors import InputError, WorkFailed


def answers_of_child(job: Job) -> Iterator[tuple[str, bool]]:
    """Run a job in a process of its own; yields task and whether it was right, an answer at a time.

    Raises InputError where the user can mend it, and WorkFailed where the process ended otherwise than well or a limit
    of its profile does not hold.
    """
    command = [sys.executable, "-m", "benchmarks.scoring.scoring_job", job.to_json()]
    errors = job.log.with_suffix(".stderr")
    errors.parent.mkdir(parents=True, exist_ok=True)
    with errors.open("w+", encoding="utf-8", errors="replace") as complaints:
        with started(command, job.settings.limits, complaints) as (child, check):
            assert child.stdout is not None
            for number, line in enumerate(child.stdout):
                if number == 0:
                    check()
                row = json.loads(line)
                yield row["task"], row["correct"]
            status = child.wait()
        complaints.seek(0)
        last = next((line for line in reversed(complaints.read().splitlines()) if line.strip()), "")
    if status == InputError.exit_status:
        raise InputError(last)
    if status:
        raise WorkFailed(_failure(job, status, last))
    errors.unlink(missing_ok=True)


def _failure(job: Job, status: int, last: str) -> str:
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    under = f" under {job.settings.limits.sentence()}" if job.settings.limits else ""
    return f"scoring {job.label}{under} ended with {how}: {last or 'no message'}; run again to go on"
