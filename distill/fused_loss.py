"""Next-token loss at labelled positions, its gradient made where the logits lie.

A 49,152-token head makes logits far larger than everything else in a step. They are turned into their own gradient
in place, a slice at a time, and never copied in float32 as a whole (as in Liger, arXiv 2410.10989).
"""

from typing import Any

import torch
from torch import Tensor

# Positions at a time: the float32 copy of their logits stays within a few tens of megabytes.
SLICE = 128


class NextTokenLoss(torch.autograd.Function):
    """`apply(hidden, weight, targets)` gives the loss in nats, summed over labelled positions, as a float32 scalar.

    `hidden` (labelled position, width), `weight` (vocabulary, width), `targets` (labelled position).
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of each position's logits."""
        logits = torch.mm(hidden, weight.t())
        losses = [
            _turn_into_gradient(logits[start : start + SLICE], targets[start : start + SLICE])
            for start in range(0, len(targets), SLICE)
        ]
        ctx.kept = (hidden, weight, logits)
        return torch.cat(losses).sum(dtype=torch.float64).float()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of hidden states and, where it is trained, of the weight."""
        hidden, weight, logits = ctx.kept
        ctx.kept = None
        of_weight = torch.mm(logits.t(), hidden * grad) if ctx.needs_input_grad[1] else None
        return torch.mm(logits, weight).mul_(grad), of_weight, None


def _turn_into_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """Losses (position) in float32; `logits` (position, vocabulary) become their own gradient."""
    shares = torch.softmax(logits.float(), dim=-1)
    right = targets.unsqueeze(1)
    target_shares = shares.gather(1, right)
    # From the logarithm of a share, which is zero once a wrong answer is certain, an infinite loss would come.
    losses = target_shares.clamp_min(torch.finfo(torch.float32).tiny).log().neg_().squeeze(1)
    shares.scatter_(1, right, target_shares - 1)
    logits.copy_(shares)
    return losses
