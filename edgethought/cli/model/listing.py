"""The table of published students as a table to print."""

from benchmarks.scoring.statistics import wilson
from benchmarks.tasks.table import Table
from export.students.get import artifacts_here, is_older_here
from export.students.table import Figure, Student, known_students
from runtime.values.manifest import read_manifest


def list_students() -> Table:
    """One row a student, with what it gets right of each task's test questions."""
    students = known_students()
    sizes = {figure.task: figure.n for student in students.values() for figure in student.figures}
    rows = tuple(_row(name, student, tuple(sizes)) for name, student in students.items())
    kinds = "; ".join(dict.fromkeys(student.figures_of for student in students.values()))
    note = f"percent right of n test questions, greedy, ± 95 % ({kinds}). The best one here is the default model."
    tasks = (f"{task} n={n}" for task, n in sizes.items())
    return Table("Students", ("student", "base", "state", "MB", *tasks), rows, note, texts=3)


def _row(name: str, student: Student, tasks: tuple[str, ...]) -> tuple[str, ...]:
    here = artifacts_here(name, student)
    size = read_manifest(here[0]).bytes if here else student.bytes
    figures = {figure.task: _shown(figure) for figure in student.figures}
    state = "here" if here else "older, get again" if is_older_here(name, student) else "to get"
    return name, student.base, state, f"{size / 1e6:.0f}", *(figures.get(task, "") for task in tasks)


def _shown(figure: Figure) -> str:
    interval = wilson(figure.right, figure.n)
    return f"{100 * figure.accuracy:.1f} ± {50 * (interval.high - interval.low):.1f}"
