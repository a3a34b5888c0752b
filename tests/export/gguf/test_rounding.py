"""Blocks are ggml's, bit for bit, and compensated rounding keeps products better than rounding to the nearest."""

from typing import Any

import gguf
import numpy as np
import pytest
import torch

from export.gguf.blocks import BLOCK_TYPES, IQ4_NL, Blocks, BlockType
from export.gguf.rounding import round_matrix, triangular_factor

ROWS, COLUMNS = 48, 128


@pytest.fixture(params=BLOCK_TYPES)
def type(request: pytest.FixtureRequest) -> BlockType:
    return BLOCK_TYPES[request.param]


def dequantized(blocks: Blocks) -> Any:
    packed = blocks.packed()
    return gguf.dequantize(packed.rows, gguf.GGMLQuantizationType[packed.type])


def correlated(count: int, seed: int) -> Any:
    """Inputs (token, column) that a few directions explain, some channels of them loud."""
    mixing = torch.randn(24, COLUMNS, generator=torch.Generator().manual_seed(7))
    mixing *= torch.logspace(-1, 1, COLUMNS)
    noise = torch.Generator().manual_seed(seed)
    return torch.randn(count, 24, generator=noise) @ mixing + 0.3 * torch.randn(
        count, COLUMNS, generator=noise
    )


def test_packed_blocks_are_ggmls(type: BlockType) -> None:
    torch.manual_seed(0)
    codes = torch.randint(0, 16, (3, 32, 5), dtype=torch.uint8)
    scales = torch.randn(3, 5).half().float()
    blocks = Blocks(type, codes, scales)
    assert np.array_equal(dequantized(blocks), blocks.matrix().numpy())
    assert blocks.packed().rows.shape == (5, 3 * 18)
    parts = blocks.split([2, 3])
    assert np.array_equal(np.concatenate([dequantized(part) for part in parts]), dequantized(blocks))


def test_the_nearest_of_sixteen_values_is_taken(type: BlockType) -> None:
    numbers = torch.linspace(-140, 140, 997)
    found = type.nearest(numbers)
    assert torch.equal((numbers - found).abs(), (numbers[:, None] - type.values).abs().min(dim=1).values)


def test_the_factor_is_an_upper_triangle_of_the_damped_moment() -> None:
    inputs = correlated(40, seed=1)
    moment = inputs.T @ inputs
    factor = triangular_factor(moment)
    assert torch.equal(factor, factor.triu())
    left = factor @ factor.T - moment
    assert torch.allclose(
        left, 0.01 * moment.diagonal().mean() * torch.eye(COLUMNS), atol=1e-3 * moment.max()
    )


@pytest.mark.parametrize("inputs", ["correlated", "loud in one channel", "nothing at all"])
def test_products_with_other_inputs_stay_nearer_than_by_rounding_to_the_nearest(
    type: BlockType, inputs: str
) -> None:
    torch.manual_seed(0)
    weight = torch.randn(ROWS, COLUMNS)
    seen, other = correlated(2000, seed=1), correlated(500, seed=2)
    if inputs == "loud in one channel":
        seen[:, 5] *= 100
        other[:, 5] *= 100
    blocks = round_matrix(weight, seen.T @ seen * (inputs != "nothing at all"), type)
    kind = gguf.GGMLQuantizationType[type.name]
    assert np.array_equal(dequantized(blocks), blocks.matrix().numpy())
    nearest = rounded_to_the_nearest(weight, type)
    errors = [float(((weight - found) @ other.T).square().mean()) for found in (blocks.matrix(), nearest)]
    if inputs == "nothing at all":
        # Nothing says what counts: as near as any rounding of it.
        assert (weight - blocks.matrix()).norm() < 1.02 * (weight - nearest).norm(), kind
    else:
        assert errors[0] < 0.3 * errors[1]


def rounded_to_the_nearest(weight: Any, type: BlockType) -> Any:
    blocks = weight.view(ROWS, -1, 32)
    scales = blocks.gather(2, blocks.abs().argmax(dim=2, keepdim=True)) / type.numbers[0]
    scales = scales.half().float()
    return (type.nearest(blocks / scales) * scales).view(weight.shape)


def test_blocks_of_nothing_stay_nothing(type: BlockType) -> None:
    inputs = correlated(500, seed=1)
    weight = torch.randn(ROWS, COLUMNS)
    weight[3] = 0
    found = round_matrix(weight, inputs.T @ inputs, type).matrix()
    assert found.isfinite().all() and not found[3].any()


def test_rows_do_not_depend_on_each_other(type: BlockType, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, weight = correlated(500, seed=1), torch.randn(ROWS, COLUMNS)
    moment = inputs.T @ inputs
    whole = round_matrix(weight, moment, type).matrix()
    monkeypatch.setattr("export.gguf.rounding.ROWS", 32)
    assert torch.allclose(round_matrix(weight, moment, type).matrix(), whole, atol=0.2)


def test_a_matrix_makes_up_for_what_happened_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs that are all a fifth too small ask for a matrix that is larger."""
    exact, weight = correlated(2000, seed=1), torch.randn(ROWS, COLUMNS)
    rounded = 0.8 * exact
    moment, missing = rounded.T @ rounded, weight @ (exact - rounded).T @ rounded
    errors = []
    for share in (0.0, 0.5, 1.0):
        monkeypatch.setattr("export.gguf.rounding.SHARE", share)
        found = round_matrix(weight, moment, IQ4_NL, missing).matrix()
        errors.append(float((found @ rounded.T - weight @ exact.T).norm()))
    assert errors[2] < 0.3 * errors[0] and errors[1] == pytest.approx(0.5 * errors[0], rel=0.2)
    plain = round_matrix(weight, moment, IQ4_NL).matrix()
    assert torch.equal(round_matrix(weight, moment, IQ4_NL, 0 * missing).matrix(), plain)
