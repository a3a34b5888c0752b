"""The command line of `edgethought model`: the published students, and how one comes here."""

from pathlib import Path
from typing import Annotated

import typer

from edgethought.cli.options import Json

model_app = typer.Typer(help="Published students: what there is, and how to get one.", no_args_is_help=True)


@model_app.command("list")
def model_list(json: Json = False) -> None:
    """The published students: whether they are here, their size, and how right they are."""
    from edgethought.cli.model.commands import list_command

    list_command(as_json=json)


@model_app.command("get")
def model_get(
    name: Annotated[str, typer.Argument(help="A student, such as flagship.")],
    source: Annotated[
        Path | None, typer.Option("--from", help="Where its adapter is; EDGETHOUGHT_STUDENTS unless given.")
    ] = None,
) -> None:
    """Make a published student here: base, adapter, trimmed, quantized, past the gate. Stopped, it goes on."""
    from edgethought.cli.model.commands import get_command

    get_command(name, source=source)
