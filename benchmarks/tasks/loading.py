"""Tasks: problems of public data sets and of your own files, by split.

`load_training` takes a `TrainingSplit` only, `load_scoring` a `ScoringSplit` only; both stream.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.tasks.catalogue import SCORING_COPIES, TASKS
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.robustness import CHANGED, COUNTS, Rewriting, original_task, rewriting_of, rewritten
from benchmarks.tasks.splits import ScoringSplit, Split, TrainingSplit
from benchmarks.tasks.task import SplitFile, Task
from runtime.values.answers import parse_answer
from runtime.values.environment import data_folder, home_folder
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.problem import Problem

FILE_ENDINGS = (".jsonl", ".jsonl.gz")


def is_file(task: str) -> bool:
    """Whether a task's name is one of your own files."""
    return task.endswith(FILE_ENDINGS)


def training_tasks() -> tuple[str, ...]:
    """The names of the tasks that have a training split."""
    return tuple(name for name, task in TASKS.items() if TrainingSplit.TRAIN in task.splits)


def task_note(task: str) -> str:
    """What a reader of figures on this task must know; empty where there is nothing to say."""
    return "" if is_file(task) or not is_known(task) else find_task(task).note


def is_known(name: str) -> bool:
    """Whether a name is a task's or that of a task's robustness set."""
    return original_task(name) in TASKS


def find_task(name: str) -> Task:
    """The catalogue's entry, or that of a robustness set; raises InputError listing the names when there is none."""
    if made := rewriting_of(name):
        return _robustness_task(find_task(made.task), made, name)
    if name not in TASKS:
        raise InputError(f"no task {name!r}; expected: {', '.join(TASKS)}, or a .jsonl file")
    return TASKS[name]


def _robustness_task(task: Task, made: Rewriting, name: str) -> Task:
    """A set as a task: the scoring splits alone of what it is made of, so that nobody can train on it."""
    if task.name not in COUNTS:
        raise InputError(
            f"no task {name!r}, {task.name} brings no equations that could be rewritten; expected: {', '.join(COUNTS)}"
        )
    rows = COUNTS[task.name][made.kind] if made.number == 1 else {}
    splits: dict[Split, SplitFile] = {
        split: replace(part, rows=rows.get(split, 0))
        for split, part in task.splits.items()
        if isinstance(split, ScoringSplit)
    }
    note = (
        f"{name}: {CHANGED[made.kind]}; only problems of {task.name} that the rule fits, each with its original's id. "
        "The drop is against the originals of these very problems."
    )
    published = f"made here of {task.name}: {CHANGED[made.kind]}"
    return replace(task, name=name, splits=splits, published=published, hub=None, note=note)


def load_training(task: str, split: TrainingSplit = TrainingSplit.TRAIN) -> Iterator[Problem]:
    """Problems that a student may learn from. Any other split is refused here too, not only by mypy."""
    if not isinstance(split, TrainingSplit):
        raise InputError(f"{split!r} is no training split; expected: TrainingSplit.TRAIN")
    return _load(task, split)


def load_scoring(
    task: str, split: ScoringSplit = ScoringSplit.TEST, spelling: Fields | None = None
) -> Iterator[Problem]:
    """Problems that accuracy is measured on. A test walks `distill/` to see that it never calls this.

    `spelling` says how the rows of your own file spell ours.
    """
    if not isinstance(split, ScoringSplit):
        raise InputError(f"{split!r} is no scoring split; expected: ScoringSplit.DEV, ScoringSplit.TEST")
    return _load(task, split, spelling)


def load_problems(task: str, split: Split) -> Iterator[Problem]:
    """Problems of a task's split, or of your own `.jsonl` file, by the split's type."""
    return load_training(task, split) if isinstance(split, TrainingSplit) else load_scoring(task, split)


def load_jsonl(
    path: Path, split: Split, spelling: Fields | None = None, *, answered: bool = True
) -> Iterator[Problem]:
    """Problems of any JSONL file; not `answered`, they may have no answer.

    A file known as a scoring split, or a row marked as one, is refused for training.
    """
    if isinstance(split, TrainingSplit) and (owner := _scoring_owner(path)):
        raise InputError(
            f"{path} holds a scoring split of {owner}; expected for training: {_trainable(owner)}"
        )
    return _external_problems(path, split, spelling or Fields(), answered)


def load_questions(path: Path) -> Iterator[Problem]:
    """Questions to learn from that may have no answer yet, of any JSONL file; as `load_jsonl` for training otherwise."""
    return load_jsonl(path, TrainingSplit.TRAIN, answered=False)


