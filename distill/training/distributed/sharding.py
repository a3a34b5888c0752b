"""Tensors that FSDP2 has spread over processes (DTensors), made whole to be saved, and filled again.

Every function here is for all processes together: making a tensor whole is a collective. Plain tensors pass through.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from distill.training.student import Masters

if TYPE_CHECKING:
    from torch import Tensor


def is_sharded(model: Any) -> bool:
    """Whether FSDP2 has spread a model's weights."""
    from torch.distributed import is_available

    if not is_available():
        return False
    from torch.distributed.fsdp import FSDPModule

    return isinstance(model, FSDPModule)


class ShardedMasters(Masters):
    """Float32 copies of the part of every weight that this process holds."""

    def copy_params_to_model(self) -> None:
        """Round the masters into the model, tensor by tensor: DTensors know no copy of many at once."""
        import torch

        with torch.no_grad():
            for weight, copy in self._apart():
                weight.copy_(copy)


def whole(tensor: "Tensor") -> "Tensor":
    """The whole of a tensor, detached; itself when it is not sharded."""
    detached = tensor.detach()
    full = getattr(detached, "full_tensor", None)
    value: Tensor = detached if full is None else full()
    return value


def fill(tensor: "Tensor", value: "Tensor") -> None:
    """Copy a whole value into a tensor, sharded or not."""
    import torch

    with torch.no_grad():
        tensor.copy_(spread(value, tensor))


def spread(value: "Tensor", like: Any) -> "Tensor":
    """A whole value on the device of another tensor, and sharded as that is."""
    placed: Tensor = value.to(like.device)
    if not hasattr(like, "full_tensor"):
        return placed
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(placed, like.device_mesh, like.placements)


def whole_optimiser(state: Mapping[str, Any]) -> dict[str, Any]:
    """An optimiser's state dict with every tensor made whole."""
    own = {
        number: {name: whole(value) if hasattr(value, "detach") else value for name, value in entry.items()}
        for number, entry in state["state"].items()
    }
    return {**state, "state": own}


def spread_optimiser(state: Mapping[str, Any], tensors: Sequence["Tensor"]) -> dict[str, Any]:
    """The opposite: what has the shape of the tensor that it belongs to is sharded as that is."""
    own = {
        number: {
            name: spread(value, tensors[number])
            if getattr(value, "shape", None) == tensors[number].shape and value.dim()
            else value
            for name, value in entry.items()
        }
        for number, entry in state["state"].items()
    }
    return {**state, "state": own}
