"""Error-compensated rounding of a matrix into four-bit blocks: each column makes up for the errors of those before it.

What counts is not how far a rounded matrix is from the exact one but how far its products are: the squared error of
`weight @ x` over calibration inputs, `tr(E H Eᵀ)` with `H = Σ x xᵀ`. GPTQ (Frantar et al., arXiv 2210.17323) rounds the
columns in order and moves those to come so that they cancel what an error did. With `H = R Rᵀ`, R upper triangular,
that error is `‖E R‖²`, and column by column it says what each should be, given the errors before it: the same rounding
with one factorisation and no inverse (QuIP, Chee et al., arXiv 2307.13304). Here a block of 32 columns, which shares a
scale, is rounded at once: of several scales the one that is best for the block's own part of that error.
"""

from typing import Any

from export.gguf.blocks import WEIGHTS, Blocks, BlockType

# So much of the mean of H's diagonal is added to it: that a channel carried little in calibration is no proof.
DAMPING = 0.01
# Scales that are tried: where the largest weight of a block comes to lie, as a share of the type's largest number.
REACHES = (0.8, 0.87, 0.94, 1.0, 1.06, 1.12, 1.2)
# Rows that are rounded at a time: their numbers stay in a core's cache.
ROWS = 1024


def round_matrix(weight: Any, moment: Any, type: BlockType) -> Blocks:
    """Round a matrix (row, column) so that its products with inputs of this second moment (column, column) stay.

    Blocks are taken by how much their inputs carry, and so are the columns in each: what is rounded last has nothing
    left that could make up for it.
    """
    import torch

    order = _by_weight(moment.diagonal())
    factor = triangular_factor(moment[order][:, order])
    starts = range(0, len(factor), WEIGHTS)
    # What an error in any column before asks of a block: R, of which the block's own part is taken back.
    asked = [
        torch.linalg.solve_triangular(
            factor[start : start + WEIGHTS, start : start + WEIGHTS],
            factor[:start, start : start + WEIGHTS],
            upper=True,
            left=False,
        )
        for start in starts
    ]
    codes = torch.empty(len(starts), WEIGHTS, len(weight), dtype=torch.uint8)
    scales = torch.empty(len(starts), len(weight))
    for first in range(0, len(weight), ROWS):
        rows = slice(first, first + ROWS)
        # A column's numbers lie side by side.
        exact = weight[rows].T.float()[order]
        errors = torch.zeros_like(exact)
        for start, moved in zip(starts, asked, strict=True):
            own = slice(start, start + WEIGHTS)
            wanted = exact[own] + moved.T @ errors[:start]
            found, scale = _round_block(wanted, factor[own, own], type)
            errors[own] = exact[own] - found * scale
            block = int(order[start]) // WEIGHTS
            codes[block, order[own] % WEIGHTS, rows], scales[block, rows] = type.codes(found), scale
    return Blocks(type, codes, scales)


def _by_weight(carried: Any) -> Any:
    """The order of columns: whole blocks, those that carry most first, and so within each."""
    blocks = carried.view(-1, WEIGHTS)
    within = blocks.argsort(dim=1, descending=True, stable=True)
    first = blocks.sum(dim=1).argsort(descending=True, stable=True)
    return (first[:, None] * WEIGHTS + within[first]).flatten()


def triangular_factor(moment: Any) -> Any:
    """The upper triangular R of `moment = R Rᵀ` (float32), damped."""
    import torch

    # Cholesky's factor is a lower one; read backwards it is an upper one.
    return torch.linalg.cholesky(damped(moment).flip(0, 1)).flip(0, 1).float()


def steered(weight: Any, moment: Any, error: Any, share: float) -> Any:
    """The matrix that makes of rounded inputs what `weight` makes of exact ones, as nearly as a product can.

    `error` is the moment of exact less rounded inputs with rounded ones; so much (`share`) of it is made up for.
    """
    import torch

    lower = torch.linalg.cholesky(damped(moment)).float()
    return weight + share * torch.cholesky_solve((weight @ error).T, lower).T


def damped(moment):
    import torch
    moment = moment.double()
    diagonal = moment.diagonal()
    diagonal += DAMPING * diagonal.mean().clamp_min(torch.finfo(torch.float32).tiny)
    return moment


def _round_block(target: Any, factor: Any, type: BlockType) -> tuple[Any, Any]:
    """Values (weight, row) and scales (row) of a block (weight, row): the best of `REACHES` for each row."""
    import torch

    peak = target.gather(0, target.abs().argmax(dim=0, keepdim=True))
    scales = _half(peak / (type.numbers[0] * torch.tensor(REACHES)[:, None]))
    values = _round_columns(target, factor / factor.diagonal(), scales, type)
    # The error counts as R shows it: there the scale is refitted to its values, and the best one is chosen.
    seen = (factor.T @ values.flatten(1)).view(values.shape)
    shown = (factor.T @ target)[:, None]
    tiny = torch.finfo(torch.float32).tiny
    scales = _half((seen * shown).sum(dim=0) / seen.square().sum(dim=0).clamp_min(tiny))
    best = (shown - seen * scales).square().sum(dim=0).argmin(dim=0, keepdim=True)
    return values.gather(1, best.expand(WEIGHTS, 1, -1))[:, 0], scales.gather(0, best)[0]


def _round_columns(target: Any, feedback: Any, scales: Any, type: BlockType) -> Any:
    """Values (weight, scale, row) of a block under each of these scales (scale, row), column by column."""
    import torch

    values = torch.empty(WEIGHTS, *scales.shape)
    errors = torch.empty_like(values)
    inverse = torch.where(scales == 0, 0, 1 / scales)
    for column in range(WEIGHTS):
        moved = (feedback[:column, column] @ errors[:column].flatten(1)).view(scales.shape)
        values[column] = type.nearest(moved.add_(target[column]).mul_(inverse))
        torch.addcmul(target[column], values[column], scales, value=-1, out=errors[column])
    return values


def _half(scales: Any) -> Any:
    """Scales as a block holds them: float16's numbers, in float32."""
    return scales.half().float()
