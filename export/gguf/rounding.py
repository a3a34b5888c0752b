"""Error-compensated rounding of a matrix into four-bit blocks: each column makes up for the errors of those before it.

What counts is not how far a rounded matrix is from the exact one but how far its products are: the squared error of
`weight @ x` over calibration inputs, `tr(E H Eᵀ)` with `H = Σ x xᵀ`. GPTQ (Frantar et al., arXiv 2210.17323) rounds the
columns in order and moves those to come so that they cancel what an error did. With `H = R Rᵀ`, R upper triangular,
that error is `‖E R‖²`, and column by column it says what each should be, given the errors before it: the same rounding
with one factorisation and no inverse (QuIP, Chee et al., arXiv 2307.13304). Here a block of 32 columns, which shares a
scale, is rounded at once: of several scales the one that is best for the block's own part of that error.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from export.gguf.blocks import WEIGHTS, Blocks, BlockType

# So much of the mean of H's diagonal is added to it: that a channel carried little in calibration is no proof.
DAMPING = 0.01
# So much of the errors of what came before a matrix is made up for: what calibration tells of them is in part chance.
SHARE = 0.5
# Scales that are tried: where the largest weight of a block comes to lie, as a share of the type's largest number.
REACHES = (0.8, 0.87, 0.94, 1.0, 1.06, 1.12, 1.2)
# Rows that a thread rounds at a time: their numbers stay in a core's cache.
ROWS = 512


def round_matrix(weight: Any, moment: Any, type: BlockType, missing: Any = None) -> Blocks:
    """Round a matrix (row, column) so that its products with inputs of this second moment (column, column) stay.

    `missing` (row, column) is the moment, with these inputs, of what the matrix makes of exact ones and not of these:
    where it is given, the rounded matrix makes `SHARE` of that up. Blocks are taken by how much their inputs carry, and
    so are the columns in each: what is rounded last has nothing left that could make up for it.
    """
    import torch

    order = _by_weight(moment.diagonal())
    factor = triangular_factor(moment[order][:, order])
    asked = list(_asked(factor))
    codes = torch.empty(len(asked), WEIGHTS, len(weight), dtype=torch.uint8)
    scales = torch.empty(len(asked), len(weight))

    def round_rows(first: int) -> None:
        rows = slice(first, first + ROWS)
        exact = weight[rows].float()[:, order]
        if missing is not None:
            exact += _made_up(SHARE * missing[rows].float()[:, order], factor)
        # A column's numbers lie side by side.
        exact = exact.T.contiguous()
        errors = torch.zeros_like(exact)
        for block, moved in enumerate(asked):
            own = slice(block * WEIGHTS, (block + 1) * WEIGHTS)
            wanted = exact[own] + moved.T @ errors[: own.start]
            values, scale = _round_block(wanted, factor[own, own], type)
            errors[own] = exact[own] - values * scale
            place = int(order[own.start]) // WEIGHTS
            codes[place, order[own] % WEIGHTS, rows], scales[place, rows] = type.codes(values), scale

    _run_side_by_side(round_rows, range(0, len(weight), ROWS))
    return Blocks(type, codes, scales)


def _run_side_by_side(work: Callable[[int], None], parts: Iterable[int]) -> None:
    """Do it for every part, each in one thread: small operators lose more to sharing threads than they gain."""
    import torch

    def single(part: int) -> None:
        with torch.inference_mode():
            work(part)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(single, parts):
                pass
    finally:
        torch.set_num_threads(threads)


def _by_weight(carried: Any) -> Any:
    """The order of columns: whole blocks, those that carry most first, and so within each."""
    blocks = carried.view(-1, WEIGHTS)
    within = blocks.argsort(dim=1, descending=True, stable=True)
    first = blocks.sum(dim=1).argsort(descending=True, stable=True)
    return (first[:, None] * WEIGHTS + within[first]).flatten()


def triangular_factor(moment: Any) -> Any:
    """The upper triangular R of the damped `moment = R Rᵀ` (float32)."""
    import torch

    # Cholesky's factor is a lower one; read backwards it is an upper one.
    backwards = moment.double().flip(0, 1)
    diagonal = backwards.diagonal()
    # Inputs of nothing at all have no moment.
    diagonal += DAMPING * diagonal.mean().clamp_min(torch.finfo(torch.float32).tiny)
    return torch.linalg.cholesky(backwards).flip(0, 1).float()


def _asked(factor: Any) -> Iterator[Any]:
    """Of each block, what an error in any column before asks of its columns: R, of which its own part is taken back."""
    import torch

    for start in range(0, len(factor), WEIGHTS):
        own = slice(start, start + WEIGHTS)
        yield torch.linalg.solve_triangular(factor[own, own], factor[:start, own], upper=True, left=False)


def _made_up(products: Any, factor: Any) -> Any:
    """The matrix whose products with inputs of the moment `R Rᵀ` have this moment (row, column) with them."""
    import torch

    halfway = torch.linalg.solve_triangular(factor.T, products, upper=False, left=False)
    return torch.linalg.solve_triangular(factor, halfway, upper=True, left=False)


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
