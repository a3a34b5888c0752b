"""Names in a report: what each scored model is called, and which artifacts are one recipe under several seeds."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.scoring.job import Endpoint, Job, ModelSpec, PromptMode, Source, is_gguf
from export.checkpoint_engine.opening import model_manifest
from runtime.values.errors import InputError


def how(prompt_mode: PromptMode, shots: int) -> str:
    """How a label says the way of asking; a student's own way goes without saying."""
    said: dict[PromptMode, str] = {
        "student": "",
        "few-shot": f", {shots} worked example{'s' * (shots != 1)}",
        "chat": ", its own chat",
        "lm-eval": ", lm-eval",
    }
    return said[prompt_mode]


def labels_of(models: Sequence[ModelSpec], shots: int = 0) -> list[str]:
    """A short label for each model: its name and how it is asked; models of one name are told apart by their place."""
    if not models:
        raise InputError(
            "nothing to score; expected: folders that `edgethought export` wrote, GGUF files, --endpoint"
        )
    asked = Counter((_place(model.source), model.prompt_mode) for model in models)
    if twice := [place for (place, _), times in asked.items() if times > 1]:
        raise InputError(f"{twice[0]} is named twice; expected: each model once in each way of asking")
    plain = [_name(model.source) + how(model.prompt_mode, shots) for model in models]
    counts = Counter(plain)
    apart = {
        label: _apart([m.source for m, own in zip(models, plain, strict=True) if own == label])
        for label in counts
    }
    return [
        label if counts[label] == 1 else apart[label][_place(model.source)] + how(model.prompt_mode, shots)
        for model, label in zip(models, plain, strict=True)
    ]


def _name(source: Source) -> str:
    if isinstance(source, Endpoint):
        return source.model
    return source.stem if is_gguf(source) else model_manifest(source).name


def _place(source: Source) -> str:
    return f"{source.model} at {source.url}" if isinstance(source, Endpoint) else str(source.resolve())


def _apart(sources: Sequence[Source]) -> dict[str, str]:
    """A label for each place: an endpoint's address, or the part of a path in which these paths differ."""
    paths = [_place(source) for source in sources if isinstance(source, Path)]
    common = os.path.commonpath(paths) if len(paths) > 1 else ""
    return {
        _place(source): _place(source).removeprefix(common).lstrip(os.sep)
        if isinstance(source, Path)
        else _place(source)
        for source in sources
    }


def seed_groups(jobs: Sequence[Job]) -> dict[str, str]:
    """Labels of artifacts that are one recipe under several training seeds, each with its group's name.

    Artifacts of one manifest name belong together. Raises InputError when there is no group, or when two artifacts of
    a group are exports of one checkpoint, which says nothing about seeds.
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for job in jobs:
        if isinstance(job.source, Path) and not is_gguf(job.source):
            manifest = model_manifest(job.source)
            name = manifest.name + how(job.settings.prompt_mode, len(job.settings.exemplars))
            name += f", {job.settings.limits.profile}" if job.settings.limits else ""
            groups[name].append((job.label, manifest.parent))
    found = {name: members for name, members in groups.items() if len(members) > 1}
    if not found:
        raise InputError("no two artifacts of one name; expected with seeds: two or more of one recipe")
    for name, members in found.items():
        if len({parent for _, parent in members}) < len(members):
            raise InputError(
                f"two artifacts of {name} come from one checkpoint; expected with seeds: one a training"
            )
    return {label: name for name, members in found.items() for label, _ in members}
