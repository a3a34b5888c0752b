"""The command line of `edgethought distill`: the stages of distillation on their own."""

from pathlib import Path
from typing import Annotated

import typer

from edgethought.cli.options import (
    AdapterThoughts,
    Json,
    ModeChoice,
    Recipe,
    Samples,
    Seed,
    Set,
    SetFolder,
    ThoughtChoice,
    Threads,
)
from export.trim.vocabulary import FIRST_MERGES
from runtime.answering.modes import DEFAULT_SAMPLES
from runtime.values.prompt import Thought

distill_app = typer.Typer(help="The stages of distillation on their own.", no_args_is_help=True)
DEFAULT_RECIPE = "etd"


@distill_app.command("label")
def distill_label(
    out: SetFolder,
    recipe: Recipe = DEFAULT_RECIPE,
    teacher: Annotated[
        str | None,
        typer.Option(
            help="Who writes: gold, replay, symbolic (new problems made of old ones), openai (any OpenAI-compatible "
            "server) or local (a GGUF file); the recipe's unless given."
        ),
    ] = None,
    change: Set = None,
) -> None:
    """Have the teacher write rationales, verify them with the solver, drop repeats and anything near a test question."""
    from edgethought.cli.distill.train import label_command

    label_command(recipe, [*(change or []), *([f"teacher={teacher}"] if teacher else [])], out)


