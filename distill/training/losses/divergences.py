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
    """How two distributions are compared: both softened by `temperature`, mixed by `beta` where a loss mixes."""

    temperature: float = 1.0
    beta: float = 0.5


PLAIN = DivergenceConfig()
Loss = Callable[["Tensor", "Tensor", DivergenceConfig], "Tensor"]


def next_token_loss(logits: "Tensor", targets: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """Summed cross-entropy; `targets` (labelled position) are token ids, `config` has no part in it."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(logits.float(), targets, reduction="sum")


def forward_kl(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(teacher || student), times the squared temperature that keeps gradients as large as at temperature 1.

    Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, arXiv 1503.02531.
    """
    ours, theirs = _log_shares(logits, teacher, config)
    return _divergence(theirs, ours) * config.temperature**2


def reverse_kl(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(student || teacher), which punishes what the teacher would not say (MiniLLM, arXiv 2306.08543).

    Taken exactly over the vocabulary at every position, where MiniLLM estimates it over whole sampled answers.
    """
    ours, theirs = _log_shares(logits, teacher, config)
    return _divergence(ours, theirs) * config.temperature**2


def jensen_shannon(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """Generalised Jensen-Shannon divergence with weight `beta` of the teacher (GKD, arXiv 2306.13649).

    beta * KL(teacher || m) + (1 - beta) * KL(student || m), where m = beta * teacher + (1 - beta) * student.
    """
    ours, theirs = _log_shares(logits, teacher, config)
    middle = _log_mixture(theirs, ours, config.beta)
    share = config.beta * _divergence(theirs, middle) + (1 - config.beta) * _divergence(ours, middle)
    return share * config.temperature**2


def skewed_forward_kl(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(teacher || beta * teacher + (1 - beta) * student) (DistiLLM, arXiv 2402.03898, which takes beta 0.1)."""
    ours, theirs = _log_shares(logits, teacher, config)
    return _divergence(theirs, _log_mixture(theirs, ours, config.beta)) * config.temperature**2


def skewed_reverse_kl(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig = PLAIN) -> "Tensor":
    """KL(student || beta * student + (1 - beta) * teacher) (DistiLLM, arXiv 2402.03898)."""
    ours, theirs = _log_shares(logits, teacher, config)
    return _divergence(ours, _log_mixture(ours, theirs, config.beta)) * config.temperature**2


def _log_shares(logits: "Tensor", teacher: "Tensor", config: DivergenceConfig) -> tuple["Tensor", "Tensor"]:
    from torch.nn.functional import log_softmax

    ours = log_softmax(logits.float() / config.temperature, dim=-1)
    return ours, log_softmax(teacher.detach().float() / config.temperature, dim=-1)


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
