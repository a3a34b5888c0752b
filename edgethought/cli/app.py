"""The command line. Each command is its signature, its help and one call."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edgethought.cli.base.app import base_app
from edgethought.cli.data import data_app
from edgethought.cli.distill.app import distill_app
from edgethought.cli.model.app import model_app
from edgethought.cli.options import (
    RECIPE_HELP,
    AdapterThoughts,
    DeadlineMs,
    FieldNames,
    Grammar,
    Json,
    ModeChoice,
    Samples,
    Seed,
    Set,
    ThoughtChoice,
    Threads,
    TunedMode,
)
from runtime.serve.settings import DEFAULT_DEADLINE_MS, DEFAULT_HOST, DEFAULT_PORT, DEFAULT_QUEUE
from runtime.values.answers import Tolerance
from runtime.values.prompt import Thought

app = typer.Typer(
    name="edgethought",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# Who uses a command, as `edgethought` alone groups them.
ANSWER, BUILD, MEASURE, MACHINE = "Answer", "Build", "Measure", "Machine"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"edgethought {version('edgethought')}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Distil a large model's mathematical reasoning into a small one, and run it with no network."""


def _about_others(help: str, metavar: str | None = None) -> Any:
    """An option of bench that is about models other than our students."""
    return typer.Option(help=help, metavar=metavar, rich_help_panel="Models that are no student of ours")


@app.command(rich_help_panel=ANSWER)
def solve(
    question: Annotated[
        str | None, typer.Argument(help="A word problem; - reads it; none opens a prompt.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Artifact folder, or a published student that is here; the default model unless given."
        ),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option(help="A LoRA adapter (.gguf) to load beside a GGUF artifact of its base.")
    ] = None,
    json: Json = False,
    file: Annotated[
        Path | None,
        typer.Option(
            help='Questions: JSONL of {"id"?, "question"}, .csv with these columns, .txt with one a line.'
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where --file's answers go; finished ids are skipped.")
    ] = None,
    thought: ThoughtChoice = None,
    mode: TunedMode = None,
    samples: Samples = None,
    streams: Annotated[
        int | None,
        typer.Option(help="Questions of --file written at a time; 32 unless given, 1 with a deadline."),
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Longest thought, in tokens.")] = None,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 0.0,
    seed: Seed = 0,
    grammar: Grammar = False,
    logprobs: Annotated[
        bool,
        typer.Option("--logprobs", help="Say how probable the text is, as `logprob` with --json or --file."),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the working: each step with its numbers, and its value.")
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(help="Give no answer that is less probably right than this, 0 to 1; status abstained."),
    ] = None,
    deadline_ms: DeadlineMs = None,
    threads: Threads = None,
) -> None:
    """Answer a word problem: the model writes equations or a program, the solver does the arithmetic."""
    from edgethought.cli.solve import Asking, solve_command

    asking = Asking(
        model=model,
        adapter=adapter,
        threads=threads,
        thought=thought,
        mode=mode,
        max_tokens=max_tokens,
        temperature=temperature,
        seed=seed,
        grammar=grammar,
        deadline_ms=deadline_ms,
        samples=samples,
        streams=streams,
        logprobs=logprobs,
        explain=explain,
        min_confidence=min_confidence,
    )
    _leave(solve_command(question, asking, file=file, out=out, as_json=json))


@app.command(rich_help_panel=ANSWER)
def serve(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            help="Artifact folders, published students that are here, or NAME=FOLDER; the default model unless given."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at; others than this machine's own need a token.")
    ] = (DEFAULT_HOST),
    port: Annotated[int, typer.Option(help="0 takes any free one.")] = DEFAULT_PORT,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Tokens that clients may send, one a line; besides the variable EDGETHOUGHT_TOKEN."
        ),
    ] = None,
    memory_gb: Annotated[
        float | None,
        typer.Option(help="Memory for loaded models; three quarters of the machine's unless given."),
    ] = None,
    streams: Annotated[
        int | None,
        typer.Option(help="Thoughts a model writes at a time; what `tune` found, else 32, unless given."),
    ] = None,
    queue: Annotated[int, typer.Option(help="Requests that may wait for a model.")] = DEFAULT_QUEUE,
    max_tokens: Annotated[
        int | None,
        typer.Option(help="Longest text a request may have, in tokens; the artifact's own unless given."),
    ] = None,
    deadline_ms: Annotated[
        float, typer.Option(help="Longest time for a request, waiting included.")
    ] = DEFAULT_DEADLINE_MS,
    cors: Annotated[
        list[str] | None,
        typer.Option(help="Origin whose pages may ask, or *; none unless given. May be repeated."),
    ] = None,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="Write what is asked to the log, too.")
    ] = False,
) -> None:
    """Answer over HTTP: OpenAI's API, /solve, and a page to type a problem into. Ctrl-C finishes what runs."""
    from runtime.serve.server import serve as serve_models
    from runtime.serve.settings import ServeSettings, memory_bytes, read_tokens

    settings = ServeSettings(
        host=host,
        port=port,
        tokens=read_tokens(token_file),
        memory_bytes=memory_bytes(memory_gb),
        streams=streams,
        queue=queue,
        max_tokens=max_tokens,
        deadline_ms=deadline_ms,
        cors=tuple(cors or ()),
        log_questions=log_questions,
    )
    serve_models(models or [], settings)


