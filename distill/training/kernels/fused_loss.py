"""A loss of labelled tokens' likelihoods, its gradient made where the logits lie.

A 49,152-token head makes logits far larger than everything else in a step. They are turned into their own gradient
in place, a slice at a time, and never copied in float32 as a whole (as in Liger, arXiv 2410.10989).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from distill.training.kernels.fused_linear import FusedLinear
from distill.training.kernels.workspace import Workspace

# Positions at a time: the float32 copy of their logits, 3 MB, stays in the cache.
SLICE = 16


# Makes one number of the labelled positions' losses, float32 (labelled position,) in nats.
Reduction = Callable[[Tensor], Tensor]


class TokenLoss(torch.autograd.Function):
    """`apply(hidden, head, targets, memory, reduction, *head.trained)` gives a float32 scalar.

    `hidden` (labelled position, width), `targets` (labelled position). `reduction` makes it of the positions'
    cross-entropies; None sums them, which is the next-token loss.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        head: FusedLinear,
        targets: Tensor,
        memory: Workspace,
        reduction: Reduction | None,
        *trained: Tensor,
    ) -> Tensor:
        """Cross-entropy of each position's logits, and what each counts."""
        logits = memory.take("logits", hidden, hidden.shape[0], head.weight.shape[0])
        head.forward(hidden, logits)
        exact = memory.take("exact logits", hidden.new_empty(0, dtype=torch.float32), SLICE, logits.shape[1])
        losses = [
            _turn_into_gradient(logits[start : start + SLICE], targets[start : start + SLICE], exact)
            for start in range(0, len(targets), SLICE)
        ]
        value, counts = _reduced(torch.cat(losses), reduction)
        ctx.kept = (hidden, head, logits, counts, len(trained))
        return value

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The hidden states' gradient; where the head is trained, its own is added where it is kept."""
        hidden, head, logits, counts, trained = ctx.kept
        ctx.kept = None
        scale = grad if counts is None else (grad * counts).unsqueeze(1).to(hidden.dtype)
        # Scaling the few columns of hidden states and their gradient spares scaling all logits.
        of_hidden = torch.empty_like(hidden)
        head.backward(logits, hidden * scale, None, of_hidden)
        return (of_hidden.mul_(scale), *[None] * (4 + trained))


def _reduced(losses: Tensor, reduction: Reduction | None) -> tuple[Tensor, Tensor | None]:
    """The scalar, and its derivative by each loss (labelled position,); None where every one is 1."""
    if reduction is None:
        return losses.sum(dtype=torch.float64).float(), None
    with torch.enable_grad():
        inputs = losses.detach().requires_grad_()
        value = reduction(inputs)
        (counts,) = torch.autograd.grad(value, inputs)
    return value.detach(), counts


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
