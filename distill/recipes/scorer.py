"""Scorers: a probe learns from a student's own hidden states which of its thoughts are right.

The student stays as it is; a network of two layers is trained on the states that a device has anyway when it writes a
thought (`runtime.answering.scorer`), with binary cross-entropy on what the solver found right or wrong. Verifiers: arXiv
2110.14168; probes of a model's own states: arXiv 2207.05221.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.scoring.statistics import chance_above
from distill.recipes.judged import Judged, rationale
from distill.training.examples import shared_tokens, tokenize
from export.checkpoint import (
    load_student,
    load_tokenizer,
    padded,
    quick_bfloat16,
    read_card,
    student_hashes,
)
from export.tokenizer import end_token
from runtime.answering.scorer import read_scorer
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import whole_file

HIDDEN = 256
STEPS = 400
BATCH_SIZE = 2048
PEAK_RATE = 1e-3
WARM_UP_STEPS = 20
WEIGHT_DECAY = 0.05
DROPOUT = 0.1
# A network this small is done in seconds; what it is on questions that it never saw decides which step is kept.
HELD_OUT = 0.05
LOOK_EVERY = 25
LEAST_SPREAD = 1e-4
# Questions with right and wrong samples: fewer, and hardly any is left to look at.
LEAST_MIXED = round(2 / HELD_OUT)

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class ScorerReport:
    """What was learned from, and how the kept network fares on `held_out` samples of questions it never saw.

    `auc` is the chance that it prefers a right sample to a wrong one; `best` is the share of questions, among those with
    right and wrong samples, whose best-scored sample is right, `mean` the share of right ones among their samples.
    """

    rows: int
    right: int
    questions: int
    held_out: int
    step: int
    auc: float
    best: float
    mean: float


def train_scorer(
    checkpoint: Path,
    groups: Sequence[Sequence[Judged]],
    out: Path,
    *,
    source: str,
    seed: int,
    progress: Progress,
) -> ScorerReport:
    """Train a scorer of a checkpoint on samples by question, and write it to `out`.

    Raises InputError where there are too few questions with right and wrong samples, or `out` is something else than a
    scorer; WorkFailed where it cannot be written.
    """
    check_place(out)
    mixed = sum(len({one.right for one in group}) == 2 for group in groups)
    if mixed < LEAST_MIXED:
        raise InputError(
            f"{source} has {mixed} questions with right and wrong samples; expected: {LEAST_MIXED} or more, by "
            "`edgethought "
            "distill sample` of more problems or with more --samples"
        )
    states = collect_states(checkpoint, groups, progress)
    labels = torch.tensor([float(one.right) for group in groups for one in group])
    owners = torch.tensor([number for number, group in enumerate(groups) for _ in group])
    weights, report = train_probe(states, labels, owners, seed=seed)
    _save(
        out,
        weights,
        report,
        groups,
        source=f"{source}; states of {read_card(checkpoint).title}",
        student=student_hashes(checkpoint),
    )
    return report


def check_place(out: Path) -> None:
    """Raise InputError where a scorer cannot go: a folder, or a file that is none and would be lost."""
    if out.is_dir():
        raise InputError(f"{out} is a folder; expected: a file such as {out / 'scorer.safetensors'}")
    if out.is_file():
        try:
            read_scorer(out)
        except InputError as error:
            raise InputError(f"{out} is there and no scorer; expected: the name of a new file") from error


def collect_states(checkpoint: Path, groups: Sequence[Sequence[Judged]], progress: Progress) -> Tensor:
    """The final hidden states of every sample in order, float32 (samples, 2 width): its end token's, and their mean.

    A question is read once for all its samples.
    """
    from transformers import DynamicCache

    dtype = torch.bfloat16 if quick_bfloat16() else torch.float32
    model, tokenizer = load_student(checkpoint, dtype=dtype).model, load_tokenizer(checkpoint)
    end = end_token(checkpoint)
    found = []
    for number, group in enumerate(groups):
        examples = list(tokenize(map(rationale, group), tokenizer, end))
        shared = shared_tokens(examples)
        with torch.inference_mode():
            cache = DynamicCache()
            if shared:
                model(torch.tensor([examples[0].ids[:shared]]), past_key_values=cache, use_cache=True)
                cache.batch_repeat_interleave(len(group))
            ((ids, _),) = padded([one.ids[shared:] for one in examples], len(examples))
            states = model(ids, past_key_values=cache, use_cache=True).last_hidden_state.float()
        for row, one in zip(states, examples, strict=True):
            last = len(one.ids) - 1 - shared
            own = row[one.prompt_len - shared : last] if one.labels > 1 else row[last : last + 1]
            found.append(torch.cat([row[last], own.mean(0)]))
        progress(number + 1, len(groups), f"{len(found)} samples read")
    return torch.stack(found)


def train_probe(
    states: Tensor, labels: Tensor, owners: Tensor, *, seed: int
) -> tuple[dict[str, Tensor], ScorerReport]:
    """The weights of a probe, and how it fares: states (samples, inputs), labels and question of each (samples,)."""
    names = sorted(set(owners.tolist()))
    chosen = random.Random(seed).sample(names, max(1, round(len(names) * HELD_OUT)))
    held = torch.isin(owners, torch.tensor(chosen))
    generator = torch.Generator().manual_seed(seed)
    inputs, wanted = states[~held], labels[~held]
    centre = {"mean": inputs.mean(0), "std": inputs.std(0).clamp(min=LEAST_SPREAD)}
    layers = _new_layers(states.shape[1], generator)
    optimizer = torch.optim.AdamW(layers.values(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    best_loss, best_step, best = float("inf"), 0, layers
    for step in range(1, STEPS + 1):
        optimizer.param_groups[0]["lr"] = _rate(step)
        rows = torch.randint(len(inputs), (min(BATCH_SIZE, len(inputs)),), generator=generator)
        kept = torch.rand(len(rows), states.shape[1], generator=generator) >= DROPOUT
        logits = probe_logits({**centre, **layers}, inputs[rows], kept / (1 - DROPOUT))
        loss: Any = functional.binary_cross_entropy_with_logits(logits, wanted[rows])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % LOOK_EVERY == 0:
            with torch.no_grad():
                logits = probe_logits({**centre, **layers}, states[held])
                unseen = functional.binary_cross_entropy_with_logits(logits, labels[held]).item()
            if unseen < best_loss:
                best_loss, best_step = unseen, step
                best = {name: weight.detach().clone() for name, weight in layers.items()}
    weights = {**centre, **best}
    with torch.no_grad():
        scores = probe_logits(weights, states[held])
    best_share, mean_share = _choices(scores, labels[held], owners[held])
    return weights, ScorerReport(
        rows=len(labels),
        right=int(labels.sum()),
        questions=len(names),
        held_out=int(held.sum()),
        step=best_step,
        auc=chance_above(scores.numpy(), labels[held].numpy()),
        best=best_share,
        mean=mean_share,
    )


def probe_logits(weights: dict[str, Tensor], states: Tensor, scale: Tensor | None = None) -> Tensor:
    """Log odds that samples are right, (samples,); `scale` multiplies the centred inputs, as dropout does."""
    inputs = (states - weights["mean"]) / weights["std"]
    hidden = functional.gelu((inputs if scale is None else inputs * scale) @ weights["w1"].T + weights["b1"])
    return (hidden @ weights["w2"].T + weights["b2"]).squeeze(-1)


def _new_layers(inputs: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Uniform weights that keep a sum's size, and no biases (LeCun's start)."""
    layers = {}
    for number, (rows, columns) in enumerate(((HIDDEN, inputs), (1, HIDDEN)), start=1):
        weight = (torch.rand(rows, columns, generator=generator) * 2 - 1) / columns**0.5
        layers[f"w{number}"] = weight.requires_grad_()
        layers[f"b{number}"] = torch.zeros(rows, requires_grad=True)
    return layers