@app.command(rich_help_panel=BUILD)
def quickstart(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/quickstart"), change: Set = None
) -> None:
    """The whole line, small and offline: teacher, student, GGUF and ONNX, scores, a frontier picture. Takes minutes."""
    from edgethought.cli.run import run_command

    run_command("quickstart", change or [], out)


@app.command(rich_help_panel=BUILD)
def run(
    recipe: Annotated[str, typer.Argument(help=RECIPE_HELP)],
    change: Set = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; runs/RECIPE unless given.")] = None,
) -> None:
    """Run a recipe from teacher to report. Started again with the same settings, it goes on where it was stopped."""
    from edgethought.cli.run import run_command

    run_command(recipe, change or [], out)


@app.command(rich_help_panel=BUILD)
def ablate(
    recipe: Annotated[str, typer.Argument(help=RECIPE_HELP)],
    vary: Annotated[
        str,
        typer.Argument(
            help="KEY=A|B|C, a setting with its values; or a YAML file of arms, each with its settings."
        ),
    ],
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Trainings of each arm.")] = 2,
    tokens: Annotated[
        int, typer.Option(min=1000, help="Training tokens of each, prompts counted.")
    ] = 200_000,
    hours: Annotated[
        float, typer.Option(min=0, help="For everything; what is left is told. 0 is no limit.")
    ] = 0,
    change: Set = None,
    out: Annotated[Path | None, typer.Option(help="Folder; runs/RECIPE-ablation unless given.")] = None,
) -> None:
    """Change one thing of a recipe at a time: trainings on equal tokens, dev answers, paired tests over all seeds.

    The first arm is the one that others are compared with. Started again, it goes on where it was stopped.
    """
    from edgethought.cli.run import ablate_command

    ablate_command(recipe, vary, change or [], seeds=seeds, tokens=tokens, hours=hours, out=out)


