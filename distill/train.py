"""Training: rationales in, a merged checkpoint out. One straight loop on accelerate, resumable from any kill."""

import hashlib
import json
import math
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distill.examples import Example, check_spelling, plan_steps, tokenise
from distill.losses import next_token_loss
from distill.pairs import pair_logits
from distill.settings import TrainSettings
from distill.student import Masters, completion_logits, merged, open_student
from distill.training_state import STATE_FILE, load_state, restore, save_state
from export.base import base_checkpoint
from export.checkpoint import (
    CheckpointCard,
    is_encoder_decoder,
    load_tokenizer,
    read_card,
    save_card,
    save_student,
)
from export.tokenizer import copy_tokenizer, end_token, read_vocabulary, save_tokenizer
from runtime.errors import InputError
from runtime.prompt import THOUGHTS, Thought, chat_template
from runtime.rationale import Rationale

if TYPE_CHECKING:
    from torch import Tensor

METRICS_FILE = "metrics.jsonl"
REPORT_FILE = "training.json"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run did. Tokens are real ones, padding not counted."""

    checkpoint: str
    examples: int
    left_out: int
    steps: int
    tokens: int
    labels: int
    final_loss: float
    seconds: float
    tokens_per_second: float


def train(
    rationales: Iterable[Rationale],
    settings: TrainSettings,
    out: Path,
    *,
    siblings: Sequence[str] = (),
    progress: Progress = lambda done, total, note: None,
) -> TrainReport:
    """Train a student on verified rationales and write `out/checkpoint`, a merged checkpoint.

    `siblings` are the tasks that the rationale set is marked with; the checkpoint carries the mark on.

    A state is saved every `settings.checkpoint_s` seconds; the same call on the same folder goes on from it and sees
    the same batches. Raises InputError when there is nothing to learn from or the folder holds another run.
    """
    base = base_checkpoint(settings.base)
    rows = list(rationales)
    examples = _examples(rows, base)
    kept = [example for example in examples if len(example.ids) <= settings.max_example_tokens]
    if not kept:
        raise InputError(f"no rationale to train on ({len(rows)} given, all over max_example_tokens or none)")
    plan = plan_steps(
        kept,
        epochs=settings.epochs,
        batch_examples=settings.batch_examples,
        micro_tokens=settings.micro_tokens,
        seed=settings.seed,
    )
    out.mkdir(parents=True, exist_ok=True)
    model, masters, seconds, loss = _run(plan, base, settings, out, progress)
    card = _card(rows, kept, base, siblings)
    _save_checkpoint(merged(model, masters), base, card, out / "checkpoint")
    report = _report(plan, len(kept), len(rows) - len(kept), seconds, loss, out)
    (out / REPORT_FILE).write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")
    (out / STATE_FILE).unlink(missing_ok=True)
    return report


def _examples(rationales: Sequence[Rationale], base: Path) -> list[Example]:
    tokenizer = load_tokenizer(base)
    if is_encoder_decoder(base):
        # Any tokenizer may come with these, and SentencePiece has no line break: it would be lost without a word.
        check_spelling(rationales, tokenizer)
    return list(tokenise(rationales, tokenizer, end_token(base)))


def _run(
    plan: Sequence[Sequence[Sequence[Example]]],
    base: Path,
    settings: TrainSettings,
    out: Path,
    progress: Progress,
) -> tuple[Any, Masters, float, float]:
    """The loop: every step is forward and backward over its micro-batches, then one update of the masters."""
    import torch
    from accelerate import Accelerator

    if settings.threads:
        torch.set_num_threads(settings.threads)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    model = accelerator.prepare(open_student(base, settings))
    model.train()
    masters = Masters(model)
    optimiser = torch.optim.AdamW(
        masters.copies,
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        betas=(0.9, 0.99),
        fused=True,
    )
    plan_hash = _plan_hash(plan, settings, base)
    state = load_state(out, plan=plan_hash)
    done = restore(state, masters=masters, optimiser=optimiser) if state else 0
    metrics = _open_metrics(out, done)
    saved_at = time.monotonic()
    for step in range(done, len(plan)):
        began = time.perf_counter()
        rate = learning_rate(step, len(plan), settings)
        for group in optimiser.param_groups:
            group["lr"] = rate
        labels = sum(example.labels for micro in plan[step] for example in micro)
        loss = 0.0
        for micro in plan[step]:
            part = next_token_loss(*labelled_logits(model, micro, accelerator.device)) / labels
            accelerator.backward(part)
            loss += part.item()
        masters.take_gradients()
        torch.nn.utils.clip_grad_norm_(masters.copies, settings.clip_norm)
        optimiser.step()
        masters.give_weights()
        metrics.add(step, loss, rate, plan[step], time.perf_counter() - began)
        if time.monotonic() - saved_at > settings.checkpoint_s and step + 1 < len(plan):
            save_state(out, step=step + 1, plan=plan_hash, masters=masters, optimiser=optimiser)
            saved_at = time.monotonic()
        progress(step + 1, len(plan), f"loss {loss:.3f}")
    return model, masters, metrics.seconds, metrics.loss


def labelled_logits(model: Any, micro: Sequence[Example], device: Any) -> tuple["Tensor", "Tensor"]:
    """Logits (labelled position, vocabulary) of a micro-batch and the tokens they should give (labelled position)."""
    if model.config.is_encoder_decoder:
        return pair_logits(model, micro, device)
    ids, labelled = pad(micro)
    logits = completion_logits(model, ids.to(device), labelled)
    return logits, ids.roll(-1, dims=1)[labelled].to(logits.device)


def pad(micro: Sequence[Example]) -> tuple["Tensor", "Tensor"]:
    """Ids (batch, position) padded on the right, and a mask of the positions whose *next* token is labelled."""
    import torch

    width = max(len(example.ids) for example in micro)
    ids = torch.zeros(len(micro), width, dtype=torch.long)
    labelled = torch.zeros(len(micro), width, dtype=torch.bool)
    for row, example in enumerate(micro):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        labelled[row, example.labelled_from - 1 : len(example.ids) - 1] = True
    return ids, labelled


def learning_rate(step: int, steps: int, settings: TrainSettings) -> float:
    """Linear warm-up, then a cosine down to a tenth of the peak."""
    warmup = max(1, round(steps * settings.warmup_fraction))
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return settings.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * share)))


def _plan_hash(plan: Sequence[Sequence[Sequence[Example]]], settings: TrainSettings, base: Path) -> str:
    """What a saved state must agree with: every batch, every setting that changes an update, and the base."""
    free = {"checkpoint_s", "threads"}
    digest = hashlib.sha256(settings.model_dump_json(exclude=free).encode())
    digest.update(read_card(base).base.encode())
    for step in plan:
        digest.update(repr([example.ids for micro in step for example in micro]).encode())
    return digest.hexdigest()


class _Metrics:
    """One JSON row a step, appended as it happens."""

    def __init__(self, path: Path, kept: Sequence[dict[str, Any]]) -> None:
        self.path = path
        self.seconds = sum(row["seconds"] for row in kept)
        self.loss = float(kept[-1]["loss"]) if kept else math.nan
        path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")

    def add(
        self, step: int, loss: float, rate: float, batch: Sequence[Sequence[Example]], seconds: float
    ) -> None:
        tokens = sum(len(example.ids) for micro in batch for example in micro)
        row = {
            "step": step,
            "loss": round(loss, 5),
            "rate": rate,
            "tokens": tokens,
            "seconds": round(seconds, 3),
        }
        self.seconds += seconds
        self.loss = loss
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _open_metrics(out: Path, done: int) -> _Metrics:
    """Rows of steps after the last saved state belong to work that is lost, so they go."""
    path = out / METRICS_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if done and path.is_file() else []
    return _Metrics(path, [json.loads(line) for line in lines[:done]])


def _card(
    rows: Sequence[Rationale], kept: Sequence[Example], base: Path, siblings: Sequence[str]
) -> CheckpointCard:
    taught = {rationale.thought for rationale in rows}
    thoughts: tuple[Thought, ...] = tuple(thought for thought in THOUGHTS if thought in taught)
    digest = hashlib.sha256(
        "\n".join(f"{row.problem.id}\t{row.thought}\t{row.text}" for row in rows).encode()
    )
    longest = max(example.labels for example in kept)
    parent = read_card(base)
    return CheckpointCard(
        base=parent.base,
        licence=parent.licence,
        thoughts=thoughts,
        default_thought=thoughts[0],
        data_sha256=digest.hexdigest(),
        # A thought much longer than any it was taught has gone astray.
        max_tokens=min(1024, max(64, longest + longest // 4)),
        siblings=tuple(sorted({*parent.siblings, *siblings})),
    )


def _save_checkpoint(model: Any, base: Path, card: CheckpointCard, folder: Path) -> None:
    partial = folder.with_name(folder.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    model.config.use_cache = True
    save_student(model, partial)
    if is_encoder_decoder(base):
        copy_tokenizer(base, partial, chat_template(card.default_thought))
    else:
        save_tokenizer(read_vocabulary(base), partial, chat_template(card.default_thought))
    save_card(card, partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


def _report(
    plan: Sequence[Sequence[Sequence[Example]]],
    examples: int,
    left_out: int,
    seconds: float,
    loss: float,
    out: Path,
) -> TrainReport:
    every = [example for step in plan for micro in step for example in micro]
    tokens = sum(len(example.ids) for example in every)
    return TrainReport(
        checkpoint=str(out / "checkpoint"),
        examples=examples,
        left_out=left_out,
        steps=len(plan),
        tokens=tokens,
        labels=sum(example.labels for example in every),
        final_loss=round(loss, 4),
        seconds=round(seconds, 1),
        tokens_per_second=round(tokens / max(seconds, 1e-9), 1),
    )
