"""A bench in lm-evaluation-harness's log format: MODEL/results_DATE.json and MODEL/samples_TASK_DATE.jsonl.

Keys, hashes and file names are those that lm-eval 0.4.13 writes with `--log_samples --output_path`, so that its own
readers, and those written for its files, take ours. What a sample holds beside stands under its key `edgethought`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.interop.scored import ScoredTask, beside, bracketed, judgement
from benchmarks.scoring.samples import Sample
from runtime.values.files import write_json, write_jsonl
from runtime.values.prompt import THOUGHTS

VERSION = 1
METRIC = "exact_match"


def write_lm_eval(tasks: Sequence[ScoredTask], out: Path) -> Iterator[Path]:
    """Write each model's results and samples; yields the files."""
    by_model: dict[str, list[ScoredTask]] = {}
    for task in tasks:
        by_model.setdefault(task.label, []).append(task)
    for label, own in by_model.items():
        folder = out / sanitized(label)
        date = own[0].made.strftime("%Y-%m-%dT%H-%M-%S.%f")
        rows = {task.name: list(sample_rows(task)) for task in own}
        results = folder / f"results_{date}.json"
        write_json(results, results_row(label, own, rows))
        yield results
        for name, samples in rows.items():
            path = folder / f"samples_{name}_{date}.jsonl"
            write_jsonl(path, samples)
            yield path


def sanitized(model: str) -> str:
    """A model's name as lm-eval names its folder."""
    return re.sub(r"[\"<>:/|\\?*\[\]]+", "__", model)


def sample_rows(task: ScoredTask) -> Iterator[dict[str, Any]]:
    """One row a sample and way of reading, all of one reading after the other, as lm-eval has its filters."""
    for reading in task.readings:
        for number, sample in enumerate(task.samples):
            yield _sample_row(task, number, sample, reading)


def _sample_row(task: ScoredTask, number: int, sample: Sample, reading: str) -> dict[str, Any]:
    prompt = task.prompt(sample)
    doc = {
        "id": sample.id,
        "question": sample.question,
        "answer": sample.gold,
        "thought": sample.thought if task.way in THOUGHTS else "",
        "task": sample.task,
    }
    return {
        "doc_id": number,
        "doc": doc,
        "target": sample.gold,
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {"until": [], "settings": sample.settings}}},
        "resps": [[sample.text]],
        "filtered_resps": [bracketed(sample, reading)],
        "filter": reading,
        "metrics": [METRIC],
        "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(sample.gold),
        METRIC: float(judgement(sample, reading).correct),
        "edgethought": beside(sample),
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def results_row(
    label: str, tasks: Sequence[ScoredTask], rows: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """The results file. What lm-eval says of itself, its git commit and its libraries is null: it did not run."""
    details = tasks[0].report.get("details", {})
    seed = details.get("seed")
    return {
        "results": {task.name: _metrics(task) for task in tasks},
        "group_subtasks": {},
        "configs": {task.name: _config(task) for task in tasks},
        "versions": {task.name: VERSION for task in tasks},
        "n-shot": {task.name: task.shots for task in tasks},
        "higher_is_better": {task.name: {METRIC: True} for task in tasks},
        "n-samples": {
            task.name: {"original": task.problems, "effective": len(task.samples)} for task in tasks
        },
        "config": {
            "model": "edgethought",
            "model_args": {"artifact": label},
            "model_sha": tasks[0].sha256,
            "batch_size": str(details.get("streams", 1)),
            "batch_sizes": [],
            "device": None,
            "use_cache": None,
            "limit": details.get("limit"),
            "bootstrap_iters": 0,
            "gen_kwargs": {},
            "random_seed": seed,
            "numpy_seed": None,
            "torch_seed": None,
            "fewshot_seed": seed,
        },
        "git_hash": None,
        "date": tasks[0].made.timestamp(),
        "pretty_env_info": json.dumps(tasks[0].report.get("machine")),
        "transformers_version": None,
        "lm_eval_version": None,
        "upper_git_hash": None,
        "task_hashes": {name: _task_hash(samples) for name, samples in rows.items()},
        "model_source": "edgethought",
        "model_name": label,
        "model_name_sanitized": sanitized(label),
        "system_instruction": None,
        "system_instruction_sha": None,
        "fewshot_as_multiturn": None,
        "chat_template": None,
        "chat_template_sha": None,
        "total_evaluation_time_seconds": str(
            sum(sample.timings_ms["total"] for task in tasks for sample in task.samples) / 1e3
        ),
        "edgethought": {"command": tasks[0].report.get("command"), "details": details},
    }


def _metrics(task: ScoredTask) -> dict[str, Any]:
    found: dict[str, Any] = {"name": task.name, "alias": task.name, "sample_len": len(task.samples)}
    for reading in task.readings:
        accuracy = task.accuracy(reading)
        found[f"{METRIC},{reading}"] = accuracy.value
        found[f"{METRIC}_stderr,{reading}"] = "N/A" if accuracy.stderr is None else accuracy.stderr
    return found


def _config(task: ScoredTask) -> dict[str, Any]:
    return {
        "task": task.name,
        "dataset_path": task.task,
        "test_split": "test",
        "doc_to_text": "the prompt of runtime.values.prompt" if task.way in THOUGHTS else "{{question}}",
        "doc_to_target": "{{answer}}",
        "description": "",
        "target_delimiter": " ",
        "fewshot_delimiter": "\n\n",
        "num_fewshot": task.shots,
        "metric_list": [{"metric": METRIC, "aggregation": "mean", "higher_is_better": True}],
        "output_type": "generate_until",
        "generation_kwargs": {"until": [], "settings": task.settings},
        "repeats": 1,
        "filter_list": [{"name": reading} for reading in task.readings],
        "should_decontaminate": False,
        "metadata": {"version": VERSION, "artifact_sha256": task.sha256, "settings": task.settings},
    }


def _task_hash(rows: Iterable[dict[str, Any]]) -> str:
    return _hash("".join(row["doc_hash"] + row["prompt_hash"] + row["target_hash"] for row in rows))
