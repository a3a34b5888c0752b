"""The checkpoint that training leaves: weights, tokenizer, `edgethought.json`, and a model card for people."""

import hashlib
import json
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Taught:
    """What a checkpoint was taught, for its card."""

    settings: TrainSettings
    teachers: tuple[str, ...]
    licences: tuple[str, ...]
    examples: int
    steps: int
    tokens: int
    loss: float
    chosen: SelectedWeights
    compute: ComputeType


def data_sha256(rows: Sequence[Rationale]) -> str:
    """One hash over the rationales, in their order."""
    lines = "\n".join(f"{row.problem.id}\t{row.thought}\t{row.text}" for row in rows)
    return hashlib.sha256(lines.encode()).hexdigest()


def checkpoint_card(
    rows: Sequence[Rationale], kept: Sequence[Example], base: Path, siblings: Sequence[str]
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
        siblings=tuple(sorted({*parent.siblings, *siblings})),
    )


def taught(
    rows: Sequence[Rationale],
    examples: int,
    settings: TrainSettings,
    metrics: Metrics,
    chosen: SelectedWeights,
    compute: ComputeType,
) -> Taught:
    """What the model card says of a run that ends."""
    return Taught(
        settings=settings,
        teachers=tuple(sorted({row.teacher for row in rows})),
        licences=tuple(sorted({row.licence or row.problem.licence for row in rows} - {""})),
        examples=examples,
        steps=len(metrics.steps),
        tokens=metrics.tokens,
        loss=metrics.loss,
        chosen=chosen,
        compute=compute,
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
            text = "\n".join(model_card(card, about)) + "\n"
            (partial / README_FILE).write_text(text, encoding="utf-8")


def model_card(card: CheckpointCard, about: Taught) -> Iterator[str]:
    """Lines of the model card: a header that model hubs read, then what people ask."""
    yield from (
        "---",
        f"license: {card.licence.lower()}",
        f"base_model: {card.base}",
        "library_name: transformers",
    )
    yield from (
        "pipeline_tag: text-generation",
        "tags: [math-word-problems, distillation, edgethought]",
        "---",
        "",
    )
    yield from (f"# {card.base}, taught to reason: {', '.join(card.thoughts)}", "")
    yield from ("| | |", "|---|---|")
    yield f"| base | {card.base} ({card.licence}) |"
    if card.trimmed:
        yield f"| vocabulary | trimmed: {card.trimmed.tokens:,} of {card.trimmed.whole_tokens:,} tokens |"
    yield f"| thoughts | {', '.join(card.thoughts)}; {card.default_thought} unless asked |"
    yield f"| rationales | {about.examples:,}, written by {', '.join(about.teachers) or 'nobody named'} |"
    yield f"| their licences | {', '.join(about.licences) or 'not stated'} |"
    yield f"| data sha256 | `{card.data_sha256}` |"
    yield f"| learned | {about.steps:,} steps, {about.tokens:,} tokens, last loss {about.loss:.3f} nats a label |"
    yield f"| computed in | {about.compute}, float32 masters |"
    yield f"| weights | {about.chosen.words} |"
    yield f"| dev accuracy | {_dev_words(about)} |"
    yield f"| siblings | {_sibling_words(card)} |"
    yield from (
        "",
        "## Prompt",
        "",
        "```",
        render_prompt(EXAMPLE, card.default_thought).rstrip("\n"),
        "```",
        "",
    )
    yield from ("A line break follows. The answer is what the solver makes of what is written then.", "")
    yield from ("## Settings", "", "```yaml")
    yield from (
        f"{name}: {json.dumps(value)}" for name, value in about.settings.model_dump(mode="json").items()
    )
    yield "```"


def _dev_words(about: Taught) -> str:
    dev = about.chosen.dev
    if dev is None:
        return "not measured in training"
    interval = wilson(dev.right, dev.n)
    return (
        f"{dev.right} of {dev.n} ({100 * dev.accuracy:.1f} %, 95 % interval {100 * interval.low:.1f} to "
        f"{100 * interval.high:.1f}) of {about.settings.dev_task}, also used to choose these weights"
    )


def _sibling_words(card: CheckpointCard) -> str:
    if not card.siblings:
        return "none of its problems is a test question with other numbers"
    return f"it saw test questions of {', '.join(card.siblings)} with other numbers"
