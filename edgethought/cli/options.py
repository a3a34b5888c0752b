"""Options that many commands share."""

from typing import Annotated

import typer

from runtime.values.prompt import Thought

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")
]
ThoughtChoice = Annotated[Thought | None, typer.Option(help="The artifact's default unless given.")]
