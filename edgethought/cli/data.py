"""`edgethought data`: what data sets there are, and how a new one comes in."""

from pathlib import Path
from typing import Annotated

import typer

from edgethought.cli.options import FieldNames, Json
from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import progress_bar, say
from runtime.values.errors import InputError

data_app = typer.Typer(help="Data sets: counts, licences, faults, leakage.", no_args_is_help=True)


@data_app.command("list")
def data_list(json: Json = False) -> None:
    """The data sets: splits, counts, licences, known label faults."""
    from benchmarks.tasks.data_sets import list_data

    print_table(list_data(), as_json=json)


@data_app.command("show")
def data_show(
    task: Annotated[str, typer.Argument(help="A task, such as gsm8k.")],
    json: Json = False,
) -> None:
    """One data set in full: splits, known label faults, leakage between splits, a few rows."""
    from benchmarks.tasks.data_sets import show_data

    for table in show_data(task):
        print_table(table, as_json=json)


@data_app.command("leakage")
def data_leakage(json: Json = False) -> None:
    """Which questions of one file also stand in another: every pair of files, counted from both sides."""
    from benchmarks.tasks.file_leakage import file_leakage_table, file_leaks

    with progress_bar("comparing") as bar:
        table = file_leakage_table(file_leaks(bar))
    print_table(table, as_json=json)


@data_app.command("prepare")
def data_prepare(
    source: Annotated[
        str, typer.Argument(help="A task, hub:OWNER/NAME, or a .jsonl, .csv or .parquet file.")
    ],
    fields: FieldNames = None,
    split: Annotated[
        str, typer.Option(help="The split of a hub data set; any but train is for scoring.")
    ] = "test",
    config: Annotated[str | None, typer.Option(help="The configuration of a hub data set.")] = None,
    license: Annotated[str, typer.Option(help="The data set's licence, kept with every row.")] = "unstated",
    out: Annotated[Path | None, typer.Option(help="Where to write; in the home folder unless given.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A known task's own file, read in the place of the hub.")
    ] = None,
) -> None:
    """Bring a data set into our format: a known task from the hub, or any other by saying how its rows spell ours."""
    from benchmarks.tasks.catalogue import TASKS
    from benchmarks.tasks.external_data import prepare_external
    from benchmarks.tasks.fields import Fields, parse_fields
    from benchmarks.tasks.hub import prepare
    from benchmarks.tasks.splits import named_split

    if source not in TASKS and file:
        raise InputError(f"--file is a known task's, {source!r} is none; expected: {', '.join(TASKS)}")
    if source not in TASKS:
        spelling = parse_fields(fields) if fields else Fields()
        made = prepare_external(source, spelling, split=split, config=config, license=license, out=out)
        say(f"{made.path}: {made.rows} rows ({made.mark}), {made.left_out} without a single number left out")
        if made.mark == "test":
            say(f"To score on it: edgethought bench ARTIFACT --tasks {made.path}")
        return
    if fields or config or out:
        raise InputError(
            f"{source} is known, so its fields are too; expected: edgethought data prepare {source}"
        )
    for part in prepare(source, file=file, split=named_split(split)):
        left_out = f"{part.left_out} left out: not one number, or not what the task keeps"
        say(f"{part.path}: {part.rows} rows ({part.mark}), {left_out}")
        known = {one.rows for one in TASKS[source].splits.values() if one.stem == part.path.stem}
        if file and part.rows not in known:
            say(f"of the authors' own file {max(known, default=0):,} are kept: is this the same one?")
