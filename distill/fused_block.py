"""One decoder block over packed rows as a single autograd step, forward and backward written out.

Only what is dear is kept for the backward pass; normalised rows and SwiGLU's output (arXiv 2002.05202) are computed
again. Residuals are added inside the products, in float32, before the result is rounded.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from distill.fused_attention import Attended, Heads, attend, attend_backward, rotate
from distill.packing import Pack
from distill.products import Product


@dataclass(frozen=True, slots=True)
class Norm:
    """RMSNorm (arXiv 1910.07467): its weight (width) and the number that keeps the root from zero."""

    weight: Tensor
    epsilon: float

    def normed(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of mean square one, not yet weighted, and what they were multiplied by (row, 1) in float32."""
        square = torch.linalg.vector_norm(rows, dim=1, keepdim=True, dtype=torch.float32).square_()
        factor = square.div_(rows.shape[1]).add_(self.epsilon).rsqrt_()
        return (rows * factor).to(rows.dtype), factor

    def backward(self, grad: Tensor, normed: Tensor, factor: Tensor, onto: Tensor) -> Tensor | None:
        """Add the rows' gradient to `onto`; gives the weight's gradient, None where it is not trained."""
        weight = None
        if self.weight.requires_grad:
            weight = (grad * normed).sum(0, dtype=torch.float32).to(grad.dtype)
        scaled = grad * self.weight
        share = (scaled * normed).sum(1, keepdim=True, dtype=torch.float32).mul_(factor).div_(grad.shape[1])
        onto += (scaled * factor).sub_(normed * share)
        return weight


@dataclass(frozen=True, slots=True)
class Block:
    """A block's parts, in the order in which they work."""

    before: Norm
    joined: Product
    heads: Heads
    output: Product
    between: Norm
    gate_up: Product
    down: Product

    @property
    def trained(self) -> tuple[Tensor, ...]:
        """Every trained parameter, in the order in which `BlockStep` gives gradients."""
        products = (self.joined, self.output, self.gate_up, self.down)
        norms = tuple(norm.weight for norm in (self.before, self.between) if norm.weight.requires_grad)
        return (*(weight for product in products for weight in product.trained), *norms)


@dataclass(frozen=True, slots=True)
class Sight:
    """What attention knows of a pack: rotary tables (row, 1, width / 2) and each group's mask."""

    pack: Pack
    cos: Tensor
    sin: Tensor
    later: tuple[Tensor, ...]


@dataclass(slots=True)
class _Kept:
    rows: Tensor
    factor: Tensor
    attended: list[Attended]
    found: Tensor
    middle: Tensor
    middle_factor: Tensor
    gate_up: Tensor
    inner: tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None]


class BlockStep(torch.autograd.Function):
    """`apply(rows, block, sight, only, *block.trained)` gives the block's output rows (row, width).

    `only` (row given) are the rows whose output is wanted, None for all: after its attention, the last block needs
    no others than the labelled ones.
    """

    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, block: Block, sight: Sight, only: Tensor | None, *trained: Tensor
    ) -> Tensor:
        """Attention, then SwiGLU, each on normalised rows and added to what came in."""
        ctx.block, ctx.sight, ctx.only = block, sight, only
        normed, factor = block.before.normed(rows)
        joined, inner_joined = block.joined.forward(normed.mul_(block.before.weight))
        rotate(joined, block.heads, sight.cos, sight.sin)
        found = rows.new_empty(rows.shape[0], block.heads.sizes[0])
        attended = [
            attend(joined, found, group, block.heads, later)
            for group, later in zip(sight.pack.groups, sight.later, strict=True)
        ]
        onto = rows
        if only is not None:
            found, onto = found.index_select(0, only), rows.index_select(0, only)
        middle, inner_output = block.output.forward(found, onto=onto)
        normed, middle_factor = block.between.normed(middle)
        gate_up, inner_gate_up = block.gate_up.forward(normed.mul_(block.between.weight))
        gate, up = gate_up.chunk(2, dim=1)
        out, inner_down = block.down.forward(torch.nn.functional.silu(gate).mul_(up), onto=middle)
        inner = (inner_joined, inner_output, inner_gate_up, inner_down)
        ctx.kept = _Kept(rows, factor, attended, found, middle, middle_factor, gate_up, inner)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the rows and of every trained parameter."""
        block, kept = ctx.block, ctx.kept
        # Its memory is free for the next block's gradients as soon as this function is done with it.
        ctx.kept = None
        middle, below = _swiglu_backward(block, kept, grad)
        grad_found, output = block.output.backward(middle, kept.found, kept.inner[1])
        if ctx.only is not None:
            middle, grad_found = (_spread(part, ctx.only, kept.rows) for part in (middle, grad_found))
        grad_joined = _attention_backward(block, kept, ctx.sight, grad_found)
        normed = (kept.rows * kept.factor).to(grad.dtype)
        rows, joined = block.joined.backward(grad_joined, normed * block.before.weight, kept.inner[0])
        before = block.before.backward(rows, normed, kept.factor, onto=middle)
        norms = tuple(norm for norm in (before, below.norm) if norm is not None)
        return (middle, None, None, None, *joined, *output, *below.weights, *norms)


@dataclass(frozen=True, slots=True)
class _Below:
    weights: tuple[Tensor, ...]
    norm: Tensor | None


def _swiglu_backward(block: Block, kept: _Kept, grad: Tensor) -> tuple[Tensor, _Below]:
    """The gradient of the rows between attention and SwiGLU, and of SwiGLU's weights and norm."""
    gate, up = kept.gate_up.chunk(2, dim=1)
    active = torch.nn.functional.silu(gate)
    grad_hidden, down = block.down.backward(grad, active * up, kept.inner[3])
    grad_gate_up = torch.empty_like(kept.gate_up)
    grad_gate, grad_up = grad_gate_up.chunk(2, dim=1)
    torch.mul(grad_hidden, active, out=grad_up)
    torch.ops.aten.silu_backward(grad_hidden.mul_(up), gate, grad_input=grad_gate)
    normed = (kept.middle * kept.middle_factor).to(grad.dtype)
    rows, gate_up = block.gate_up.backward(grad_gate_up, normed * block.between.weight, kept.inner[2])
    middle = grad.clone()
    norm = block.between.backward(rows, normed, kept.middle_factor, onto=middle)
    return middle, _Below((*gate_up, *down), norm)


def _attention_backward(block: Block, kept: _Kept, sight: Sight, grad_found: Tensor) -> Tensor:
    """Gradients of joined queries, keys and values, not yet rotated."""
    grad_joined = grad_found.new_empty(grad_found.shape[0], sum(block.heads.sizes))
    for group, attended in zip(sight.pack.groups, kept.attended, strict=True):
        attend_backward(grad_found, grad_joined, group, block.heads, attended)
    rotate(grad_joined, block.heads, sight.cos, -sight.sin)
    return grad_joined


def _spread(grad: Tensor, only: Tensor, rows: Tensor) -> Tensor:
    """The gradient of all rows from that of the ones that were wanted."""
    return grad.new_zeros(rows.shape[0], grad.shape[1]).index_copy_(0, only, grad)