@app.command(rich_help_panel=BUILD)
def export(
    checkpoint: Annotated[
        Path, typer.Argument(help="Checkpoint folder that training wrote, or a LoRA adapter's folder.")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            help="Targets, such as gguf:q8_0,onnx:q4_0; of an adapter also gguf:adapter; gguf:q4_0,onnx:int4 unless "
            "given, with --scorer gguf:q4_0."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the artifact folders.")] = Path("artifacts"),
    base: Annotated[
        str | None,
        typer.Option(help="What an adapter was trained over: a base's name, or a checkpoint folder."),
    ] = None,
    thoughts: AdapterThoughts = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Rationale set whose texts decide how quantised GGUF is rounded; none unless given."
        ),
    ] = None,
    scorer: Annotated[
        Path | None,
        typer.Option(help="Scorer of this student (.safetensors) to put into GGUF artifacts, for best_of."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Keep an artifact that the parity gate refuses.")] = False,
) -> None:
    """Export a checkpoint to device-ready artifacts, and prove that they answer the same.

    An adapter is merged into its base first (OUT/merged); the target gguf:adapter is the adapter alone, for `--adapter`.
    """
    from edgethought.cli.export import default_targets, export_adapter_command, export_command

    to = to or default_targets(scorer=scorer is not None)
    if base is None:
        export_command(checkpoint, to, out, calibration=calibration, scorer=scorer, force=force)
    else:
        export_adapter_command(
            checkpoint, base, thoughts, to, out, calibration=calibration, scorer=scorer, force=force
        )


@app.command(rich_help_panel=BUILD)
def bundle(
    artifact: Annotated[str, typer.Argument(help="Artifact folder, or a published student that is here.")],
    out: Annotated[Path, typer.Option(help="The zip file.")] = Path("student.zip"),
    platform: Annotated[
        str | None, typer.Option(help="x86_64 or aarch64; this machine's unless given.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="The other machine's Python, such as 3.11; this one's unless given.")
    ] = None,
) -> None:
    """Pack a student for a machine without a network: artifact, wheels, licenses, and a self-test of two commands."""
    from edgethought.cli.model.bundle import bundle_command

    bundle_command(artifact, out, platform=platform, python=python)


@app.command(rich_help_panel=MEASURE)
def bench(
    context: typer.Context,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            help="Artifact folders, published students that are here, GGUF files; the default model unless given. "
            "PATH@MODE asks one in its own way."
        ),
    ] = None,
    tasks: Annotated[str, typer.Option(help="Tasks: gsm8k, svamp:test, a .jsonl file.")] = "gsm8k",
    limit: Annotated[
        int | None, typer.Option(help="Problems a task, a seeded sample; all unless given.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for report and log.")] = Path("runs/bench"),
    thought: ThoughtChoice = None,
    mode: ModeChoice = "single",
    samples: Samples = None,
    grammar: Grammar = False,
    seed: Seed = 0,
    threads: Threads = None,
    profile: Annotated[
        str,
        typer.Option(
            help="Hold each model to a device's threads, processor time and memory: laptop, pi5-like, pi4-like, "
            "phone-like, or several with commas between; none."
        ),
    ] = "none",
    deadline_ms: DeadlineMs = None,
    tolerance: Annotated[Tolerance, typer.Option(help="paper: within 0.001.")] = "exact",
    fields: FieldNames = None,
    prompt_mode: Annotated[
        str | None, _about_others("student, few-shot, chat or lm-eval; student for artifacts, else chat.")
    ] = None,
    examples: Annotated[
        str, _about_others("few-shot: stories, or a task whose training split to draw from.")
    ] = "stories",
    shots: Annotated[int, _about_others("few-shot: how many worked examples.")] = 4,
    streams: Annotated[
        int, typer.Option(help="Problems answered at a time; times are then shares of the clock.")
    ] = 1,
    max_tokens: Annotated[
        int | None, _about_others("Room for an answer in all ways of asking but student.")
    ] = None,
    endpoint: Annotated[
        str | None, _about_others("Score a model behind an OpenAI-compatible address, http://…/v1.")
    ] = None,
    model: Annotated[str | None, _about_others("The endpoint's model.")] = None,
    api_key_env: Annotated[
        str | None, _about_others("The environment variable that holds the endpoint's key.")
    ] = None,
    request: Annotated[
        list[str] | None,
        _about_others("A further field of every request, such as repeat_penalty=1.", "NAME=VALUE"),
    ] = None,
    exclude_near_duplicates: Annotated[
        bool,
        typer.Option(
            "--exclude-near-duplicates",
            help="Also score without test questions that the task's training split resembles.",
        ),
    ] = False,
    seeds: Annotated[
        bool,
        typer.Option("--seeds", help="Artifacts of one name differ by training seed: report their spread."),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            help="YAML of these options by name, _ for -; what is typed beside it stands in its place."
        ),
    ] = None,
) -> None:
    """Score models on tasks: accuracy with an interval, latency by stage, failures by status, a frontier picture."""
    options = locals()
    from edgethought.cli.bench.config import bench_config
    from edgethought.cli.bench.score import bench_command

    # A default never stands in place of a file's setting, only what was typed does.
    sources = {name: context.get_parameter_source(name) for name in context.params if name != "config"}
    typed = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    bench_command(bench_config(config, {name: options[name] for name in typed}))


@app.command("bench-compare", rich_help_panel=MEASURE)
def bench_compare(
    first: Annotated[Path, typer.Argument(help="A bench's folder, its samples.jsonl or its report.json.")],
    second: Annotated[
        Path, typer.Argument(help="Another, or the same with --first and --second: what is compared with it.")
    ],
    label: Annotated[
        str | None,
        typer.Option("--first", help="The artifact of the first, where it has several and labels differ."),
    ] = None,
    other: Annotated[str | None, typer.Option("--second", help="The artifact of the second.")] = None,
    flips: Annotated[int, typer.Option(min=0, help="Flipped problems to show a task; --json has all.")] = 10,
    json: Json = False,
) -> None:
    """Two benches beside each other: what changed, differences and whether they are noise, problems that flipped."""
    from edgethought.cli.bench.compare import compare_command

    compare_command(first, second, label=label, other=other, flips=flips, as_json=json)


