"""Training: rationales in, a merged checkpoint out. One straight loop on accelerate, resumable from any kill."""

import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distill.training.calibration import CALIBRATION_FILE, TIMED_STEPS, Calibration, calibrate, fit_steps
from distill.training.checkpoints.card import Taught, save_checkpoint
from distill.training.checkpoints.dev_accuracy import FOLDER, Dev, Measure, dev_target, measure_by
from distill.training.checkpoints.selection import SelectedWeights, should_stop
from distill.training.checkpoints.snapshots import SNAPSHOT_FOLDER, STATE_FILE
from distill.training.distributed.processes import Distributed, open_distributed
from distill.training.failures import failures_told
from distill.training.plan import TrainingPlan, first_adapter, make_training_plan
from distill.training.report.metrics import Metrics
from distill.training.report.picture import PICTURE_FILE, draw_training
from distill.training.settings import ComputeType, TrainSettings
from export.adapters.adapter import save_adapter
from export.bases.base import base_checkpoint
from export.checkpoint import require_build
from export.trim.base import rationale_texts, trim_base
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import locked, write_json
from runtime.values.rationale import Rationale

if TYPE_CHECKING:
    from distill.training.checkpoints.manager import CheckpointManager
    from distill.training.losses.teacher_model import Teacher

REPORT_FILE = "training.json"
CHECKPOINT = "checkpoint"
ADAPTER = "adapter"
BASE = "base"
# What tells that a training was begun in a folder, or has ended there.
LEFT = (CALIBRATION_FILE, STATE_FILE, REPORT_FILE, BASE)
Progress = Callable[[int, int, str], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run did. Tokens are real ones, padding not counted; `plan` is the hash of data and settings.

    `planned_steps` are more than `steps` where `train.time_budget_s` or dev accuracy ended it early.
    """

    checkpoint: str
    examples: int
    left_out: int
    steps: int
    tokens: int
    labels: int
    final_loss: float
    seconds: float
    tokens_per_second: float
    weights: str
    dev_right: int | None
    dev_n: int | None
    plan: str
    compute: str = "bfloat16"
    planned_steps: int = 0


def train(
    rationales: Iterable[Rationale],
    settings: TrainSettings,
    out: Path,
    *,
    near_duplicates: Sequence[str] = (),
    dev: Dev | None = None,
    distributed: Distributed | None = None,
    progress: Progress = lambda done, total, note: None,
    say: Say = lambda line: None,
) -> TrainReport:
    """Train a student on verified rationales and write `out/checkpoint`, a merged checkpoint; of LoRA `out/adapter` too.

    `near_duplicates` are the tasks that the rationale set is marked with; the checkpoint carries the mark on. `dev` are
    the problems that snapshots answer where `settings.dev_problems` asks for it. `say` is told, in a line each, which
    type the run computes in and how long it will take.

    A state is saved every `settings.save_interval_s` seconds; the same call on the same folder goes on from it and sees
    the same batches, and does nothing when all is done. Raises InputError when there is nothing to learn from, the
    folder holds another run or another process works in it, WorkFailed when disk or memory is full or the loss is no
    number.
    """
    require_build()
    from distill.training.student import adapter_of, folded, student_with

    distributed = distributed or open_distributed()
    with failures_told(out, settings), _held(out) if distributed.main else nullcontext():
        rows = tuple(rationales)
        first_adapter(settings)
        base = _base(rows, settings, out, distributed)
        plan = make_training_plan(rows, base, settings, near_duplicates)
        finished = _finished(out, plan)
        if finished:
            return finished
        measure = _measure(dev, base, settings, out)
        calibration = _calibrated(settings, out, distributed)
        checkpoints = _learn(plan, settings, out, measure, distributed, calibration, progress, say)
        chosen, values = checkpoints.choose()
        report = _report(plan, checkpoints.metrics, chosen, out, calibration.compute)
        if distributed.main:
            metrics, compute = checkpoints.metrics, calibration.compute
            about = Taught(plan.rows, len(plan.kept), settings, metrics, chosen, compute, plan.adapter_sha256)
            model = student_with(base, settings, values)
            if adapter := adapter_of(model):
                task = "SEQ_2_SEQ_LM" if model.config.is_encoder_decoder else "CAUSAL_LM"
                save_adapter(adapter, out / ADAPTER, card=plan.card, task=task)
            save_checkpoint(folded(model), base, plan.card, out / CHECKPOINT, about)
            _draw(metrics, plan, settings, out)
            write_json(out / REPORT_FILE, asdict(report))
            _tidy(out)
        distributed.wait()
        return report


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Hold a run's folder; one that was made for a run which is refused before its first state goes again."""
    there = out.is_dir() and any(out.iterdir())
    with locked(out):
        try:
            yield
        except InputError:
            if not there and not (out / STATE_FILE).is_file():
                shutil.rmtree(out)
            raise


def _learn(
    plan: TrainingPlan,
    settings: TrainSettings,
    out: Path,
    measure: Measure | None,
    distributed: Distributed,
    calibration: Calibration,
    progress: Progress,
    say: Say,
) -> "CheckpointManager":
    """The loop: every step is one update; then what is due is saved, measured, and perhaps the end."""
    from distill.training.checkpoints.manager import CheckpointManager
    from distill.training.losses.objective import Objective
    from distill.training.state import open_train_state

    say(calibration.line)
    train_state = open_train_state(plan.base, settings, distributed, calibration.dtype)
    teacher = _teacher(plan, distributed.device, calibration.dtype)
    objective = Objective(settings, plan.end_token, distributed.device, teacher)
    checkpoints = CheckpointManager(plan, settings, out, train_state, distributed, measure)
    metrics, planned = checkpoints.metrics, len(plan.steps)
    checkpoints.steps = min(calibration.steps or planned, planned)
    while True:
        if checkpoints.done == TIMED_STEPS < checkpoints.steps:
            seconds = [row.seconds for row in metrics.steps]
            calibration, line = fit_steps(calibration, plan.steps, seconds, settings.time_budget_s)
            checkpoints.steps = distributed.broadcast(calibration.steps) or planned
            if distributed.main and calibration.steps:
                calibration.save(out)
            say(line)
        if checkpoints.look():
            _draw(metrics, plan, settings, out)
        stop = distributed.broadcast(should_stop(metrics.dev, settings.dev_patience))
        if stop or checkpoints.done == checkpoints.steps:
            return checkpoints
        total = planned if checkpoints.done < TIMED_STEPS else checkpoints.steps
        rate = learning_rate(checkpoints.done, total, settings)
        micros = plan.steps[checkpoints.done]
        row = train_state.step(checkpoints.done, micros, rate, objective, distributed, settings.max_grad_norm)
        if not math.isfinite(row.loss):
            # Before anything is saved: what is on disk is from before.
            raise WorkFailed(
                f"the loss of step {row.step} is {row.loss}; expected: a learning_rate below {settings.learning_rate:g}, "
                "in another folder"
            )
        metrics.add(row)
        checkpoints.after_step()
        progress(checkpoints.done, checkpoints.steps, _note(metrics))


def _teacher(plan: TrainingPlan, device: Any, dtype: Any) -> "Teacher | None":
    from distill.training.losses.teacher_model import open_teacher

    return open_teacher(plan.teacher, plan.base, plan.end_token, device, dtype) if plan.teacher else None


def _calibrated(settings: TrainSettings, out: Path, distributed: Distributed) -> Calibration:
    """What the main process measured of its machine, in every process."""
    import torch

    if settings.threads:
        torch.set_num_threads(settings.threads)
    found = distributed.broadcast(calibrate(settings, out, distributed.device) if distributed.main else None)
    assert found is not None
    return found


def _draw(metrics: Metrics, plan: TrainingPlan, settings: TrainSettings, out: Path) -> None:
    draw_training(metrics, out / PICTURE_FILE, f"{plan.card.base}, {settings.method}")


def _note(metrics: Metrics) -> str:
    dev = f", dev {metrics.dev[-1].right} of {metrics.dev[-1].n}" if metrics.dev else ""
    return f"loss {metrics.loss:.3f}{dev}"


def _base(rows: Sequence[Rationale], settings: TrainSettings, out: Path, distributed: Distributed) -> Path:
    """The base's checkpoint, trimmed where the settings say so; one process makes it, the others wait and find it."""
    with distributed.accelerator.main_process_first():
        base = base_checkpoint(settings.base)
        if settings.vocabulary == "trimmed":
            trim_base(base, rationale_texts(rows), out / BASE)
            base = out / BASE
    return base


def _measure(dev: Dev | None, base: Path, settings: TrainSettings, out: Path) -> Measure | None:
    if not settings.dev_problems:
        return None
    if dev is None or not dev.problems:
        raise InputError(
            f"dev_problems is {settings.dev_problems}, but there are none; expected: a task with dev problems"
        )
    return measure_by(dev_target(base, settings.dev_target), dev, out)


def _finished(out: Path, plan: TrainingPlan) -> TrainReport | None:
    """The report of this very run, when it was finished before; raises InputError for another one's."""
    path = out / REPORT_FILE
    if not path.is_file():
        return None
    row = json.loads(path.read_text(encoding="utf-8"))
    if row.get("plan") != plan.sha256:
        raise InputError(
            f"{out} holds a finished student of other data or settings; expected: the same ones, or another folder"
        )
    return TrainReport(**row)


def _tidy(out: Path) -> None:
    """Remove what only an unfinished run needs."""
    (out / STATE_FILE).unlink(missing_ok=True)
    shutil.rmtree(out / SNAPSHOT_FOLDER, ignore_errors=True)
    shutil.rmtree(out / FOLDER / CHECKPOINT, ignore_errors=True)


def _report(
    plan: TrainingPlan, metrics: Metrics, chosen: SelectedWeights, out: Path, compute: ComputeType
) -> TrainReport:
    return TrainReport(
        checkpoint=str(out / CHECKPOINT),
        examples=len(plan.kept),
        left_out=len(plan.rows) - len(plan.kept),
        steps=len(metrics.steps),
        tokens=metrics.tokens,
        labels=metrics.labels,
        final_loss=round(metrics.loss, 4),
        seconds=round(metrics.seconds, 1),
        tokens_per_second=round(metrics.tokens / max(metrics.seconds, 1e-9), 1),
        weights=chosen.words,
        dev_right=chosen.dev.right if chosen.dev else None,
        dev_n=chosen.dev.n if chosen.dev else None,
        plan=plan.sha256,
        compute=compute,
        planned_steps=len(plan.steps),
    )


def learning_rate(step: int, steps: int, settings: TrainSettings) -> float:
    """Linear warm-up, then a cosine down to a tenth of the peak."""
    warmup = max(1, round(steps * settings.warmup_fraction))
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return settings.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * share)))
