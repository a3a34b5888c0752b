"""Next-token loss at labelled positions, its gradient made where the logits lie.

A 49,152-token head makes logits far larger than everything else in a step. They are turned into their own gradient
in place, a slice at a time, and never copied in float32 as a whole (as in Liger, arXiv 2410.10989).
"""

from typing import Any

import torch
from torch import Tensor

from distill.training.kernels.fused_linear import FusedLinear
from distill.training.kernels.workspace import Workspace

# Positions at a time: the float32 copy of their logits, 3 MB, stays in the cache.
SLICE = 16


class NextTokenLoss(torch.autograd.Function):
    """`apply(hidden, head, targets, memory, *head.trained)` gives the loss in nats, summed over labelled positions.

    `hidden` (labelled position, width), `targets` (labelled position); the loss is a float32 scalar.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, head: FusedLinear, targets: Tensor, memory: Workspace, *trained: Tensor
    ) -> Tensor:
        """Cross-entropy of each position's logits."""
        logits = memory.take("logits", hidden, hidden.shape[0], head.weight.shape[0])
        head.forward(hidden, logits)
        exact = memory.take("exact logits", hidden.new_empty(0, dtype=torch.float32), SLICE, logits.shape[1])
        losses = [
            _turn_into_gradient(logits[start : start + SLICE], targets[start : start + SLICE], exact)
            for start in range(0, len(targets), SLICE)
        ]
        ctx.kept = (hidden, head, logits, len(trained))
        return torch.cat(losses).sum(dtype=torch.float64).float()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The hidden states' gradient; where the head is trained, its own is added where it is kept."""
        hidden, head, logits, trained = ctx.kept
        ctx.kept = None
        # Scaling the few columns of hidden states and their gradient spares scaling all logits.
        of_hidden = torch.empty_like(hidden)
        head.backward(logits, hidden * grad, None, of_hidden)
        return (of_hidden.mul_(grad), *[None] * (3 + trained))


def _turn_into_gradient(logits: Tensor, targets: Tensor, exact: Tensor) -> Tensor:
    """Losses (position) in float32; `logits` (position, vocabulary) become their own gradient, through `exact`."""
    in_place = logits.dtype == exact.dtype
    shares = logits if in_place else exact[: len(logits)].copy_(logits)
    torch.softmax(shares, dim=-1, out=shares)
    right = targets.unsqueeze(1)
    target_shares = shares.gather(1, right)
    # From the logarithm of a share, which is zero once a wrong answer is certain, an infinite loss would come.
    losses = target_shares.clamp_min(torch.finfo(torch.float32).tiny).log().neg_().squeeze(1)
    shares.scatter_(1, right, target_shares - 1)
    if not in_place:
        logits.copy_(shares)
    return losses
