"""Weights that a student computes with as its artifact will hold them, while masters or adapters learn behind them.

The gradient of what was rounded is taken for that of what it was rounded from (the straight-through estimator, arXiv
1308.3432; for whole language models LLM-QAT, 2305.17888). What is rounded is what the checkpoint will hold, in
bfloat16. Adapters need no kernel of their own: the frozen weight becomes Q(W + s B A) - s B A, to which the usual
forward pass adds s B A, so the student computes with Q(W + s B A), and the usual gradients of A and B are those.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import Linear

from distill.training.kernels.rounding import BLOCK, round_q4_0_
from distill.training.kernels.workspace import Workspace
from distill.training.student import Masters, lora_layers, without_adapters
from export.gguf.gguf_file import has_nearly_tied_head
from export.gguf.quantize import HEAD_TYPES
from export.gguf.stored import as_stored
from runtime.values.errors import InputError

Q4_0 = 2  # `ggml_type`


class QuantizedWeights:
    """The matrices of a student's blocks, rounded anew from what learns whenever that has moved."""

    def __init__(self, model: Any, masters: Masters) -> None:
        """Raises InputError for rows that no block of the type fits."""
        self._memory = Workspace()
        self._layers = tuple(_layers(model, masters))
        self.refresh()

    def refresh(self) -> None:
        """Round everything that can have moved."""
        with torch.no_grad():
            for layer in self._layers:
                layer.round(self._memory)


def round_head(model: Any, base: Path, quantization: str) -> None:
    """Give head and embedding, which stay as they are, the values that an artifact of `base` has.

    Two that are roundings of one matrix become one there (`has_nearly_tied_head`), and so they do here.
    """
    causal = without_adapters(model)
    head, embedding = causal.get_output_embeddings().weight, causal.get_input_embeddings().weight
    kind = HEAD_TYPES[quantization]
    rounded = _as_stored(head, kind)
    shared = embedding is head or has_nearly_tied_head(base)
    with torch.no_grad():
        embedding.copy_(rounded if shared else _as_stored(embedding, kind))
        head.copy_(rounded)


def _as_stored(weight: Tensor, kind: int) -> Tensor:
    return torch.from_numpy(as_stored(weight.detach().bfloat16().float().numpy(), kind))


class _Layer(Protocol):
    """A matrix that is rounded."""

    def round(self, memory: Workspace) -> None:
        """Round it from what it stands for."""
        ...


@dataclass(frozen=True, slots=True)
class _Trained:
    """A weight and its master."""

    weight: Tensor
    master: Tensor

    def round(self, memory: Workspace) -> None:
        self.weight.detach().copy_(_rounded(self.master.detach(), memory))


@dataclass(frozen=True, slots=True)
class _Adapted:
    """A frozen weight and what it was (output, input); A (rank, input), B (output, rank) and their scale."""

    weight: Tensor
    before: Tensor
    down: Tensor
    up: Tensor
    scale: float

    def round(self, memory: Workspace) -> None:
        # As merging does it, so that what is rounded is what will be merged.
        merged = self._merged(self.down.bfloat16(), self.up.bfloat16(), "merged", memory)
        exact = self.down.dtype == torch.bfloat16
        moved = merged if exact else self._merged(self.down, self.up, "moved", memory)
        rounded = _rounded(merged, memory)
        self.weight.detach().copy_(rounded.sub_(moved.sub_(self.before)))

    def _merged(self, down: Tensor, up: Tensor, name: str, memory: Workspace) -> Tensor:
        like = self.before.new_empty(0, dtype=torch.float32)
        place = memory.take(name, like, *self.before.shape)
        return place.copy_(self.before).addmm_(up.float(), down.float(), alpha=self.scale)


def _layers(model: Any, masters: Masters) -> Iterator[_Layer]:
    adapted = dict(lora_layers(model))
    copies = {id(weight): copy for weight, copy in zip(masters.weights, masters.copies, strict=True)}
    for name, layer in _linear_layers(model):
        weight = layer.weight
        if weight.shape[1] % BLOCK:
            raise InputError(
                f"train.quantization with {name}, whose rows are {weight.shape[1]} long; expected: multiples of {BLOCK}"
            )
        if name in adapted:
            lora = adapted[name]
            down, up = (side["default"].weight.detach() for side in (lora.lora_A, lora.lora_B))
            before = weight.detach().clone()
            yield _Adapted(weight, before, down, up, float(lora.scaling["default"]))
        else:
            # A frozen one is its own master, before it is rounded.
            yield _Trained(weight, copies.get(id(weight), weight.detach().clone()))


def _linear_layers(model: Any) -> Iterator[tuple[str, Any]]:
    """The linear layers of the blocks by their names in the base, without adapters' own."""
    for name, module in without_adapters(model).named_modules():
        if ".layers." in f".{name}" and isinstance(module, Linear) and ".lora_" not in name:
            yield name.removesuffix(".base_layer"), module


def _rounded(values: Tensor, memory: Workspace) -> Tensor:
    """A matrix as bfloat16 holds it, then rounded; the result is written over by the next one."""
    half = memory.take("half", values.new_empty(0, dtype=torch.bfloat16), *values.shape).copy_(values)
    place = memory.take("rounded", values.new_empty(0, dtype=torch.float32), *values.shape).copy_(half)
    if place.device.type == "cpu":
        # Three times as quick as torch's passes, and no wait for another thread in each of them.
        as_stored(place.numpy(), Q4_0, out=place.numpy())
    else:
        round_q4_0_(place.view(-1, BLOCK))
    return place
