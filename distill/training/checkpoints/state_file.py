"""The resumable state of a training run: written whole or not at all, read back exactly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from distill.training.checkpoints.snapshots import STATE_FILE, MovingAverage
from distill.training.distributed.sharding import fill, gather, gather_optimizer, shard_optimizer
from distill.training.state import TrainState
from runtime.values.errors import InputError
from runtime.values.files import whole_file


def take_state(
    train_state: TrainState, average: MovingAverage | None, *, step: int, plan: str
) -> dict[str, Any]:
    """Steps done, plan hash, float32 masters, optimiser state and moving average, whole. For all processes together."""
    return {
        "step": step,
        "plan": plan,
        "masters": [gather(copy) for copy in train_state.masters.copies],
        "optimizer": gather_optimizer(train_state.optimizer.state_dict()),
        "average": [gather(value) for value in average.values] if average else [],
    }


def save_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Write a state in place of the last one, which survives a kill, a full disk and a power cut."""
    with whole_file(folder / STATE_FILE) as partial:
        torch.save(state, partial)


def restore(folder: Path, train_state: TrainState, average: MovingAverage | None, *, plan: str) -> int:
    """Go on from a folder's state, where it has one; returns the number of steps already done.

    Raises InputError when it belongs to other data or settings.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return 0
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state["plan"] != plan:
        raise InputError(
            f"{path} belongs to other data or settings; expected: the same ones, or another folder"
        )
    masters = train_state.masters
    fill(masters.copies, state["masters"])
    train_state.optimizer.load_state_dict(shard_optimizer(state["optimizer"], masters.copies))
    if average:
        fill(average.values, state["average"])
    train_state.copy_params_to_model()
    return int(state["step"])
