"""llama.cpp's four-bit blocks: 32 weights of a row share a scale, and each picks one of sixteen values.

Q4_0's values are evenly spaced, IQ4_NL's are denser round nothing (`kvalues_iq4nl`); the layout in bytes is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

WEIGHTS = 32


@dataclass(frozen=True)
class BlockType:
    """A type of blocks: its name in GGUF and the whole numbers, ascending, that a scale multiplies."""

    name: str
    numbers: tuple[int, ...]

    @cached_property
    def values(self) -> Any:
        """The sixteen numbers (float32)."""
        import torch

        return torch.tensor(self.numbers, dtype=torch.float32)

    @cached_property
    def _nearest(self) -> Any:
        """The nearest value of every half step from -`_STEPS` on: all borders between values are such steps."""
        import torch

        steps = torch.arange(-_STEPS, _STEPS) / 2 + 0.25
        return self.values[(steps[:, None] - self.values).abs().argmin(dim=1)]

    @cached_property
    def _codes(self) -> Any:
        import torch

        codes = torch.zeros(2 * _STEPS, dtype=torch.uint8)
        codes[self.values.int() + _STEPS] = torch.arange(len(self.numbers), dtype=torch.uint8)
        return codes

    def nearest(self, numbers: Any) -> Any:
        """The value that is nearest to each of these numbers, which a scale has divided."""
        import torch

        steps = torch.add(_STEPS, numbers, alpha=2).clamp_(0, 2 * _STEPS - 1).int()
        return self._nearest.index_select(0, steps.flatten()).view(numbers.shape)

    def codes(self, values: Any) -> Any:
        """The places (uint8) of these values among the sixteen."""
        return self._codes[values.int() + _STEPS]


# More half steps than the largest value of a type has.
_STEPS = 256
Q4_0 = BlockType("Q4_0", tuple(range(-8, 8)))
IQ4_NL = BlockType("IQ4_NL", (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113))


# By quantisation.
BLOCK_TYPES = {"q4_0": Q4_0, "iq4_nl": IQ4_NL}


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in blocks: codes (block, weight, row) of 0 to 15 and scales (block, row), which float16 holds exactly."""

    type: BlockType
    codes: Any
    scales: Any

    def split(self, rows: Sequence[int]) -> list["Blocks"]:
        """Matrices of so many rows each that stood one under the other."""
        pairs = zip(self.codes.split(rows, dim=2), self.scales.split(rows, dim=1), strict=True)
        return [Blocks(self.type, codes, scales) for codes, scales in pairs]

    def matrix(self) -> Any:
        """What the blocks stand for (row, column), float32."""
        rows = self.codes.shape[2]
        values = self.type.values.index_select(0, self.codes.flatten().int()).view(self.codes.shape)
        return (values * self.scales[:, None]).reshape(-1, rows).T.contiguous()

    def packed(self) -> "PackedMatrix":
        """The same as ggml lays it out: a block's scale, then weights 0 and 16 in a byte, 1 and 17, and so on."""
        import numpy as np

        codes = self.codes.numpy().transpose(2, 0, 1)
        scales = np.ascontiguousarray(self.scales.numpy().T.astype("<f2")).view(np.uint8)
        halves = codes[..., : WEIGHTS // 2] | codes[..., WEIGHTS // 2 :] << np.uint8(4)
        blocks = np.concatenate([scales.reshape(*codes.shape[:2], 2), halves], axis=-1)
        return PackedMatrix(self.type.name, blocks.reshape(len(blocks), -1))


@dataclass(frozen=True, slots=True)
class PackedMatrix:
    """A matrix as a GGUF file holds it: the name of its type, and its rows (row, bytes)."""

    type: str
    rows: Any


@dataclass(frozen=True, slots=True)
class RoundedWeights:
    """All matrices of a checkpoint by transformers' names, in its order of rows, rounded for this quantisation."""

    quantization: str
    matrices: Mapping[str, PackedMatrix]
