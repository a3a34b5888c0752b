"""What `edgethought bench` does."""

import importlib.util
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgethought.stages.progress import progress_bar, say
from runtime.values.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from benchmarks.bench import Progress
    from benchmarks.devices.limits import Limits
    from benchmarks.scoring.job import BenchSettings, Endpoint, ModelSpec, PromptMode
    from edgethought.cli.bench.config import BenchConfig

# Fields of a request that bench itself says.
OUR_FIELDS = ("model", "prompt", "messages", "stop", "max_tokens", "temperature", "stream", "n")


def bench_command(config: "BenchConfig") -> None:
    """Score models and print the report's headlines."""
    from benchmarks.bench import bench, parse_tasks
    from benchmarks.report.findings import waiting_notes
    from benchmarks.tasks.fields import parse_fields

    endpoint = endpoint_of(config.endpoint, config.model, config.api_key_env, config.request)
    models, settings = asked_models(config.models, endpoint, config.prompt_mode), config.settings()
    for package in ("matplotlib", "jinja2"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(f"the report needs {package}: pip install 'edgethought[build]'")
    held_to = profile_limits(config.profile, settings)
    wanted = parse_tasks(config.tasks, parse_fields(config.fields) if config.fields else None)
    if any(model.prompt_mode == "few-shot" for model in models):
        settings = _with_examples(settings, config.examples, config.shots)
    with progress_bar("bench") as bar:

        def progress(now: "Progress") -> None:
            bar(now.done, now.total, f"{now.label} on {now.task}: {now.correct} right")

        findings = bench(
            models,
            wanted,
            out=config.out,
            settings=settings,
            profiles=held_to,
            exclude_near_duplicates=config.exclude_near_duplicates,
            seeds=config.seeds,
            progress=progress,
            command=shlex.join(["edgethought", *sys.argv[1:]]),
            config=config.model_dump(mode="json"),
        )
    for headline in findings.headlines:
        print(headline)
    for note in waiting_notes(findings.entries):
        say(note)
    say(f"Report: {config.out / 'report.html'}   picture: {config.out / 'frontier.png'}")


def profile_limits(profiles: str, settings: "BenchSettings") -> list["Limits"]:
    """The profiles that were named as this machine enforces them; raises InputError where threads are set, too."""
    from benchmarks.devices.control_groups import means_here
    from benchmarks.devices.limits import limits_of
    from benchmarks.devices.profiles import named_profiles
    from runtime.values.cores import physical_processors

    named = named_profiles(profiles)
    if named and settings.threads is not None:
        raise InputError(f"--threads and --profile {profiles}; expected: one of them, a profile has its own")
    means = means_here() if named else "process"
    return [limits_of(profile, physical_processors(), means) for profile in named]


def endpoint_of(
    url: str | None, model: str | None, key_variable: str | None, request: Sequence[str] = ()
) -> "Endpoint | None":
    """The endpoint that was named, if any; raises InputError when only a part of it was."""
    from benchmarks.scoring.external.endpoint import checked_address
    from benchmarks.scoring.job import Endpoint

    if url is None:
        if model or key_variable or request:
            raise InputError(
                "--model, --api-key-env and --request are an endpoint's; expected: with --endpoint URL"
            )
        return None
    if not model:
        raise InputError(f"endpoint {url} without a model; expected: --endpoint URL --model NAME")
    return Endpoint(checked_address(url), model, key_variable, tuple(map(_request_field, request)))


def _request_field(text: str) -> tuple[str, str]:
    """A further field of every request: its name, and its value as JSON; what is no JSON is text."""
    name, equals, value = text.partition("=")
    if not name or not equals or name in OUR_FIELDS:
        raise InputError(f"request {text!r}; expected: NAME=VALUE, the name none of {', '.join(OUR_FIELDS)}")
    try:
        return name, json.dumps(json.loads(value))
    except ValueError:
        return name, json.dumps(value)


def asked_models(
    models: Sequence[str], endpoint: "Endpoint | None", prompt_mode: str | None
) -> list["ModelSpec"]:
    """Who is asked, and how: by `PATH@MODE`, else by `prompt_mode`, else as suits it; without names the default model."""
    from benchmarks.scoring.job import ModelSpec, is_gguf
    from runtime.answering.default_model import artifact_folder, named_artifact

    usual = _prompt_mode(prompt_mode) if prompt_mode else None
    asked = []
    for text in models:
        head, at, tail = text.rpartition("@")
        own = at and not Path(text).exists()
        path = Path(head if own else text).expanduser()
        suits: PromptMode = "chat" if is_gguf(path) else "student"
        source = path if is_gguf(path) else named_artifact(path)
        asked.append(ModelSpec(source, _prompt_mode(tail) if own else usual or suits))
    if endpoint:
        asked.append(ModelSpec(endpoint, usual or "chat"))
    return asked or [ModelSpec(artifact_folder(), usual or "student")]


def _prompt_mode(name: str) -> "PromptMode":
    """A way of asking, also as it stands behind PATH@; raises InputError listing them."""
    from benchmarks.scoring.job import ASKS

    for mode in ASKS:
        if mode == name:
            return mode
    raise InputError(f"ask {name!r}; expected: {', '.join(ASKS)}")


def _with_examples(settings: "BenchSettings", source: str, shots: int) -> "BenchSettings":
    from dataclasses import replace

    from benchmarks.scoring.model_info import DEFAULT_THOUGHT
    from edgethought.stages.asking.exemplars import worked_examples

    thought = settings.thought or DEFAULT_THOUGHT
    return replace(settings, exemplars=worked_examples(source, thought, shots=shots, seed=settings.seed))
