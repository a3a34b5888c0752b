"""The command line of `edgethought data`: what data sets there are, and how a new one comes in."""

from pathlib import Path
from typing import Annotated

import typer

data_app = typer.Typer(help="Data sets: counts, licences, faults, leakage.", no_args_is_help=True)


@data_app.command("list")
def data_list(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """The data sets: splits, counts, licences, known label faults."""
    from edgethought.cli.data.commands import list_command

    list_command(as_json=json)


@data_app.command("show")
def data_show(
    task: Annotated[str, typer.Argument(help="A task, such as gsm8k.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a table.")] = False,
) -> None:
    """One data set in full: splits, known label faults, leakage between splits, a few rows."""
    from edgethought.cli.data.commands import show_command

    show_command(task, as_json=json)


@data_app.command("leakage")
def data_leakage(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which questions of one file also stand in another: every pair of files, counted from both sides."""
    from edgethought.cli.data.commands import leakage_command

    leakage_command(as_json=json)


@data_app.command("prepare")
def data_prepare(
    source: Annotated[
        str, typer.Argument(help="A task, hub:OWNER/NAME, or a .jsonl, .csv or .parquet file.")
    ],
    fields: Annotated[
        str | None, typer.Option(help="How its rows spell ours: question=Body+Question,answer=Answer.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="The split of a hub data set; any but train is for scoring.")
    ] = "test",
    config: Annotated[str | None, typer.Option(help="The configuration of a hub data set.")] = None,
    licence: Annotated[str, typer.Option(help="The data set's licence, kept with every row.")] = "unstated",
    out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Bring a data set into our format: a known task from the hub, or any other by saying how its rows spell ours."""
    from edgethought.cli.data.commands import prepare_command

    prepare_command(source, fields=fields, split=split, config=config, licence=licence, out=out)
