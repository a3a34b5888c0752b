"""What `edgethought data list`, `show`, `leakage` and `prepare` do."""

from pathlib import Path

from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import progress_bar, say
from runtime.values.errors import InputError


def list_command(*, as_json: bool) -> None:
    """Print every data set with counts, licence, and whether it is here."""
    from benchmarks.tasks.data_sets import list_data

    print_table(list_data(), as_json=as_json)


def show_command(task: str, *, as_json: bool) -> None:
    """Print one data set in full: splits, faults, leakage, a few rows."""
    from benchmarks.tasks.data_sets import show_data

    for table in show_data(task):
        print_table(table, as_json=as_json)


def leakage_command(*, as_json: bool) -> None:
    """Print which questions of one file also stand in another, for every pair of files that share any."""
    from benchmarks.tasks.file_leakage import file_leakage_table, file_leaks

    with progress_bar("comparing") as bar:
        table = file_leakage_table(file_leaks(bar))
    print_table(table, as_json=as_json)


def prepare_command(
    source: str, *, fields: str | None, split: str, config: str | None, licence: str, out: Path | None
) -> None:
    """Bring a data set into our format: a catalogued one from the hub, or any other by a mapping of its fields."""
    from benchmarks.tasks.catalogue import TASKS

    if source not in TASKS:
        _prepare_foreign(source, fields, split, config, licence, out)
        return
    if fields or config or out:
        raise InputError(
            f"{source} is known, so its fields are too; expected: edgethought data prepare {source}"
        )
    _prepare_task(source)


def _prepare_task(name: str) -> None:
    from benchmarks.tasks.hub import prepare

    for part in prepare(name):
        say(
            f"{part.path}: {part.rows} rows ({part.split.value}), {part.left_out} without a single number left out"
        )


def _prepare_foreign(
    source: str, fields: str | None, split: str, config: str | None, licence: str, out: Path | None
) -> None:
    from benchmarks.tasks.external_data import prepare_foreign
    from benchmarks.tasks.fields import Fields, parse_fields

    spelling = parse_fields(fields) if fields else Fields()
    made = prepare_foreign(source, spelling, split=split, config=config, licence=licence, out=out)
    say(f"{made.path}: {made.rows} rows ({made.mark}), {made.left_out} without a single number left out")
    if made.mark == "test":
        say(f"To score on it: edgethought bench ARTIFACT --tasks {made.path}")
