"""Matrices rounded as GGUF's q4_0 rounds them and read back: llama.cpp's `quantize_row_q4_0_ref`, bit for bit, in torch.

32 neighbours in a row share a scale, float16, which brings the one farthest from zero to -8; the others go to the
nearest of its multiples from -8 to 7.
"""

import torch
from torch import Tensor

BLOCK = 32


def round_q4_0_(blocks: Tensor) -> Tensor:
    """Round blocks (block, 32), contiguous float32, in place."""
    high, low = blocks.amax(1, keepdim=True), blocks.amin(1, keepdim=True)
    farthest = torch.where(high > -low, high, low)
    tied = (high == -low).squeeze(1).nonzero().squeeze(1)
    if len(tied):
        # Of two that are equally far the first one decides.
        some = blocks.index_select(0, tied)
        farthest.index_copy_(0, tied, some.gather(1, some.abs().argmax(1, keepdim=True)))
    scale = farthest.div_(-8)
    inverse = scale.reciprocal().masked_fill_(scale == 0, 0)
    # The scale multiplies as the file holds it, but divides before it is rounded.
    numbers = blocks.mul_(inverse).add_(8.5).trunc_().clamp_(max=15).sub_(8)
    return numbers.mul_(scale.half().float())
