"""Losses as pure functions of tensors, all in `LOSSES`.

Every one takes the student's logits (labelled position, vocabulary) in any float type, and what they should give:
token ids (labelled position) for `next_token`, a teacher's logits of the same shape for the others. Every one
returns a sum over positions in nats; the caller divides by the step's number of labels. Whether a student is scored
on the teacher's texts or on its own samples is not the loss's business.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class DivergenceConfig:
    """How two distributions are compared: both softened by `temperature`, mixed by `mix` where a loss mixes."""

    temperature: float = 1.0
    mix: float = 0.5


PLAIN = DivergenceConfig()
Loss = Callable[["Tensor", "Tensor", DivergenceConfig], "Tensor"]


def next_token_loss(logits: "Tensor", targets: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """Summed cross-entropy; `targets` (labelled position) are token ids, `sharpness` has no part in it."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(logits.float(), targets, reduction="sum")


def forward_kl(logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(teacher || student), times the squared temperature that keeps gradients as large as at temperature 1.

    Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, arXiv 1503.02531.
    """
    ours, theirs = _log_shares(logits, teacher, sharpness)
    return _divergence(theirs, ours) * sharpness.temperature**2


def reverse_kl(logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(student || teacher), which punishes what the teacher would not say (MiniLLM, arXiv 2306.08543).

    Taken exactly over the vocabulary at every position, where MiniLLM estimates it over whole sampled answers.
    """
    ours, theirs = _log_shares(logits, teacher, sharpness)
    return _divergence(ours, theirs) * sharpness.temperature**2


def jensen_shannon(logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """Generalised Jensen-Shannon divergence with weight `mix` of the teacher (GKD, arXiv 2306.13649).

    mix * KL(teacher || m) + (1 - mix) * KL(student || m), where m = mix * teacher + (1 - mix) * student.
    """
    ours, theirs = _log_shares(logits, teacher, sharpness)
    middle = _log_mixture(theirs, ours, sharpness.mix)
    share = sharpness.mix * _divergence(theirs, middle) + (1 - sharpness.mix) * _divergence(ours, middle)
    return share * sharpness.temperature**2


def skewed_forward_kl(logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(teacher || mix * teacher + (1 - mix) * student) (DistiLLM, arXiv 2402.03898, which takes mix 0.1)."""
    ours, theirs = _log_shares(logits, teacher, sharpness)
    return _divergence(theirs, _log_mixture(theirs, ours, sharpness.mix)) * sharpness.temperature**2


def skewed_reverse_kl(logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(student || mix * student + (1 - mix) * teacher) (DistiLLM, arXiv 2402.03898)."""
    ours, theirs = _log_shares(logits, teacher, sharpness)
    return _divergence(ours, _log_mixture(ours, theirs, sharpness.mix)) * sharpness.temperature**2


def _log_shares(
    logits: "Tensor", teacher: "Tensor", sharpness: DivergenceConfig
) -> tuple["Tensor", "Tensor"]:
    from torch.nn.functional import log_softmax

    ours = log_softmax(logits.float() / sharpness.temperature, dim=-1)
    return ours, log_softmax(teacher.detach().float() / sharpness.temperature, dim=-1)


def _log_mixture(first: "Tensor", second: "Tensor", share: float) -> "Tensor":
    """Logarithm of share * first + (1 - share) * second, all as logarithms."""
    import torch

    return torch.logaddexp(first + math.log(share), second + math.log1p(-share))


def _divergence(first: "Tensor", second: "Tensor") -> "Tensor":
    """KL(first || second), summed over positions, of logarithms of shares."""
    return (first.exp() * (first - second)).sum()


LOSSES: dict[str, Loss] = {
    "next_token": next_token_loss,
    "forward_kl": forward_kl,
    "reverse_kl": reverse_kl,
    "jensen_shannon": jensen_shannon,
    "skewed_forward_kl": skewed_forward_kl,
    "skewed_reverse_kl": skewed_reverse_kl,
}
# The one that needs no teacher: its targets are the rationales' own tokens.
NEXT_TOKEN = "next_token"
