"""One decoder block over packed rows as a single autograd step, forward and backward written out.

Only what is dear is kept for the backward pass; SwiGLU's output (arXiv 2002.05202) is computed again. Residuals are
added inside the products, in float32, before the result is rounded. Everything is written into a pass's workspace,
and gradients where `gradients.Gradient` keeps them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from distill.training.kernels.fused_attention import Attended, Heads, Layout, attend, attend_backward, rotate
from distill.training.kernels.fused_linear import FusedLinear
from distill.training.kernels.gradients import Gradient
from distill.training.kernels.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Norm:
    """RMSNorm (arXiv 1910.07467): its weight (width), the number that keeps the root from zero, its gradient."""

    weight: Tensor
    epsilon: float
    gradient: Gradient | None

    def forward(self, rows: Tensor, out: Tensor, memory: Workspace) -> Tensor:
        """Write rows of mean square one, times the weight, to `out`; gives the factor of each row (row, 1)."""
        square = torch.linalg.vector_norm(rows, dim=1, keepdim=True, dtype=torch.float32).square_()
        factor: Tensor = square.div_(rows.shape[1]).add_(self.epsilon).rsqrt_()
        if rows.dtype == factor.dtype:
            torch.mul(rows, factor, out=out)
        else:
            out.copy_(torch.mul(rows, factor, out=memory.take("exact rows", factor, *rows.shape)))
        out.mul_(self.weight)
        return factor

    def backward(self, grad: Tensor, rows: Tensor, factor: Tensor, onto: Tensor) -> None:
        """Add the rows' gradient to `onto`, and the weight's where it is trained.

        By LayerNorm's kernel, told that every mean is zero: it takes two sums and the products in one pass. What it
        subtracts for the mean after all is added back.
        """
        weight = self.weight.float()
        mean = torch.zeros_like(factor)
        of_rows, of_weight, _ = torch.ops.aten.native_layer_norm_backward(
            grad, rows, [rows.shape[1]], mean, factor, weight, None, [True, self.gradient is not None, False]
        )
        taken = torch.mm(grad, self.weight.unsqueeze(1)).mul_(factor / rows.shape[1])
        onto.add_(of_rows).add_(taken)
        if self.gradient:
            self.gradient.add(of_weight)


@dataclass(frozen=True, slots=True)
class Block:
    """A block's parts, in the order in which they work, and its number, counted from zero.

    `head_norms` are those of queries and of keys, head by head, before they are turned by their positions; most
    architectures have none.
    """

    number: int
    before: Norm
    joined: FusedLinear
    heads: Heads
    output: FusedLinear
    between: Norm
    gate_up: FusedLinear
    down: FusedLinear
    head_norms: tuple[Norm, ...] = ()

    @property
    def trained(self) -> tuple[Tensor, ...]:
        """Every trained parameter."""
        products = (self.joined, self.output, self.gate_up, self.down)
        every = (self.before, self.between, *self.head_norms)
        norms = tuple(norm.weight for norm in every if norm.gradient)
        return (*(weight for product in products for weight in product.trained), *norms)


@dataclass(frozen=True, slots=True)
class Pass:
    """What blocks share in one pass over a pack: rotary tables (row, 1, width / 2), attention's layout, memory.

    `done` is called when the first block's backward pass is over. Where none will come nothing `keeps`, and blocks
    write over what the last but one wrote.
    """

    cos: Tensor
    sin: Tensor
    layout: Layout
    memory: Workspace
    done: Callable[[], None]
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class NormedHeads:
    """What a norm of heads keeps: the heads before it, one a row (row, head's width), and the factor of each."""

    rows: Tensor
    factor: Tensor


@dataclass(slots=True)
class _Kept:
    rows: Tensor
    factor: Tensor
    normed: Tensor
    heads: tuple[NormedHeads, ...]
    attended: Attended
    found: Tensor
    middle: Tensor
    middle_factor: Tensor
    middle_normed: Tensor
    gate_up: Tensor
    active: Tensor
    inner: tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None]


