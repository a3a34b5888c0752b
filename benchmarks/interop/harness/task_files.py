"""Task files for lm-evaluation-harness's `--include_path`: one YAML file for a task and a way of asking.

lm-eval 0.4.13 finds tasks in folders only, not through entry points of installed packages.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.bench import parse_tasks
from benchmarks.interop.lm_eval_log import VERSION
from benchmarks.interop.scored import FLEXIBLE, PLAIN, SOLVER, STRICT, task_name
from benchmarks.scoring.job import BenchTask
from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.fields import parse_fields
from benchmarks.tasks.loading import is_file
from benchmarks.tasks.splits import ScoringSplit
from runtime.values.errors import InputError
from runtime.values.prompt import THOUGHTS

WAYS = (*THOUGHTS, PLAIN)
_HERE = "benchmarks.interop.harness.tasks"
# Where a model that is none of ours goes on to another question, or ends in a way that its tokenizer does not know.
_UNTIL = ["\nQuestion:", "</s>", "<|im_end|>"]
_READINGS = {PLAIN: {STRICT: "stated", FLEXIBLE: "extracted"}}
_SOLVER = {SOLVER: "solved"}
_TEMPLATE = """\
task: {name}
tag: [edgethought, edgethought_{way}]
custom_dataset: !function {here}.problems
dataset_kwargs: {arguments}
output_type: generate_until
test_split: test
num_fewshot: 0
doc_to_text: !function {here}.{prompt}
doc_to_target: "{{{{answer}}}}"
process_results: !function {here}.score
generation_kwargs: {{until: {until}, do_sample: false, max_gen_toks: 512}}
filter_list:
{filters}metric_list:
  - {{metric: exact_match, aggregation: mean, higher_is_better: true}}
metadata: {{version: {version}}}
"""
_FILTER = """\
  - name: {name}
    filter:
      - function: custom
        filter_fn: !function {here}.{reading}
      - function: take_first
"""


def known_tasks() -> str:
    """Every task of the catalogue with each of its scoring splits, as the command line writes them."""
    return ",".join(
        f"{task.name}:{split.value}"
        for task in TASKS.values()
        for split in task.splits
        if isinstance(split, ScoringSplit)
    )


def write_task_files(folder: Path, tasks: str | None = None, fields: str | None = None) -> list[str]:
    """Write the files of these tasks (all of the catalogue's unless given); returns their names in lm-eval.

    `tasks` and `fields` are as `bench` takes them. Raises InputError for an unknown task.
    """
    files = dict(
        _files(parse_tasks(tasks or known_tasks(), parse_fields(fields) if fields else None), fields)
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return list(files)


def _files(tasks: Iterable[BenchTask], fields: str | None) -> Iterator[tuple[str, str]]:
    for task in tasks:
        for way in WAYS:
            yield _file(task, way, fields)


def _file(task: BenchTask, way: str, fields: str | None) -> tuple[str, str]:
    name = f"{task_name(task.label)}_{way}"
    readings = _READINGS.get(way, _SOLVER)
    arguments = {
        "bench_task": _text(task),
        "bench_fields": fields if is_file(task.name) else None,
        "bench_thought": None if way == PLAIN else way,
    }
    return name, _TEMPLATE.format(
        name=name,
        way=way,
        here=_HERE,
        arguments=json.dumps(arguments),
        prompt="plain_prompt" if way == PLAIN else "thought_prompt",
        until=json.dumps(_UNTIL),
        filters="".join(_FILTER.format(name=name, here=_HERE, reading=one) for name, one in readings.items()),
        version=VERSION,
    )


def _text(task: BenchTask) -> str:
    if is_file(task.name):
        file = Path(task.name).expanduser().resolve()
        if not file.is_file():
            raise InputError(f"no file {file}; expected: problems, one a line")
        return str(file)
    return f"{task.name}:{task.split.value}"
