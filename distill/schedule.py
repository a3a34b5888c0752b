"""The learning rate by step."""

import math

from distill.settings import TrainSettings


def learning_rate(step: int, steps: int, settings: TrainSettings) -> float:
    """Linear warm-up, then a cosine down to a tenth of the peak."""
    warmup = max(1, round(steps * settings.warmup_fraction))
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return settings.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * share)))