@app.command("bench-plan", rich_help_panel=MEASURE)
def bench_plan(
    report: Annotated[
        Path | None,
        typer.Argument(help="A bench's folder or report.json whose pairs say how often two disagree."),
    ] = None,
    points: Annotated[float, typer.Option(help="The difference to see, in percentage points.")] = 2.0,
    power: Annotated[float, typer.Option(help="How probably to see it, 0 to 1.")] = 0.8,
    discordance: Annotated[
        float | None,
        typer.Option(
            help="Problems that exactly one of the two gets right, in percent; several unless given."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """How many problems a comparison needs before it can show a difference."""
    from edgethought.cli.bench.plan import plan_command

    plan_command(report, points=points, power=power, discordance=discordance, as_json=json)


@app.command("bench-export", rich_help_panel=MEASURE)
def bench_export(
    bench: Annotated[Path, typer.Argument(help="A bench's folder, or its samples.jsonl.")],
    to: Annotated[str, typer.Option(help="Formats: lm-eval, inspect, or both.")] = "lm-eval,inspect",
    out: Annotated[
        Path | None, typer.Option(help="Folder, with one inside for each format; BENCH/export unless given.")
    ] = None,
) -> None:
    """Write a bench's answers and scores as lm-evaluation-harness and inspect_ai log theirs; prints the files."""
    from benchmarks.interop.export import export_bench, parse_formats

    for path in export_bench(
        bench, parse_formats(to), out or (bench if bench.is_dir() else bench.parent) / "export"
    ):
        print(path)


@app.command(
    "lm-eval",
    rich_help_panel=MEASURE,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
def lm_eval(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="What lm_eval takes: --model edgethought --tasks edgethought_gsm8k_pot …"),
    ] = None,
) -> None:
    """lm-evaluation-harness's own command line, with our tasks and the model `edgethought` known to it."""
    from edgethought.cli.bench.harness import lm_eval_command

    lm_eval_command(arguments or [])


@app.command("lm-eval-tasks", rich_help_panel=MEASURE)
def lm_eval_tasks(
    tasks: Annotated[
        str | None,
        typer.Option(help="Tasks as bench takes them; all with a split to score on unless given."),
    ] = None,
    fields: FieldNames = None,
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("lm-eval-tasks"),
) -> None:
    """Write our tasks as files that lm-evaluation-harness finds with --include_path; prints their names."""
    from benchmarks.interop.harness.task_files import write_task_files

    for name in write_task_files(out, tasks, fields):
        print(name)


@app.command(rich_help_panel=MACHINE)
def tune(
    artifacts: Annotated[
        list[Path] | None,
        typer.Argument(help="Artifact folders or published students; the ones `solve` knows unless given."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time to measure for, loading not counted.")] = 90.0,
    latency_ms: Annotated[
        float | None,
        typer.Option(
            help="Find the most samples that answer nine of ten questions within this many milliseconds, too; "
            "`solve` uses them from then on."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option(help="Use the choice from now on.")] = True,
    json: Json = False,
) -> None:
    """Measure this device and pick artifact, quantisation, threads, thoughts at a time and, for a latency, samples."""
    from edgethought.cli.tune import tune_command

    tune_command(artifacts or [], seconds=seconds, latency_ms=latency_ms, keep=keep, as_json=json)


@app.command(rich_help_panel=ANSWER)
def check(
    thought: Annotated[Thought, typer.Argument(help="How it is written.")],
    file: Annotated[str, typer.Argument(help="A file with one thought, or - for standard input.")],
    target: Annotated[str | None, typer.Option(help="The name asked for; ans unless given.")] = None,
    json: Json = False,
) -> None:
    """Solve a thought written by hand, and say what the solver made of it."""
    from edgethought.cli.check import check_file

    _leave(check_file(thought, file, target=target, as_json=json))


@app.command(rich_help_panel=MACHINE)
def doctor(json: Json = False) -> None:
    """What this machine has, what is missing, and the command that mends it."""
    from edgethought.cli.doctor import doctor_command

    _leave(doctor_command(as_json=json))


app.add_typer(distill_app, name="distill", rich_help_panel=BUILD)
app.add_typer(base_app, name="base", rich_help_panel=BUILD)
app.add_typer(model_app, name="model", rich_help_panel=ANSWER)
app.add_typer(data_app, name="data", rich_help_panel=MEASURE)


def _leave(status: int) -> None:
    if status:
        raise typer.Exit(status)
