"""The command line of `edgethought base`: the models that students start from, and how one comes here."""

from typing import Annotated

import typer

base_app = typer.Typer(help="Bases: what there is, and how to get one.", no_args_is_help=True)


@base_app.command("list")
def base_list(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """The bases that are known by name: size, license, whether they are here."""
    from edgethought.cli.base.commands import list_command

    list_command(as_json=json)


@base_app.command("show")
def base_show(
    name: Annotated[str, typer.Argument(help="A base, such as qwen2.5-coder-0.5b.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a table.")] = False,
) -> None:
    """One base in full: files with their hashes, sources in order, learning rates that worked."""
    from edgethought.cli.base.commands import show_command

    show_command(name, as_json=json)


@base_app.command("get")
def base_get(
    name: Annotated[str, typer.Argument(help="A base by name, or a folder in the Hugging Face layout.")],
    source: Annotated[
        str | None,
        typer.Option(help="hub, parts, or a folder that has the files; the table's order unless given."),
    ] = None,
    license: Annotated[
        str | None,
        typer.Option(help="The license of a folder whose README.md names none; corrects one given before."),
    ] = None,
) -> None:
    """Fetch a base, check every sha256, make a checkpoint of it. Started again, it goes on where it stopped."""
    from edgethought.cli.base.commands import get_command

    get_command(name, source=source, license=license)