def _rate(step: int) -> float:
    """A short rise, then a cosine to nothing."""
    fall = 0.5 * (1 + torch.cos(torch.tensor(torch.pi * step / STEPS)).item())
    return PEAK_RATE * min(1.0, step / WARM_UP_STEPS) * fall


def _choices(scores: Tensor, labels: Tensor, owners: Tensor) -> tuple[float, float]:
    """Over questions with both kinds: how often the best-scored sample is right, and how many of their samples are."""
    best, mean = [], []
    for owner in sorted(set(owners.tolist())):
        mine = owners == owner
        share = labels[mine].mean().item()
        if 0 < share < 1:
            best.append(labels[mine][scores[mine].argmax()].item())
            mean.append(share)
    return sum(best) / max(1, len(best)), sum(mean) / max(1, len(mean))


def _save(
    out: Path,
    weights: dict[str, Tensor],
    report: ScorerReport,
    groups: Sequence[Sequence[Judged]],
    *,
    source: str,
    student: Sequence[str],
) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    thoughts = {one.thought for group in groups for one in group}
    figures = {
        "held_out_samples": report.held_out,
        "auc": round(report.auc, 4),
        "best_right": round(report.best, 4),
        "mean_right": round(report.mean, 4),
    }
    about = {
        "thoughts": ",".join(sorted(thoughts, reverse=True)),
        "trained_on": f"{report.rows:,} samples of {report.questions:,} questions, {report.right:,} right, of {source}",
        "figures": json.dumps({"held out": figures}),
        "student": ",".join(student),
    }
    tensors = {name: weight.contiguous() for name, weight in weights.items()}
    with whole_file(out) as partial:
        try:
            save_file(tensors, partial, metadata=about)
        except SafetensorError as error:
            raise WorkFailed(
                f"{out} could not be written ({str(error).strip()[:120]}); expected: room on the disk, then the same "
                "command again"
            ) from error
