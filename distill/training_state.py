"""The resumable state of a training run: written whole or not at all, read back exactly."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runtime.errors import InputError, WorkFailed

STATE_FILE = "state.pt"


def save_state(folder: Path, *, step: int, plan: str, masters: Any, optimiser: Any) -> None:
    """Write step, plan hash, float32 masters and optimiser state; the last good state survives a full disk."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (STATE_FILE + ".part")
    state = {
        "step": step,
        "plan": plan,
        "masters": [copy.detach() for copy in masters.copies],
        "optimiser": optimiser.state_dict(),
    }
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise WorkFailed(f"could not save the training state in {folder}: {error}") from error
    partial.replace(folder / STATE_FILE)


def load_state(folder: Path, *, plan: str) -> Mapping[str, Any] | None:
    """The last state, or None; raises InputError when it belongs to other data or settings."""
    import torch

    path = folder / STATE_FILE
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state["plan"] != plan:
        raise InputError(
            f"{path} belongs to other data or settings; allowed: the same ones, or another folder"
        )
    return state


def restore(state: Mapping[str, Any], *, masters: Any, optimiser: Any) -> int:
    """Put a state back into masters and optimiser; returns the number of steps already done."""
    import torch

    with torch.no_grad():
        for copy, saved in zip(masters.copies, state["masters"], strict=True):
            copy.copy_(saved)
    optimiser.load_state_dict(state["optimiser"])
    masters.give_weights()
    return int(state["step"])