@distill_app.command("write")
def distill_write(
    kind: Annotated[
        str,
        typer.Argument(
            help="New problems: harder, similar, rephrase, distract; notes: key_points, sub_questions, guidance."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="File of JSON lines; problems that it has are not asked about again.")
    ],
    teacher: Annotated[
        str | None,
        typer.Option(help="Who writes: openai (any OpenAI-compatible server), or local (a GGUF file)."),
    ] = None,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Have the teacher write new problems, or notes on problems, of a data set (--set data=gsm8k, --set limit=100)."""
    from edgethought.cli.distill.write import write_command

    write_command(kind, recipe, [*(change or []), *([f"teacher={teacher}"] if teacher else [])], out)


@distill_app.command("agree")
def distill_agree(
    questions: Annotated[
        Path,
        typer.Argument(help="A .jsonl file of questions without an answer, such as `distill write` makes."),
    ],
    out: SetFolder,
    teacher: Annotated[
        list[str] | None,
        typer.Option(help="Who is asked: openai, local; may be repeated, all votes count alike."),
    ] = None,
    student: Annotated[
        Path | None, typer.Option(help="An artifact, or a published student that is here, that votes too.")
    ] = None,
    calibrate: Annotated[
        str,
        typer.Option(help="Problems with answers that tell how often a share is right, such as gsm8k:train."),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="Of these, a seeded choice; 0 is all.")] = 200,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Answers that nobody wrote: samples of teachers vote, and those that agree become a rationale set.

    `--set agree.precision=0.9` keeps what was right this often on the problems of --calibrate.
    """
    from edgethought.cli.distill.agree import agree_command
    from edgethought.stages.asking.agree import Agreement

    wanted = Agreement(questions, tuple(teacher or ()), student, calibrate, limit)
    agree_command(wanted, recipe, change or [], out)


@distill_app.command("verify")
def distill_verify(
    source: Annotated[
        str, typer.Argument(help="A .jsonl file, a rationale set's folder, hub:OWNER/NAME, or a stored name.")
    ],
    out: SetFolder,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Verify rationales that somebody stored: solver, licences, repeats, test questions, as `label` does."""
    from edgethought.cli.distill.train import verify_command

    verify_command(source, recipe, change or [], out)


@distill_app.command("quality")
def distill_quality(
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
    with_dev: Annotated[
        bool, typer.Option("--with-dev", help="Dev problems too; nothing is learnt here.")
    ] = False,
    show: Annotated[int, typer.Option(help="Print this many verified annotations to read.")] = 0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Measure the gold teacher on a data set: verified share, results used by name, unexplained numbers, names."""
    from edgethought.cli.distill.quality import quality_command

    quality_command(recipe, change or [], with_dev=with_dev, show=show, seed=seed, as_json=json)


@distill_app.command("yields")
def distill_yields(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Tasks and stored rationales; all that are here unless given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the rationale sets in this folder.")] = None,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
    json: Json = False,
) -> None:
    """What every training set yields: rationales kept by thought, and what was dropped, by reason."""
    from edgethought.cli.distill.yields import yields_command

    yields_command(sources or [], recipe, change or [], out=out, as_json=json)


@distill_app.command("train")
def distill_train(
    rationales: Annotated[Path, typer.Argument(help="Folder that `distill label` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint; the same one goes on after a stop.")],
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Train a student on a rationale set."""
    from edgethought.cli.distill.train import train_command

    train_command(rationales, recipe, change or [], out)


@distill_app.command("sample")
def distill_sample(
    data: Annotated[
        str, typer.Argument(help="A task's training split, stories, or a .jsonl file of problems.")
    ] = "gsm8k",
    model: Annotated[
        Path | None,
        typer.Option(
            help="Artifact or checkpoint folder, or a published student that is here; the default model unless given."
        ),
    ] = None,
    adapter: Annotated[
        Path | None,
        typer.Option(
            help="A LoRA adapter's folder beside its base's checkpoint, a .gguf beside an artifact."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The samples; problems that it has are not asked again.")] = Path(
        "samples.jsonl"
    ),
    samples: Annotated[
        int,
        typer.Option(
            help="Of every problem, 2 to 64, over the student's thoughts in turn, one of each greedy."
        ),
    ] = DEFAULT_SAMPLES,
    limit: Annotated[int, typer.Option(min=0, help="Problems, a seeded choice; 0 is all.")] = 0,
    seed: Seed = 0,
    threads: Threads = None,
) -> None:
    """Draw a student's own samples on training problems, each found right or wrong by the solver."""
    from edgethought.cli.distill.scorer import sample_command

    sample_command(
        model, data, out, samples=samples, limit=limit, threads=threads, seed=seed, adapter=adapter
    )


@distill_app.command("scorer")
def distill_scorer(
    checkpoint: Annotated[Path, typer.Argument(help="The student's checkpoint: merged, trimmed or not.")],
    samples: Annotated[
        Path,
        typer.Argument(
            help="What `distill sample` wrote, or any JSONL of {thought, text} with question and answer, or the id of a "
            "training problem that is here."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The scorer, for `export --scorer`.")] = Path(
        "scorer.safetensors"
    ),
    limit: Annotated[int, typer.Option(min=0, help="Questions, a seeded choice; 0 is all.")] = 0,
    seed: Seed = 0,
    recipe: Recipe = DEFAULT_RECIPE,
) -> None:
    """Train a scorer for `--mode best_of`: which of a student's samples are right, by its own hidden states.

    It needs 40 questions or more that have right and wrong samples.
    """
    from edgethought.cli.distill.scorer import scorer_command

    scorer_command(checkpoint, samples, recipe, out, limit=limit, seed=seed)


@distill_app.command("confidence")
def distill_confidence(
    artifact: Annotated[
        Path | None,
        typer.Argument(help="Artifact folder, or a published student; the default model unless given."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder of the answers; the same command goes on with them.")
    ] = Path("confidence"),
    task: Annotated[str, typer.Option(help="Whose dev problems are answered.")] = "gsm8k",
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 is all.")] = 1000,
    mode: ModeChoice = "single",
    thought: ThoughtChoice = None,
    samples: Samples = None,
    streams: Annotated[
        int | None, typer.Option(help="Thoughts written at a time; as tuned unless given.")
    ] = None,
    threads: Threads = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Fit how sure an artifact may be of its answers, on dev problems that it answers in one way."""
    from edgethought.cli.distill.confidence import confidence_command
    from edgethought.cli.solve import checked_samples
    from edgethought.stages.asking.confidence import Answering

    chosen = checked_samples(samples, mode) or DEFAULT_SAMPLES
    answering = Answering(task, limit, mode, thought, chosen, streams, threads, seed)
    confidence_command(artifact, answering, out, as_json=json)


@distill_app.command("prefer")
def distill_prefer(
    samples: Annotated[
        Path,
        typer.Argument(
            help="What `distill sample` wrote, or any JSONL of {thought, text} with question, answer and license, or the "
            "id of a training problem that is here."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint; the same one goes on after a stop.")],
    most: Annotated[
        int, typer.Option(min=1, help="Right samples of a prompt, and wrong ones, that count at most.")
    ] = 3,
    limit: Annotated[int, typer.Option(min=0, help="Questions, a seeded choice; 0 is all.")] = 0,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Train a student to prefer right samples to wrong ones of the same prompt (CPO), from where it stands.

    Where it stands is --set train.base=CHECKPOINT, and --set train.adapter=ADAPTER over it.
    """
    from edgethought.cli.distill.prefer import prefer_command

    prefer_command(samples, recipe, change or [], out, most=most, limit=limit)


@distill_app.command("compare")
def distill_compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders that `distill train` wrote.")],
    out: Annotated[
        Path | None, typer.Option(help="Picture (.png) of dev accuracy over tokens, a line a run.")
    ] = None,
    title: Annotated[str, typer.Option(help="Of the picture.")] = "Dev accuracy over tokens",
    json: Json = False,
) -> None:
    """Training runs side by side: tokens, speed, loss and dev accuracy; finished or not."""
    from edgethought.cli.distill.train import compare_command

    compare_command(runs, out, title, as_json=json)


@distill_app.command("merge")
def distill_merge(
    adapter: Annotated[Path, typer.Argument(help="A LoRA adapter's folder, as peft saves it.")],
    base: Annotated[
        str, typer.Option(help="What it was trained over: a base's name, or a checkpoint folder.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")],
    thoughts: AdapterThoughts = None,
    default: Annotated[
        Thought | None, typer.Option(help="The default thought, where it is not the first.")
    ] = None,
    name: Annotated[
        str, typer.Option(help="What answers are signed with; the base's name unless given.")
    ] = "",
) -> None:
    """Merge a LoRA adapter into its base: a checkpoint to trim and to export like any other."""
    from edgethought.cli.export import merge_command

    merge_command(adapter, base, out, thoughts=thoughts, default=default, name=name)


@distill_app.command("trim")
def distill_trim(
    base: Annotated[str, typer.Argument(help="A base's name (smollm2-135m), or a checkpoint folder.")],
    out: Annotated[Path, typer.Option(help="Folder for the trimmed checkpoint; a base like any other.")],
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            help="What must keep its tokens: a task's training split, stories, a .jsonl file of problems, or stored "
            "rationales; may be repeated; all training sets that are here unless given."
        ),
    ] = None,
    first_merges: Annotated[
        int, typer.Option(help="Commonest tokens of the base that stay, used or not.")
    ] = FIRST_MERGES,
    keep_list: Annotated[
        Path | None, typer.Option(help="Write the tokens that stay into this file, for --like.")
    ] = None,
    like: Annotated[
        Path | None, typer.Option(help="Keep exactly the tokens of such a file, whatever any corpus has.")
    ] = None,
    recipe: Recipe = DEFAULT_RECIPE,
    change: Set = None,
) -> None:
    """Cut a base's vocabulary down to what problems need: smaller and faster; texts like the corpus keep their tokens.

    Test questions never count, nor what may not train a shipped model (--set policy=research lets it count).
    """
    from edgethought.cli.distill.trim import trim_command, trim_like_command

    if like is not None:
        trim_like_command(base, like, out=out)
        return
    trim_command(
        base, corpus or [], recipe, change or [], first_merges=first_merges, out=out, keep_list=keep_list
    )
