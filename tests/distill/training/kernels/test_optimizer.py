"""The one-pass update is torch's AdamW after clipping, on float32 masters."""

import copy as copies
import io

import pytest
import torch

from distill.training.kernels.optimizer import MasterAdamW

SHAPES = [(3,), (700, 600), (5, 4), (1,)]


def weights(seed: int, dtype: torch.dtype) -> list[torch.Tensor]:
    torch.manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape).to(dtype)) for shape in SHAPES]


def masters_of(ours: list[torch.Tensor]) -> list[torch.Tensor]:
    return [weight.detach().float().clone() for weight in ours]


def give_gradients(ours: list[torch.Tensor], seed: int) -> None:
    torch.manual_seed(seed)
    for weight in ours:
        weight.grad = torch.randn(weight.shape).to(weight.dtype)


def test_updates_are_those_of_torchs_adamw_after_clipping() -> None:
    ours = weights(0, torch.float32)
    theirs = [torch.nn.Parameter(weight.detach().clone()) for weight in ours]
    one_pass = MasterAdamW(ours, masters_of(ours), weight_decay=0.1)
    plain = torch.optim.AdamW(theirs, lr=1e-2, weight_decay=0.1, betas=(0.9, 0.99), fused=True)
    for step in range(4):
        clip = 1.0 if step % 2 else 1e6
        give_gradients(ours, step)
        give_gradients(theirs, step)
        norm = torch.nn.utils.clip_grad_norm_(theirs, clip)
        plain.step()
        assert abs(one_pass.step(1e-2, clip) - float(norm)) < 1e-2
        assert all(weight.grad is None for weight in ours)
        for weight, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(weight, other)


def test_the_norm_of_bfloat16_gradients_is_that_of_their_values() -> None:
    ours = weights(0, torch.bfloat16)
    optimizer = MasterAdamW(ours, masters_of(ours), weight_decay=0.0)
    give_gradients(ours, 1)
    exact = (
        sum(float(weight.grad.double().square().sum()) for weight in ours if weight.grad is not None) ** 0.5
    )
    assert optimizer.step(1e-3, 1.0) == pytest.approx(exact, rel=1e-4)


def test_masters_keep_what_bfloat16_cannot_hold() -> None:
    ours = weights(0, torch.bfloat16)
    masters = masters_of(ours)
    before = copies.deepcopy(masters)
    optimizer = MasterAdamW(ours, masters, weight_decay=0.0)
    give_gradients(ours, 1)
    optimizer.step(1e-6, 1.0)
    assert all(not torch.equal(master, old) for master, old in zip(masters, before, strict=True))
    assert all(torch.equal(weight, master.bfloat16()) for weight, master in zip(ours, masters, strict=True))


def test_a_copys_own_gradient_counts_before_its_weights() -> None:
    ours = weights(0, torch.bfloat16)
    masters = masters_of(ours)
    optimizer = MasterAdamW(ours, masters, weight_decay=0.0)
    give_gradients(ours, 1)
    for master in masters:
        master.grad = torch.full_like(master, 2.0)
    assert abs(optimizer.step(1e-2, 1.0) - 2 * sum(m.numel() for m in masters) ** 0.5) < 1e-1
    assert all(master.grad is None for master in masters)


def test_a_weight_without_gradient_stays_and_parts_of_a_whole_are_moved_in_place() -> None:
    whole = torch.zeros(4, 6, dtype=torch.bfloat16)
    part, still = torch.nn.Parameter(whole[:, :4]), torch.nn.Parameter(torch.ones(2))
    part.grad = torch.ones(4, 4, dtype=torch.bfloat16)
    MasterAdamW([part, still], masters_of([part, still]), weight_decay=0.5).step(0.1, 100.0)
    assert bool((whole[:, :4] < 0).all())
    assert bool((whole[:, 4:] == 0).all())
    assert still.tolist() == [1.0, 1.0]


def test_a_saved_state_goes_on_bit_for_bit() -> None:
    ours = weights(0, torch.bfloat16)
    masters = masters_of(ours)
    first = MasterAdamW(ours, masters, weight_decay=0.1)
    give_gradients(ours, 1)
    first.step(1e-2, 1.0)
    file = io.BytesIO()
    torch.save({"masters": masters, "optimizer": first.state_dict()}, file)
    give_gradients(ours, 2)
    first.step(1e-2, 1.0)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    again = weights(3, torch.bfloat16)
    second = MasterAdamW(again, state["masters"], weight_decay=0.1)
    second.load_state_dict(state["optimizer"])
    give_gradients(again, 2)
    second.step(1e-2, 1.0)
    assert all(torch.equal(one, other) for one, other in zip(ours, again, strict=True))
