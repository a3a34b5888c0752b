"""A gradient's memory is used again, and still every sum is that of its own step."""

import pytest
import torch

from distill.training.kernels.gradients import Gradient, gradient_of


def parts() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.zeros(rows, 4)) for rows in (2, 3)]


def test_products_add_up_until_grad_is_none_again() -> None:
    torch.manual_seed(0)
    first, second = parts()
    gradient = Gradient([first, second])
    left, right = torch.randn(5, 6), torch.randn(6, 4)
    for expected in (left @ right, 2 * (left @ right)):
        gradient.add_product(left, right)
        torch.testing.assert_close(first.grad, expected[:2])
        torch.testing.assert_close(second.grad, expected[2:])
    assert first.grad is not None
    place = first.grad.data_ptr()
    first.grad = second.grad = None
    gradient.add_product(left, right)
    torch.testing.assert_close(first.grad, (left @ right)[:2])
    assert first.grad is not None
    assert first.grad.data_ptr() == place


def test_what_the_framework_put_there_first_is_kept() -> None:
    weight = torch.nn.Parameter(torch.ones(5, 4))
    (weight * 3).sum().backward()
    gradient = Gradient([weight])
    gradient.add(torch.full((5, 4), 2.0))
    assert torch.equal(weight.grad, torch.full((5, 4), 5.0))
    (weight * 3).sum().backward()
    gradient.add(torch.full((5, 4), 2.0))
    assert torch.equal(weight.grad, torch.full((5, 4), 10.0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rows_that_come_often_are_summed_before_they_are_rounded(dtype: torch.dtype) -> None:
    weight = torch.nn.Parameter(torch.zeros(5, 4, dtype=dtype))
    numbers = torch.tensor([1, 3, *[1] * 300])
    Gradient([weight]).add_rows(numbers, torch.ones(len(numbers), 4, dtype=dtype))
    assert weight.grad is not None
    # 301 itself has no bfloat16; adding one after one would end at 256.
    assert weight.grad[:, 0].tolist() == [0, torch.tensor(301.0).to(dtype), 0, 1, 0]


def test_weights_that_are_not_trained_have_none() -> None:
    assert gradient_of([]) is None
    assert gradient_of([torch.nn.Parameter(torch.zeros(2), requires_grad=False)]) is None
    assert gradient_of(parts()) is not None
