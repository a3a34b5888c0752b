"""Linear layers that read the same input, as one product: queries, keys and values; gate and up.

Fewer and larger products keep a CPU nearer to its peak. The joined weight is the storage of the layers' own
parameters, so nothing is copied in a step, and saving and merging see an ordinary model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from distill.training.kernels.gradients import Gradient, gradient_of


@dataclass(frozen=True, slots=True)
class Adapter:
    """One layer's LoRA (arXiv 2106.09685): its output columns, its columns among the joined inner ones, its B."""

    columns: slice
    inner: slice
    up: Tensor
    gradient: Gradient


@dataclass(frozen=True, slots=True)
class Gradients:
    """Those of a product's weight, bias and joined A; None where it has none or it is not trained."""

    weight: Gradient | None = None
    bias: Gradient | None = None
    down: Gradient | None = None


@dataclass(frozen=True, slots=True)
class FusedLinear:
    """`weight` (output, input) and `bias` (output) of joined layers.

    Where layers have adapters, the weight is frozen; `down` (inner, input) are their A, joined, and `scale` is what
    B(A x) is multiplied by. `trained` are the parameters; `gradients` those of weight, bias and `down`, as trained.
    """

    weight: Tensor
    bias: Tensor | None
    trained: tuple[Tensor, ...]
    gradients: Gradients
    down: Tensor | None = None
    adapters: tuple[Adapter, ...] = ()
    scale: float = 1.0

    def forward(self, rows: Tensor, out: Tensor, onto: Tensor | None = None) -> Tensor | None:
        """Write outputs (row, output) to `out`, added to `onto` where given; gives adapters' inner values."""
        if onto is not None:
            torch.addmm(onto, rows, self.weight.t(), out=out)
        elif self.bias is not None:
            torch.addmm(self.bias, rows, self.weight.t(), out=out)
        else:
            torch.mm(rows, self.weight.t(), out=out)
        if self.down is None:
            return None
        inner = torch.mm(rows, self.down.t()).mul_(self.scale)
        for adapter in self.adapters:
            out[:, adapter.columns].addmm_(inner[:, adapter.inner], adapter.up.t())
        return inner

    def backward(self, grad: Tensor, rows: Tensor, inner: Tensor | None, out: Tensor) -> None:
        """Write the input rows' gradient to `out` and add those of `trained`, from the outputs' (row, output)."""
        torch.mm(grad, self.weight, out=out)
        if self.gradients.weight:
            self.gradients.weight.add_product(grad.t(), rows)
        if self.gradients.bias:
            self.gradients.bias.add(grad.sum(0, dtype=torch.float32))
        if self.down is None or inner is None:
            return
        grad_inner = torch.empty_like(inner)
        for adapter in self.adapters:
            part = grad[:, adapter.columns]
            grad_inner[:, adapter.inner] = torch.mm(part, adapter.up)
            adapter.gradient.add_product(part.t(), inner[:, adapter.inner])
        grad_inner.mul_(self.scale)
        out.addmm_(grad_inner, self.down)
        if self.gradients.down:
            self.gradients.down.add_product(grad_inner.t(), rows)


def joined(layers: Sequence[Any]) -> FusedLinear:
    """Make one product of linear layers, plain or wrapped by peft; their parameters become parts of its storage."""
    bases = [getattr(layer, "base_layer", layer) for layer in layers]
    weights = [base.weight for base in bases]
    biases = [base.bias for base in bases if base.bias is not None]
    weight, bias = _share(weights), _share(biases) if biases else None
    if not any(hasattr(layer, "lora_A") for layer in layers):
        own = tuple(part for part in (*weights, *biases) if part.requires_grad)
        return FusedLinear(weight, bias, own, Gradients(gradient_of(weights), gradient_of(biases)))
    wrapped = [layer for layer in layers if hasattr(layer, "lora_A")]
    downs = [layer.lora_A["default"].weight for layer in wrapped]
    adapters = tuple(_adapters(layers))
    trained = (*downs, *(adapter.up for adapter in adapters))
    gradients = Gradients(down=gradient_of(downs))
    scale = float(wrapped[0].scaling["default"])
    return FusedLinear(weight, bias, trained, gradients, _share(downs), adapters, scale)


def _adapters(layers: Sequence[Any]) -> Iterator[Adapter]:
    begin, inner = 0, 0
    for layer in layers:
        end = begin + layer.out_features
        if hasattr(layer, "lora_A"):
            up = layer.lora_B["default"].weight
            yield Adapter(slice(begin, end), slice(inner, inner + up.shape[1]), up, Gradient([up]))
            inner += up.shape[1]
        begin = end


def _share(parts: Sequence[Tensor]) -> Tensor:
    """Join tensors along their first dimension; they become views of the result."""
    if len(parts) == 1:
        return parts[0].data
    whole = torch.cat([part.data for part in parts])
    views = torch.split(whole, [part.shape[0] for part in parts])
    for part, view in zip(parts, views, strict=True):
        part.data = view
    return whole
