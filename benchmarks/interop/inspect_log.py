"""A bench in inspect_ai's eval log format (version 2): one JSON file a model and task, which `inspect view` opens.

Written as inspect_ai 0.3.285 reads it: `inspect_ai.log.read_eval_log`. Everything that its fields have no place for is
in the metadata of sample and score.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.interop.lm_eval_log import sanitized
from benchmarks.interop.scored import ScoredTask, beside, judgement
from benchmarks.scoring.samples import Sample
from runtime.values.files import write_json

LOG_VERSION = 2
CORRECT, INCORRECT = "C", "I"
METRICS = ("accuracy", "stderr")


def write_inspect(tasks: Sequence[ScoredTask], out: Path) -> Iterator[Path]:
    """Write one log a model and task; yields the files, named so that `inspect view` lists them."""
    for task in tasks:
        date = task.made.strftime("%Y-%m-%dT%H-%M-%S+00-00")
        path = out / f"{date}_{task.name.replace('_', '-')}_{_id(task, 'task')}.json"
        write_json(path, eval_log(task))
        yield path


def eval_log(task: ScoredTask) -> dict[str, Any]:
    """The log of one model on one task."""
    return {
        "version": LOG_VERSION,
        "status": "success",
        "eval": _spec(task),
        "plan": {
            "name": "plan",
            "steps": [{"solver": "edgethought", "params": {"settings": task.settings}}],
            "config": {},
        },
        "results": {
            "total_samples": len(task.samples),
            "completed_samples": len(task.samples),
            "scores": [_score(task, reading) for reading in task.readings],
        },
        "stats": {
            "started_at": "",
            "completed_at": task.made.isoformat(),
            "model_usage": {_model(task): _usage(task.samples)},
        },
        "samples": [_sample(task, sample) for sample in task.samples],
    }


def _id(task: ScoredTask, *parts: str) -> str:
    """An identifier like inspect's, 22 characters, the same whenever the same bench is exported."""
    text = "\n".join((task.label, task.sha256, task.settings, task.task, task.made.isoformat(), *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:22]


def _model(task: ScoredTask) -> str:
    return f"edgethought/{sanitized(task.label)}"


def _spec(task: ScoredTask) -> dict[str, Any]:
    details = task.report.get("details", {})
    machine = task.report.get("machine", {})
    return {
        "eval_id": _id(task, "eval"),
        "run_id": _id(task, "run"),
        "created": task.made.isoformat(),
        "task": task.name,
        "task_id": _id(task, "task"),
        "task_version": 1,
        "task_attribs": {},
        "task_args": {"settings": task.settings},
        "dataset": {
            "name": task.task,
            "samples": task.problems,
            "sample_ids": [sample.id for sample in task.samples],
            "shuffled": False,
        },
        "model": _model(task),
        "model_args": {"artifact": task.label, "artifact_sha256": task.sha256},
        "config": {"limit": details.get("limit"), "epochs": 1},
        "packages": machine.get("packages", {}),
        "metadata": {"command": task.report.get("command"), "details": details, "machine": machine},
        "scorers": [
            {
                "name": reading,
                "options": {},
                "metrics": [{"name": f"inspect_ai/{metric}", "options": {}} for metric in METRICS],
                "metadata": {},
            }
            for reading in task.readings
        ],
    }


def _score(task: ScoredTask, reading: str) -> dict[str, Any]:
    accuracy = task.accuracy(reading)
    values = {"accuracy": accuracy.value, "stderr": accuracy.stderr or 0.0}
    return {
        "name": reading,
        "scorer": reading,
        "scored_samples": len(task.samples),
        "unscored_samples": 0,
        "params": {},
        "metrics": {name: {"name": name, "value": value, "params": {}} for name, value in values.items()},
    }


def _usage(samples: Sequence[Sample]) -> dict[str, int]:
    read, written = (sum(sample.tokens[kind] for sample in samples) for kind in ("prompt", "generated"))
    return {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}


def _sample(task: ScoredTask, sample: Sample) -> dict[str, Any]:
    model, usage, seconds = _model(task), _usage([sample]), sample.timings_ms["total"] / 1e3
    ids = [_id(task, sample.id, sample.question_hash, role) for role in ("user", "assistant", "sample")]
    reply = {
        "id": ids[1],
        "role": "assistant",
        "content": sample.text,
        "source": "generate",
        "model": model,
    }
    return {
        "id": sample.id,
        "epoch": 1,
        "input": sample.question,
        "target": sample.gold,
        "messages": [
            {"id": ids[0], "role": "user", "content": task.prompt(sample), "source": "input"},
            reply,
        ],
        "output": {
            "model": model,
            "choices": [
                {"message": reply, "stop_reason": "max_tokens" if sample.status == "truncated" else "stop"}
            ],
            "completion": sample.text,
            "usage": usage,
            "time": seconds,
        },
        "scores": {reading: _sample_score(sample, reading) for reading in task.readings},
        "metadata": beside(sample),
        "store": {},
        "events": [],
        "model_usage": {model: usage},
        "total_time": seconds,
        "working_time": seconds,
        "uuid": ids[2],
        "attachments": {},
    }


def _sample_score(sample: Sample, reading: str) -> dict[str, Any]:
    found = judgement(sample, reading)
    return {
        "value": CORRECT if found.correct else INCORRECT,
        "answer": found.answer,
        "explanation": f"{sample.status}: {sample.reason}" if sample.reason else sample.status,
        "metadata": {"status": sample.status, "gold": sample.gold},
    }
