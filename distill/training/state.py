"""A student that learns: model, float32 masters and optimiser, and what one step does to them."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from distill.training.distributed.processes import Distributed
from distill.training.examples import Example
from distill.training.kernels.decoder import PackedDecoder, packed_decoder
from distill.training.kernels.optimizer import FLOAT16_LOSS_SCALE, MasterAdamW
from distill.training.kernels.quantized import QuantizedWeights, round_head
from distill.training.losses.objective import Objective
from distill.training.report.metrics import StepRow
from distill.training.settings import TrainSettings
from distill.training.student import Masters, open_student, trained_weights
from runtime.values.errors import InputError


@dataclass(frozen=True, slots=True)
class TrainState:
    """What training changes, in this process; `masters.copies` are the trained weights.

    `quantized` are those that compute as an artifact will hold them, where the settings ask for that.
    """

    model: Any
    masters: Masters
    optimizer: Any
    decoder: PackedDecoder | None = None
    quantized: QuantizedWeights | None = None

    def step(
        self,
        number: int,
        micros: Sequence[Sequence[Example]],
        rate: float,
        objective: Objective,
        distributed: Distributed,
        max_grad_norm: float,
    ) -> StepRow:
        """Learn one step: forward and backward over this process's micro-batches, then one update of the masters.

        The loss is divided by the labels of all processes, so that every label of the step weighs the same.
        """
        began = time.perf_counter()
        own = [(share, micros[share.index]) for share in distributed.shares(len(micros))]
        samples = objective.samples_at(number)
        if samples:
            drawn = objective.sampled(self.model, [micro for _, micro in own], number, distributed.rank)
            own = [(share, micro) for (share, _), micro in zip(own, drawn, strict=True)]
        counted = [example for share, micro in own if share.counted for example in micro]
        labels = distributed.all_reduce_sum(sum(example.labels for example in counted))
        updated = False
        while not updated:
            loss = 0.0
            for share, micro in own:
                part = objective.loss(self.model, micro, samples=samples, decoder=self.decoder) / labels
                # FSDP takes the mean over processes where we want the sum.
                scale = (distributed.count if distributed.sharded else 1) if share.counted else 0
                distributed.accelerator.backward(part * (scale * self.loss_scale))
                loss += part.item() if share.counted else 0.0
            # In float16, gradients too large to be told apart from infinity are made again at half the scale, at most
            # until it is one. All processes agree: what they look at is summed.
            updated = self._update(rate, distributed, max_grad_norm)
        return StepRow(
            step=number,
            loss=round(distributed.all_reduce_sum(loss), 5),
            rate=rate,
            tokens=int(distributed.all_reduce_sum(sum(len(example.ids) for example in counted))),
            labels=int(labels),
            seconds=round(time.perf_counter() - began, 3),
            samples=samples,
        )

    @property
    def loss_scale(self) -> float:
        """What the loss is multiplied by before it is differentiated, so that float16 can hold small gradients."""
        return self.optimizer.loss_scale if isinstance(self.optimizer, MasterAdamW) else 1.0

    def _update(self, rate: float, distributed: Distributed, max_grad_norm: float) -> bool:
        """Move the masters; False where the gradients were too large for the loss scale, which is then a smaller one."""
        if distributed.count > 1 or distributed.sharded:
            self.masters.copy_grads_from_model()
            distributed.all_reduce_gradients(self.masters.copies)
        if isinstance(self.optimizer, MasterAdamW):
            moved = self.optimizer.step(rate, max_grad_norm) is not None
            if moved and self.quantized:
                self.quantized.refresh()
            return moved
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self.masters.copies, max_grad_norm)
        self.optimizer.step()
        self.masters.copy_params_to_model()
        # Where a weight is its own master, nothing else would end its sum of gradients.
        self.optimizer.zero_grad(set_to_none=True)
        return True

    def copy_params_to_model(self) -> None:
        """Round the masters into the model, and what is quantized once more."""
        self.masters.copy_params_to_model()
        if self.quantized:
            self.quantized.refresh()


def open_train_state(base: Path, settings: TrainSettings, distributed: Distributed, dtype: Any) -> TrainState:
    """A student ready to learn, on this process's device, computing in `dtype`.

    Raises InputError for own samples of a sharded student, as processes would wait for each other's longer samples,
    for one in float16, whose loss scale FSDP's own optimiser does not know, and for one that is quantized.
    """
    quantized = settings.quantization != "none"
    if distributed.sharded and quantized:
        raise InputError(
            f"train.quantization {settings.quantization} with FSDP; expected: none, or processes that hold the whole "
            "student each"
        )
    if distributed.sharded and settings.lmbda:
        raise InputError("lmbda with FSDP; expected: lmbda=0, or processes that hold the whole student each")
    if distributed.sharded and dtype == torch.float16:
        raise InputError("train.compute float16 with FSDP; expected: bfloat16 or float32")
    model = open_student(base, settings, dtype)
    optimizer: Any
    if distributed.sharded:
        # FSDP shards a model only together with an optimiser over it; ours, over the masters, comes after.
        model, _ = distributed.accelerator.prepare(model, torch.optim.SGD(trained_weights(model), lr=0.0))
        model.train()
        masters = Masters(model)
        optimizer = torch.optim.AdamW(
            masters.copies, lr=settings.learning_rate, weight_decay=settings.weight_decay, betas=(0.9, 0.99)
        )
        return TrainState(model, masters, optimizer)
    if quantized:
        round_head(model, base, settings.quantization)
    model = model.to(distributed.device)
    model.train()
    decoder, reason = packed_decoder(model)
    if reason and distributed.device.type == "cpu" and not model.config.is_encoder_decoder:
        warnings.warn(f"this student trains by its own forward pass, which is slower: {reason}", stacklevel=2)
    masters = Masters(model, apart=quantized and settings.method == "full")
    scale = FLOAT16_LOSS_SCALE if dtype == torch.float16 else 1.0
    optimizer = MasterAdamW(
        masters.weights, masters.copies, weight_decay=settings.weight_decay, loss_scale=scale
    )
    rounded = QuantizedWeights(model, masters) if quantized else None
    return TrainState(model, masters, optimizer, decoder, rounded)
