"""Options that several commands take, each declared once."""

from pathlib import Path
from typing import Annotated

import typer

from runtime.answering.modes import Mode
from runtime.values.prompt import Thought

RECIPE_HELP = "A recipe's name (etd, rft, fdd, on_policy …) or a YAML file."
Recipe = Annotated[str, typer.Option("--recipe", help=RECIPE_HELP)]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")
]
SetFolder = Annotated[
    Path,
    typer.Option(
        help="Folder for the rationale set; the same one goes on after a stop, a finished one stays."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one a line.")]
Seed = Annotated[
    int, typer.Option(help="Of everything that is drawn: samples of thoughts, problems, worked examples.")
]
FieldNames = Annotated[
    str | None,
    typer.Option(help="How the rows of a file spell ours: question=Body+Question,answer=Answer."),
]
ThoughtChoice = Annotated[Thought | None, typer.Option(help="The artifact's default unless given.")]
_MODES = (
    "single; fallback: pot, eot, cot until one is solved; vote: what most samples reach; adaptive: more samples only "
    "where the first answer is not sure; best_of: the one that the artifact's scorer thinks most of."
)
ModeChoice = Annotated[Mode, typer.Option(help=_MODES)]
TunedMode = Annotated[
    Mode | None, typer.Option(help=f"{_MODES} Unless given, what `tune --latency-ms` found, else single.")
]
AdapterThoughts = Annotated[
    str | None,
    typer.Option(
        help="What an adapter learned, the first its default thought; what its own card says, else eot,pot,cot, unless "
        "given."
    ),
]
Samples = Annotated[
    int | None, typer.Option(help="Thoughts a question with vote, adaptive or best_of; 8 unless given.")
]
Grammar = Annotated[
    bool, typer.Option("--grammar", help="Students write only what the thought's grammar admits.")
]
DeadlineMs = Annotated[float | None, typer.Option(help="Answer each question within this many milliseconds.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; one a physical core unless given.")]
