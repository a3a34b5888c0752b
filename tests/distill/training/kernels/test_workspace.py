"""Memory that passes use again: nobody's values are written over while they are wanted."""

import torch

from distill.training.kernels.workspace import Workspace, Workspaces


def test_a_name_has_one_place_that_grows_to_the_largest() -> None:
    memory, like = Workspace(), torch.zeros(1)
    small = memory.take("rows", like, 3, 4)
    assert small.shape == (3, 4)
    assert memory.take("rows", like, 2, 5).data_ptr() == small.data_ptr()
    large = memory.take("rows", like, 5, 4)
    assert large.shape == (5, 4)
    assert memory.take("rows", like, 3, 4).data_ptr() == large.data_ptr()
    assert memory.take("other", like, 3, 4).data_ptr() != large.data_ptr()


def test_another_type_is_another_place() -> None:
    memory = Workspace()
    memory.take("rows", torch.zeros(1), 3, 4)
    assert memory.take("rows", torch.zeros(1, dtype=torch.bfloat16), 3, 4).dtype == torch.bfloat16


def test_two_passes_never_share_memory() -> None:
    workspaces = Workspaces()
    first, second = workspaces.lend(), workspaces.lend()
    assert first is not second
    workspaces.give_back(first)
    assert workspaces.lend() is first
    assert workspaces.lend() is not second
