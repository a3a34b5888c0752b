"""Export: a bench's answers and scores as other evaluation tools log theirs. Nothing is answered or judged anew."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.interop.inspect_log import write_inspect
from benchmarks.interop.lm_eval_log import write_lm_eval
from benchmarks.interop.scored import ScoredTask, scored_tasks
from runtime.values.errors import InputError

Writer = Callable[[Sequence[ScoredTask], Path], Iterator[Path]]
FORMATS: dict[str, Writer] = {"lm-eval": write_lm_eval, "inspect": write_inspect}


def parse_formats(text: str) -> tuple[str, ...]:
    """Formats as the command line writes them, `lm-eval,inspect`; raises InputError listing them."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names or not set(names) <= FORMATS.keys():
        raise InputError(f"formats {text!r}; expected: some of {','.join(FORMATS)}")
    return names


def export_bench(bench: Path, formats: Sequence[str], out: Path) -> Iterator[Path]:
    """Write a bench's folder in each format into `out/FORMAT`; yields the files. InputError where there is no sample."""
    tasks = list(scored_tasks(bench))
    _check_names(tasks)
    for name in formats:
        yield from FORMATS[name](tasks, out / name)


def _check_names(tasks: Sequence[ScoredTask]) -> None:
    """Raise InputError where two tasks of one model would be written into one file."""
    seen: dict[tuple[str, str], str] = {}
    for task in tasks:
        other = seen.setdefault((task.label, task.name), task.task)
        if other != task.task:
            raise InputError(
                f"{other} and {task.task} are both {task.name}; expected: tasks of different names, export them apart"
            )
