"""Tokens to rows, and their gradient to where a head that shares the weight has put its own."""

from typing import Any

import torch
from torch import Tensor

from distill.training.kernels.gradients import Gradient


class EmbeddingStep(torch.autograd.Function):
    """`apply(weight, ids, gradient)` gives the weight's rows of these ids (row), as (row, width).

    The weight's gradient is added to `gradient`, None where it is not trained. The framework would fill a second one
    of the whole vocabulary's size, and add the two.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, ids: Tensor, gradient: Gradient | None) -> Tensor:
        """Look up."""
        ctx.ids, ctx.gradient = ids, gradient
        return weight.index_select(0, ids)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, None, None]:
        """Add up, in float32."""
        if ctx.gradient:
            ctx.gradient.add_rows(ctx.ids, grad)
        return None, None, None
