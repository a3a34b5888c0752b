"""Losses as pure functions of tensors, all in `LOSSES`.

Every one takes the student's logits (labelled position, vocabulary) in any float type, and what they should give:
token ids (labelled position) for `next_token`, a teacher's logits of the same shape for the others. Every one
returns a sum over positions in nats; the caller divides by the step's number of labels. Whether a student is scored
on the teacher's texts or on its own samples is not the loss's business.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax


@dataclass(frozen=True, slots=True)
class DivergenceConfig:
    """How two distributions are compared: both softened by `temperature`, mixed by `beta` where a loss mixes."""

    temperature: float = 1.0
    beta: float = 0.5


PLAIN = DivergenceConfig()
Loss = Callable[[Tensor, Tensor, DivergenceConfig], Tensor]


def next_token_loss(logits: Tensor, targets: Tensor, config: DivergenceConfig = PLAIN) -> Tensor:
    """Summed cross-entropy; `targets` (labelled position) are token ids, `config` has no part in it."""
    return cross_entropy(logits.float(), targets, reduction="sum")


# The divergences take logarithms of the student's and the teacher's softened distributions, and beta.


def forward_kl(student: Tensor, teacher: Tensor, beta: float) -> Tensor:
    """KL(teacher || student) (Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, arXiv 1503.02531)."""
    return _kl(teacher, student)


def reverse_kl(student: Tensor, teacher: Tensor, beta: float) -> Tensor:
    """KL(student || teacher), which punishes what the teacher would not say (MiniLLM, arXiv 2306.08543).

    Taken exactly over the vocabulary at every position, where MiniLLM estimates it over whole sampled answers.
    """
    return _kl(student, teacher)


def jensen_shannon(student: Tensor, teacher: Tensor, beta: float) -> Tensor:
    """Generalised Jensen-Shannon divergence with weight `beta` of the teacher (GKD, arXiv 2306.13649).

    beta * KL(teacher || m) + (1 - beta) * KL(student || m), where m = beta * teacher + (1 - beta) * student.
    """
    middle = _mixture(teacher, student, beta)
    return beta * _kl(teacher, middle) + (1 - beta) * _kl(student, middle)


def skewed_forward_kl(student: Tensor, teacher: Tensor, beta: float) -> Tensor:
    """KL(teacher || beta * teacher + (1 - beta) * student) (DistiLLM, arXiv 2402.03898, which takes beta 0.1)."""
    return _kl(teacher, _mixture(teacher, student, beta))


def skewed_reverse_kl(student: Tensor, teacher: Tensor, beta: float) -> Tensor:
    """KL(student || beta * student + (1 - beta) * teacher) (DistiLLM, arXiv 2402.03898)."""
    return _kl(student, _mixture(student, teacher, beta))


def _mixture(first: Tensor, second: Tensor, share: float) -> Tensor:
    """Logarithm of share * first + (1 - share) * second, all as logarithms."""
    return torch.logaddexp(first + math.log(share), second + math.log1p(-share))


def _kl(first: Tensor, second: Tensor) -> Tensor:
    """KL(first || second), summed over positions, of logarithms of shares."""
    return (first.exp() * (first - second)).sum()


def _of_logits(divergence: Callable[[Tensor, Tensor, float], Tensor]) -> Loss:
    """The loss of softened logits, times the squared temperature: so gradients stay as large as at temperature 1."""

    def loss(logits: Tensor, teacher: Tensor, config: DivergenceConfig = PLAIN) -> Tensor:
        ours = log_softmax(logits.float() / config.temperature, dim=-1)
        theirs = log_softmax(teacher.detach().float() / config.temperature, dim=-1)
        return divergence(ours, theirs, config.beta) * config.temperature**2

    return loss


DIVERGENCES = (forward_kl, reverse_kl, jensen_shannon, skewed_forward_kl, skewed_reverse_kl)
LOSSES: dict[str, Loss] = {
    "next_token": next_token_loss,
    **{divergence.__name__: _of_logits(divergence) for divergence in DIVERGENCES},
}
