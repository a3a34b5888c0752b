"""Next-token loss at labelled positions, with its gradients made in the same pass.

A 49,152-token head makes logits far larger than everything else in a step. They are turned into their own gradient
where they lie, a slice at a time, and neither kept nor copied in float32 as a whole (as in Liger, arXiv 2410.10989).
"""

from typing import Any

import torch
from torch import Tensor

# Positions at a time: the float32 copy of their logits stays within a few tens of megabytes.
SLICE = 128


class NextTokenLoss(torch.autograd.Function):
    """`apply(hidden, weight, targets, labels)` gives the loss summed over labelled positions, divided by `labels`.

    `hidden` (labelled position, width), `weight` (vocabulary, width), `targets` (labelled position).
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, labels: int) -> Tensor:
        """Cross-entropy in nats, as a float32 scalar."""
        wanted = any(ctx.needs_input_grad[:2])
        logits = torch.mm(hidden, weight.t())
        losses = [
            _turn_into_gradient(logits[start : start + SLICE], targets[start : start + SLICE])
            for start in range(0, len(targets), SLICE)
        ]
        loss = torch.cat(losses).sum(dtype=torch.float64).div(labels).float()
        if wanted:
            ctx.hidden_gradient = torch.mm(logits, weight).div_(labels)
            ctx.weight_gradient = (
                torch.mm(logits.t(), hidden.div(labels)) if ctx.needs_input_grad[1] else None
            )
        return loss

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """What was made in the forward pass, scaled when the loss was."""
        gradients = [ctx.hidden_gradient, ctx.weight_gradient]
        ctx.hidden_gradient = ctx.weight_gradient = None
        if float(grad) != 1.0:
            gradients = [gradient if gradient is None else gradient.mul_(grad) for gradient in gradients]
        return (*gradients, None, None)


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