def _trainable(owner: str) -> str:
    """What may be learned from in place of a scoring split of a task, as the command line has it."""
    if owner in TASKS and any(isinstance(split, TrainingSplit) for split in TASKS[owner].splits):
        return f"{owner}, which is its training split"
    return "problems that nothing is scored on"


def _external_problems(path: Path, split: Split, spelling: Fields, answered: bool) -> Iterator[Problem]:
    for number, row in enumerate(read_jsonl(path), start=1):
        if isinstance(split, TrainingSplit) and row.get("split", split.value) != split.value:
            raise InputError(
                f"{path} line {number} is marked as {row['split']!r}; expected for training: rows marked "
                f"{split.value!r} or not at all"
            )
        yield _external_problem(row, spelling, path, number, answered)


def _load(task: str, split: Split, spelling: Fields | None = None) -> Iterator[Problem]:
    if is_file(task):
        return load_jsonl(Path(task).expanduser(), split, spelling)
    entry = find_task(task)
    if split not in entry.splits:
        have = ", ".join(known.value for known in entry.splits)
        raise InputError(f"task {task!r} has no {split.value} split; expected: {have}")
    if made := rewriting_of(task):
        return rewritten(_load(made.task, split), made)
    part = entry.splits[split]
    path = split_path(part)
    keeps = _keeps(part, path.parent)
    return (_own_problem(row, entry, path) for row in read_jsonl(path) if keeps(row))


def split_path(part: SplitFile) -> Path:
    """The file of a split in the data folder, or where `data prepare` put it; raises InputError."""
    folders = [folder for folder in (data_folder(), home_folder() / "data") if folder is not None]
    for folder in folders:
        for suffix in (".jsonl", ".jsonl.gz"):
            if (path := folder / f"{part.stem}{suffix}").is_file():
                return path
    if data_folder() is None:
        raise InputError(
            "EDGETHOUGHT_DATA is not set, so there are no data sets; "
            f"expected: the folder that holds {part.stem}.jsonl: export EDGETHOUGHT_DATA=/path/to/data"
        )
    raise InputError(
        f"no {part.stem}.jsonl or {part.stem}.jsonl.gz in EDGETHOUGHT_DATA={folders[0]}; "
        "expected: a folder of data sets in our format, or `edgethought data prepare TASK`"
    )


def _keeps(part: SplitFile, folder: Path) -> Callable[[dict[str, Any]], bool]:
    if part.ids_from is None:
        return lambda row: True
    listed = read_ids(folder / part.ids_from)
    return lambda row: (row.get("id") in listed) == part.keep_listed


def read_ids(path: Path) -> frozenset[str]:
    """The ids that a split's list names; raises InputError when the list is missing or damaged."""
    try:
        ids = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"no file {path}, which says what is in the split; expected: it, beside the data set"
        ) from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON; expected: a list of ids") from error
    return frozenset(ids)


def _own_problem(row: dict[str, Any], task: Task, path: Path) -> Problem:
    try:
        return Problem(
            id=row["id"],
            question=row["question"],
            answer=row["answer"],
            solution=row.get("solution"),
            equation=row.get("equation"),
            source=row.get("source", task.origin),
            license=task.license,
        )
    except KeyError as error:
        raise InputError(f"a row of {path} has no {error}; expected: id, question, answer") from error


def _external_problem(
    row: dict[str, Any], spelling: Fields, path: Path, number: int, answered: bool
) -> Problem:
    answer = row.get(spelling.answer)
    for name in (*spelling.question_parts, *([spelling.answer] if answered else [])):
        if row.get(name) is None:
            raise InputError(
                f"{path} line {number} has no {name!r}; it has {', '.join(row) or 'nothing'}; expected: a field for it, "
                "or --fields"
            )
    return Problem(
        id=spelling.text(row, spelling.id) or f"{path.name}-{number:06}",
        question=spelling.question_of(row),
        answer=None if answer is None else final_number(str(answer), f"{path} line {number}"),
        solution=spelling.text(row, spelling.solution),
        equation=spelling.text(row, spelling.equation),
        source=f"{path.name}#{number}",
        license=str(row.get("license", row.get("licence", "unstated"))),
    )


def final_number(answer: str, where: str) -> str:
    """A gold answer as printed, after `####` where the row has that; raises InputError naming the row."""
    printed = answer.rpartition("####")[2].strip()
    try:
        parse_answer(printed)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    return printed.lstrip("$").replace(",", "")


def _scoring_owner(path: Path) -> str | None:
    """The task, if any, one of whose scoring splits this file (or a copy under its name) holds."""
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl")
    for task in TASKS.values():
        for split, part in task.splits.items():
            if isinstance(split, ScoringSplit) and part.stem == stem:
                return task.name
    return SCORING_COPIES.get(stem)
