"""What a step makes small: the chosen loss on the rationales, or on what the student itself writes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from torch import Tensor
from torch.nn.functional import cross_entropy

from distill.training.examples import Example
from distill.training.kernels.decoder import PackedDecoder
from distill.training.kernels.fused_loss import Reduction
from distill.training.losses.divergences import LOSSES, DivergenceConfig, next_token_loss
from distill.training.losses.forward import labeled_logits
from distill.training.losses.preference import preference_loss
from distill.training.losses.rollouts import sample_rollouts
from distill.training.losses.teacher_model import Teacher
from distill.training.settings import TrainSettings

# Samples drawn at a time: a step of many rows takes hardly longer than one of a few.
ROLLOUT_ROWS = 128


@dataclass(frozen=True, slots=True)
class Objective:
    """The loss of a run, with its teacher where it has one (None for next-token and preference)."""

    settings: TrainSettings
    end_token: int
    device: Any
    teacher: Teacher | None = None

    def samples_at(self, step: int) -> bool:
        """Whether this step learns from the student's own samples; the same in every process and after a kill."""
        chance = random.Random(f"{self.settings.seed} on-policy {step}").random()
        return chance < self.settings.lmbda

    def sampled(
        self, model: Any, micros: Sequence[Sequence[Example]], step: int, process: int
    ) -> list[list[Example]]:
        """The prompts of a process's micro-batches of a step with the student's own thoughts, drawn many at a time."""
        prompts = [example for micro in micros for example in micro]
        drawn: list[Example] = []
        for begin in range(0, len(prompts), ROLLOUT_ROWS):
            drawn += sample_rollouts(
                model,
                prompts[begin : begin + ROLLOUT_ROWS],
                end_token=self.end_token,
                max_tokens=self.settings.sample_tokens,
                temperature=self.settings.sample_temperature,
                seed=random.Random(f"{self.settings.seed} sample {step} {process} {begin}").randrange(2**31),
                device=self.device,
            )
        rest = iter(drawn)
        return [list(islice(rest, len(micro))) for micro in micros]

    def loss(
        self,
        model: Any,
        micro: Sequence[Example],
        *,
        samples: bool = False,
        decoder: PackedDecoder | None = None,
    ) -> Tensor:
        """The micro-batch's loss in nats, summed over its labels; through `decoder` where the student has one.

        Of the student's own `samples` the teacher's word alone counts: they are no targets.
        """
        reduction = self._preference(micro) if self.settings.loss == "preference" else None
        if decoder and self.teacher is None:
            return decoder.loss(micro, reduction)
        logits, targets = decoder.logits(micro) if decoder else labeled_logits(model, micro, self.device)
        if reduction:
            return reduction(cross_entropy(logits.float(), targets, reduction="none"))
        if self.teacher is None:
            return next_token_loss(logits, targets)
        config = DivergenceConfig(self.settings.temperature, self.settings.beta)
        compared = self.teacher.compare(logits, micro, LOSSES[self.settings.loss], config)
        share = 1.0 if samples else self.settings.teacher_weight
        if share == 1.0:
            return compared
        return share * compared + (1 - share) * next_token_loss(logits, targets)

    def _preference(self, micro: Sequence[Example]) -> Reduction:
        settings = self.settings
        return partial(
            preference_loss,
            micro=micro,
            beta=settings.preference_beta,
            imitation=settings.preference_imitation,
        )