class BlockStep(torch.autograd.Function):
    """`apply(rows, block, through, only, *block.trained)` gives the block's output rows (row, width).

    `only` (row given) are the rows whose output is wanted, None for all: after its attention, the last block needs
    no others than the labelled ones. Gradients of trained parameters go straight to their `Gradient`.
    """

    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, block: Block, through: Pass, only: Tensor | None, *trained: Tensor
    ) -> Tensor:
        """Attention, then SwiGLU, each on normalised rows and added to what came in."""
        ctx.block, ctx.through, ctx.only, ctx.count = block, through, only, len(trained)
        memory, width = through.memory, rows.shape[1]
        number = block.number if through.keeps else block.number % 2

        def kept(name: str, height: int, columns: int) -> Tensor:
            return memory.take((number, name), rows, height, columns)

        normed = kept("normed", *rows.shape)
        factor = block.before.forward(rows, normed, memory)
        joined = memory.take("joined", rows, rows.shape[0], block.heads.all * block.heads.width)
        inner_joined = block.joined.forward(normed, joined)
        normed_heads = tuple(_norm_heads(block, joined, memory))
        rotate(joined, block.heads, through.cos, through.sin)
        found = kept("found", rows.shape[0], block.heads.queries * block.heads.width)
        attended = attend(joined, found, through.layout, block.heads, memory, number)
        onto = rows
        if only is not None:
            found, onto = found.index_select(0, only), rows.index_select(0, only)
        height = onto.shape[0]
        middle = kept("middle", height, width)
        inner_output = block.output.forward(found, middle, onto=onto)
        middle_normed = kept("middle normed", height, width)
        middle_factor = block.between.forward(middle, middle_normed, memory)
        gate_up = kept("gate and up", height, block.gate_up.weight.shape[0])
        inner_gate_up = block.gate_up.forward(middle_normed, gate_up)
        gate, up = gate_up.chunk(2, dim=1)
        active = torch.ops.aten.silu.out(gate, out=kept("active", *gate.shape))
        hidden = torch.mul(active, up, out=memory.take("hidden", rows, *gate.shape))
        out = kept("out", height, width)
        inner_down = block.down.forward(hidden, out, onto=middle)
        inner = (inner_joined, inner_output, inner_gate_up, inner_down)
        ctx.kept = _Kept(
            rows,
            factor,
            normed,
            normed_heads,
            attended,
            found,
            middle,
            middle_factor,
            middle_normed,
            gate_up,
            active,
            inner,
        )
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The rows' gradient; those of trained parameters are added where they are kept."""
        block, through, kept = ctx.block, ctx.through, ctx.kept
        ctx.kept = None
        memory = through.memory
        # Two by turns: the one that came in is another block's.
        middle = memory.take(("grad", block.number % 2), grad, *grad.shape).copy_(grad)
        _swiglu_backward(block, kept, grad, middle, memory)
        rows = kept.rows.shape[0]
        # A row of zeros at the end: attention reads it where a shorter example was filled up.
        grad_found = memory.take("grad found", grad, rows + 1, block.output.weight.shape[1])
        grad_found[rows:].zero_()
        if ctx.only is None:
            block.output.backward(middle, kept.found, kept.inner[1], grad_found[:rows])
        else:
            wanted = torch.empty_like(kept.found)
            block.output.backward(middle, kept.found, kept.inner[1], wanted)
            grad_found.zero_().index_copy_(0, ctx.only, wanted)
            middle = grad.new_zeros(kept.rows.shape).index_copy_(0, ctx.only, middle)
        grad_joined = memory.take("joined", grad, rows, block.joined.weight.shape[0])
        attend_backward(grad_found, grad_joined, through.layout, block.heads, kept.attended, memory)
        rotate(grad_joined, block.heads, through.cos, -through.sin)
        _norm_heads_backward(block, grad_joined, kept.heads, memory)
        grad_normed = memory.take("grad normed", grad, *kept.rows.shape)
        block.joined.backward(grad_joined, kept.normed, kept.inner[0], grad_normed)
        block.before.backward(grad_normed, kept.rows, kept.factor, onto=middle)
        if block.number == 0:
            through.done()
        return (middle, *[None] * (3 + ctx.count))


def _norm_heads(block: Block, joined: Tensor, memory: Workspace) -> Iterator[NormedHeads]:
    """Normalise every query and every key of the joined rows, in place; gives what the way back needs."""
    for which, (norm, part) in enumerate(_normed_parts(block, joined)):
        sizes = (part.shape[0] * part.shape[1], part.shape[2])
        rows = memory.take((block.number, "heads before their norm", which), joined, *sizes)
        rows.view(part.shape).copy_(part)
        normed = memory.take("normed heads", joined, *sizes)
        factor = norm.forward(rows, normed, memory)
        part.copy_(normed.view(part.shape))
        yield NormedHeads(rows, factor)


def _norm_heads_backward(
    block: Block, grad_joined: Tensor, kept: tuple[NormedHeads, ...], memory: Workspace
) -> None:
    """Put the gradient of queries and keys before their norms in the place of the one after."""
    for heads, (norm, part) in zip(kept, _normed_parts(block, grad_joined), strict=True):
        grad = memory.take("normed heads", grad_joined, *heads.rows.shape)
        grad.view(part.shape).copy_(part)
        onto = memory.take("grad of heads", grad_joined, *heads.rows.shape).zero_()
        norm.backward(grad, heads.rows, heads.factor, onto=onto)
        part.copy_(onto.view(part.shape))


def _normed_parts(block: Block, joined: Tensor) -> Iterator[tuple[Norm, Tensor]]:
    """Each norm of heads with its part of the joined rows, a view (row, head, width)."""
    if not block.head_norms:
        return
    heads = block.heads
    every = joined.view(joined.shape[0], heads.all, heads.width)
    parts = (every[:, : heads.queries], every[:, heads.queries : heads.queries + heads.keys])
    yield from zip(block.head_norms, parts, strict=True)


def _swiglu_backward(block: Block, kept: _Kept, grad: Tensor, middle: Tensor, memory: Workspace) -> None:
    """Add the gradient of the rows between attention and SwiGLU to `middle`, and those of SwiGLU's weights and norm."""
    gate, up = kept.gate_up.chunk(2, dim=1)
    hidden = torch.mul(kept.active, up, out=memory.take("hidden", grad, *gate.shape))
    grad_hidden = memory.take("grad hidden", grad, *gate.shape)
    block.down.backward(grad, hidden, kept.inner[3], grad_hidden)
    grad_gate_up = memory.take("grad gate and up", grad, *kept.gate_up.shape)
    grad_gate, grad_up = grad_gate_up.chunk(2, dim=1)
    torch.mul(grad_hidden, kept.active, out=grad_up)
    torch.ops.aten.silu_backward(grad_hidden.mul_(up), gate, grad_input=grad_gate)
    grad_normed = memory.take("grad normed", grad, *grad.shape)
    block.gate_up.backward(grad_gate_up, kept.middle_normed, kept.inner[2], grad_normed)
    block.between.backward(grad_normed, kept.middle, kept.middle_factor, onto=middle)
