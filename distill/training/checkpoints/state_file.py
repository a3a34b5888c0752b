"""The resumable state of a training run: written whole or not at all, read back exactly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distill.training.distributed.sharding import fill, spread_optimiser, whole, whole_optimiser
from runtime.values.errors import InputError
from runtime.values.files import whole_file

STATE_FILE = "state.pt"


def take_state(*, step: int, plan: str, masters: Any, optimizer: Any, average: Any = None) -> dict[str, Any]:
    """Steps done, plan hash, float32 masters, optimiser state and moving average, whole. For all processes together."""
    return {
        "step": step,
        "plan": plan,
        "masters": [whole(copy) for copy in masters.copies],
        "optimiser": whole_optimiser(optimizer.state_dict()),
        "average": [] if average is None else [whole(value) for value in average.values],
    }


def save_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Write a state in place of the last one, which survives a kill, a full disk and a power cut."""
    import torch

    with whole_file(folder / STATE_FILE) as partial:
        torch.save(state, partial)


def load_state(folder: Path, *, plan: str) -> Mapping[str, Any] | None:
    """The last state, or None; raises InputError when it belongs to other data or settings."""
    import torch

    path = folder / STATE_FILE
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state["plan"] != plan:
        raise InputError(
            f"{path} belongs to other data or settings; expected: the same ones, or another folder"
        )
    return state


def restore(state: Mapping[str, Any], *, masters: Any, optimizer: Any, average: Any = None) -> int:
    """Put a state back into masters, optimiser and moving average; returns the number of steps already done."""
    for copy, saved in zip(masters.copies, state["masters"], strict=True):
        fill(copy, saved)
    optimizer.load_state_dict(spread_optimiser(state["optimiser"], masters.copies))
    if average is not None:
        for value, saved in zip(average.values, state["average"], strict=True):
            fill(value, saved)
    masters.copy_params_to_model()
    return int(state["step"])
