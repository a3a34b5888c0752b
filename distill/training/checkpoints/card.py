"""The checkpoint that training leaves: weights, tokenizer, `edgethought.json`, and a model card for people."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.scoring.statistics import wilson
from distill.training.checkpoints.selection import SelectedWeights
from distill.training.examples import Example
from distill.training.report.metrics import Metrics
from distill.training.settings import ComputeType, TrainSettings
from export.checkpoint import CheckpointCard, read_card, save_card, save_student
from export.tokenizer import copy_tokenizer, read_vocabulary, save_tokenizer
from runtime.values.files import whole_folder
from runtime.values.prompt import THOUGHTS, Thought, chat_template, render_prompt
from runtime.values.rationale import Rationale

README_FILE = "README.md"
EXAMPLE = "Ann has 3 apples and buys 4 more. How many apples does she have?"
MODEL_CARD = """\
---
license: {license}
base_model: {card.base}
library_name: transformers
pipeline_tag: text-generation
tags: [math-word-problems, distillation, edgethought]
---

# {card.base}, taught to reason: {thoughts}

| | |
|---|---|
{facts}

## Prompt

```
{prompt}
```

A line break follows. The answer is what the solver makes of what is written then.

## Settings

```yaml
{settings}
```"""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a checkpoint was taught, for its card: `examples` is how many of `rows` were short enough.

    `adapter_sha256` is of the weights that LoRA started from, where it did.
    """

    rows: Sequence[Rationale]
    examples: int
    settings: TrainSettings
    metrics: Metrics
    chosen: SelectedWeights
    compute: ComputeType
    adapter_sha256: str = ""


def data_sha256(rows: Sequence[Rationale]) -> str:
    """One hash over the rationales, in their order."""
    lines = "\n".join(f"{row.problem.id}\t{row.thought}\t{row.text}" for row in rows)
    return hashlib.sha256(lines.encode()).hexdigest()


def checkpoint_card(
    rows: Sequence[Rationale],
    kept: Sequence[Example],
    base: Path,
    near_duplicates: Sequence[str],
    settings: TrainSettings,
) -> CheckpointCard:
    """The card that export and runtime read: `rows` are what was given, `kept` what was short enough to learn."""
    taught = {rationale.thought for rationale in rows}
    thoughts: tuple[Thought, ...] = tuple(thought for thought in THOUGHTS if thought in taught)
    longest = max(example.labels for example in kept)
    parent = read_card(base)
    return replace(
        parent,
        thoughts=thoughts,
        default_thought=thoughts[0],
        data_sha256=data_sha256(rows),
        # A thought much longer than any it was taught has gone astray.
        max_tokens=min(1024, max(64, longest + longest // 4)),
        near_duplicates=tuple(sorted({*parent.near_duplicates, *near_duplicates})),
        # What learns on is no longer what it was published or merged as.
        merged=None,
        name="",
        quantization="" if settings.quantization == "none" else settings.quantization,
    )


def save_checkpoint(
    model: Any, base: Path, card: CheckpointCard, folder: Path, about: Taught | None = None
) -> None:
    """Write a checkpoint folder, whole or not at all, with a model card when there is something to say `about` it."""
    with whole_folder(folder) as partial:
        model.config.use_cache = True
        save_student(model, partial)
        if model.config.is_encoder_decoder:
            copy_tokenizer(base, partial, chat_template(card.default_thought))
        else:
            save_tokenizer(read_vocabulary(base), partial, chat_template(card.default_thought))
        save_card(card, partial)
        if about:
            (partial / README_FILE).write_text(model_card(card, about) + "\n", encoding="utf-8")


def model_card(card: CheckpointCard, about: Taught) -> str:
    """Text of the model card: a header that model hubs read, then what people ask."""
    metrics = about.metrics
    teachers = sorted({row.teacher for row in about.rows})
    licenses = sorted({row.license or row.problem.license for row in about.rows} - {""})
    facts = {
        "base": f"{card.base} ({card.license})",
        "vocabulary": card.trimmed
        and f"trimmed: {card.trimmed.tokens:,} of {card.trimmed.whole_tokens:,} tokens",
        "thoughts": f"{', '.join(card.thoughts)}; {card.default_thought} unless asked",
        "rationales": f"{about.examples:,}, written by {', '.join(teachers) or 'nobody named'}{_wrong_words(about)}",
        "their licences": ", ".join(licenses) or "not stated",
        "data sha256": f"`{card.data_sha256}`",
        "learned": f"{len(metrics.steps):,} steps, {metrics.tokens:,} tokens, "
        f"last loss {metrics.loss:.3f} nats a label",
        "started from": about.adapter_sha256
        and f"the adapter {about.settings.adapter}, weights `{about.adapter_sha256}`",
        "logits of": _logits_words(about.settings),
        "computed in": f"{about.compute}, float32 masters",
        "rounded in training": _rounding_words(about.settings),
        "weights": about.chosen.words,
        "dev accuracy": _dev_words(about),
        "near duplicates": _near_duplicate_words(card),
    }
    rows = (f"| {name} | {fact} |" for name, fact in facts.items() if fact)
    settings = about.settings.model_dump(mode="json").items()
    return MODEL_CARD.format(
        card=card,
        license=card.license.lower(),
        thoughts=", ".join(card.thoughts),
        facts="\n".join(rows),
        prompt=render_prompt(EXAMPLE, card.default_thought).rstrip("\n"),
        settings="\n".join(f"{name}: {json.dumps(value)}" for name, value in settings),
    )


def _dev_words(about: Taught) -> str:
    dev = about.chosen.dev
    if dev is None:
        return "not measured in training"
    interval = wilson(dev.right, dev.n)
    return (
        f"{dev.right} of {dev.n} ({100 * dev.accuracy:.1f} %, 95 % interval {100 * interval.low:.1f} to "
        f"{100 * interval.high:.1f}) of {about.settings.dev_task}, also used to choose these weights"
    )


def _wrong_words(about: Taught) -> str:
    if about.settings.loss != "preference":
        return ""
    return f"; {sum(not row.verified for row in about.rows):,} of them wrong ones, to be told from the others"


def _logits_words(settings: TrainSettings) -> str:
    if not settings.teacher:
        return ""
    name, shots = Path(settings.teacher).name, settings.teacher_shots
    shown = f", worked examples before each prompt: {shots}" if shots else ""
    return f"{name}{shown}; {settings.loss}, {100 * settings.lmbda:g} % of the steps on its own samples"


def _rounding_words(settings: TrainSettings) -> str:
    if settings.quantization == "none":
        return ""
    return f"as gguf:{settings.quantization} rounds without calibration: the artifact for which this is"


def _near_duplicate_words(card: CheckpointCard) -> str:
    if not card.near_duplicates:
        return "none of its problems is a test question with other numbers"
    return f"it saw test questions of {', '.join(card.near_duplicates)} with other numbers"
