"""Tensors that FSDP2 has sharded over processes (DTensors), gathered to be saved, and filled again.

Every function here is for all processes together: gathering is a collective. Plain tensors pass through.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def is_sharded(model: Any) -> bool:
    """Whether FSDP2 has sharded a model's weights."""
    if not torch.distributed.is_available():
        return False
    from torch.distributed.fsdp import FSDPModule

    return isinstance(model, FSDPModule)


def gather(tensor: Tensor) -> Tensor:
    """The whole of a tensor, detached; itself when it is not sharded."""
    detached = tensor.detach()
    full = getattr(detached, "full_tensor", None)
    value: Tensor = detached if full is None else full()
    return value


def shard(value: Tensor, like: Any) -> Tensor:
    """A whole value on the device of another tensor, and sharded as that is."""
    placed: Tensor = value.to(like.device)
    if not hasattr(like, "full_tensor"):
        return placed
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(placed, like.device_mesh, like.placements)


def fill(tensors: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    """Copy whole values into tensors, sharded or not."""
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(shard(value, tensor))


def gather_optimizer(state: Mapping[str, Any]) -> dict[str, Any]:
    """An optimiser's state dict with every tensor whole."""
    return _changed(state, lambda _, value: gather(value) if hasattr(value, "detach") else value)


def shard_optimizer(state: Mapping[str, Any], tensors: Sequence[Tensor]) -> dict[str, Any]:
    """The opposite: what has the shape of the tensor that it belongs to is sharded as that is."""

    def sharded(number: int, value: Any) -> Any:
        like = tensors[number]
        return shard(value, like) if getattr(value, "shape", None) == like.shape and value.dim() else value

    return _changed(state, sharded)


def _changed(state: Mapping[str, Any], change: Callable[[int, Any], Any]) -> dict[str, Any]:
    own = {
        number: {name: change(number, value) for name, value in entry.items()}
        for number, entry in state["state"].items()
    }
    return {**state, "state": own}
