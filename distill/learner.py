"""A student that learns: model, float32 masters and optimiser, and what one step does to them."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distill.decoder import PackedDecoder, packed_decoder
from distill.examples import Example
from distill.metrics import StepRow
from distill.objective import Objective
from distill.optimiser import MasterAdamW
from distill.processes import Processes
from distill.settings import TrainSettings
from distill.sharding import ShardedMasters
from distill.student import Masters, merged, open_student
from runtime.errors import InputError


@dataclass(frozen=True, slots=True)
class Learner:
    """What training changes, in this process; `masters.copies` are the trained weights."""

    model: Any
    masters: Masters
    optimiser: Any
    decoder: PackedDecoder | None = None

    def step(
        self,
        number: int,
        micros: Sequence[Sequence[Example]],
        rate: float,
        objective: Objective,
        processes: Processes,
        clip_norm: float,
    ) -> StepRow:
        """Learn one step: forward and backward over this process's micro-batches, then one update of the masters.

        The loss is divided by the labels of all processes, so that every label of the step weighs the same.
        """
        began = time.perf_counter()
        own = [(share, micros[share.index]) for share in processes.shares(len(micros))]
        samples = objective.samples_at(number)
        if samples:
            own = [(share, objective.sampled(self.model, micro, number, share.index)) for share, micro in own]
        counted = [example for share, micro in own if share.counted for example in micro]
        labels = processes.summed(sum(example.labels for example in counted))
        loss = 0.0
        for share, micro in own:
            part = objective.loss(self.model, micro, samples=samples, decoder=self.decoder) / labels
            # FSDP takes the mean over processes where we want the sum.
            scale = (processes.count if processes.sharded else 1) if share.counted else 0
            processes.accelerator.backward(part * scale)
            loss += part.item() if share.counted else 0.0
        self._update(rate, processes, clip_norm)
        return StepRow(
            step=number,
            loss=round(processes.summed(loss), 5),
            rate=rate,
            tokens=int(processes.summed(sum(len(example.ids) for example in counted))),
            labels=int(labels),
            seconds=round(time.perf_counter() - began, 3),
            samples=samples,
        )

    def _update(self, rate: float, processes: Processes, clip_norm: float) -> None:
        import torch

        if processes.count > 1 or processes.sharded:
            self.masters.take_gradients()
            processes.sum_gradients(self.masters.copies)
        if isinstance(self.optimiser, MasterAdamW):
            self.optimiser.step(rate, clip_norm)
            return
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self.masters.copies, clip_norm)
        self.optimiser.step()
        self.masters.give_weights()


def open_learner(base: Path, settings: TrainSettings, processes: Processes) -> Learner:
    """A student ready to learn, on this process's device.

    Raises InputError for own samples of a sharded student: processes would wait for each other's longer samples.
    """
    import torch

    if processes.sharded and settings.on_policy:
        raise InputError(
            "on_policy with FSDP; allowed: on_policy=0, or processes that hold the whole student each"
        )

    model = open_student(base, settings)
    if processes.sharded:
        # FSDP shards a model only together with an optimiser over it; ours, over the masters, comes after.
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        model, _ = processes.accelerator.prepare(model, torch.optim.SGD(trained, lr=0.0))
    else:
        model = model.to(processes.device)
    model.train()
    if processes.sharded:
        sharded = ShardedMasters(model)
        plain = torch.optim.AdamW(
            sharded.copies, lr=settings.learning_rate, weight_decay=settings.weight_decay, betas=(0.9, 0.99)
        )
        return Learner(model, sharded, plain)
    decoder, reason = packed_decoder(model)
    if reason and processes.device.type == "cpu" and not model.config.is_encoder_decoder:
        warnings.warn(f"this student trains by its own forward pass, which is slower: {reason}", stacklevel=2)
    masters = Masters(model)
    optimiser = MasterAdamW(masters.weights, masters.copies, weight_decay=settings.weight_decay)
    return Learner(model, masters, optimiser, decoder)


def student_with(base: Path, settings: TrainSettings, values: Sequence[Any]) -> Any:
    """The plain float32 model that has these trained weights, adapters folded in; the learner is left as it is."""
    import torch

    model = open_student(base, settings)
    masters = Masters(model)
    with torch.no_grad():
        for copy, value in zip(masters.copies, values, strict=True):
            copy.copy_(value)
    return merged(model, masters)
