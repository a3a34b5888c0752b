"""Losses as pure functions of tensors."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def next_token_loss(logits: "Tensor", targets: "Tensor") -> "Tensor":
    """Summed cross-entropy in nats. `logits` (labelled position, vocabulary) in any float type, `targets` likewise
    (labelled position); the caller divides by the step's number of labels.
    """
    from torch.nn.functional import cross_entropy

    return cross_entropy(logits.float(), targets, reduction="sum")
