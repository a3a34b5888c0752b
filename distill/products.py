"""Linear layers that read the same input, as one product: queries, keys and values; gate and up.

Fewer and larger products keep a CPU nearer to its peak. The joined weight is the storage of the layers' own
parameters, so nothing is copied in a step, and saving and merging see an ordinary model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Adapter:
    """One layer's LoRA (arXiv 2106.09685): its output columns, its columns among the joined inner ones, its B."""

    columns: slice
    inner: slice
    up: Tensor


@dataclass(frozen=True, slots=True)
class Product:
    """`weight` (output, input) and `bias` (output) of joined layers, whose own parts have `sizes` outputs.

    Where layers have adapters, the weight is frozen; `down` (inner, input) are their A, joined, and `scale` is what
    B(A x) is multiplied by. `trained` are the parameters in the order in which `backward` gives their gradients.
    """

    weight: Tensor
    bias: Tensor | None
    sizes: tuple[int, ...]
    trained: tuple[Tensor, ...]
    down: Tensor | None = None
    adapters: tuple[Adapter, ...] = ()
    scale: float = 1.0

    def forward(self, rows: Tensor, onto: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Outputs (row, output), added to `onto` where given, and the adapters' inner values (row, inner)."""
        if onto is not None:
            out = torch.addmm(onto, rows, self.weight.t())
        elif self.bias is not None:
            out = torch.addmm(self.bias, rows, self.weight.t())
        else:
            out = torch.mm(rows, self.weight.t())
        if self.down is None:
            return out, None
        inner = torch.mm(rows, self.down.t()).mul_(self.scale)
        for adapter in self.adapters:
            out[:, adapter.columns].addmm_(inner[:, adapter.inner], adapter.up.t())
        return out, inner

    def backward(self, grad: Tensor, rows: Tensor, inner: Tensor | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Gradients of the input rows and of `trained`, from the outputs' gradient (row, output)."""
        grad_rows = torch.mm(grad, self.weight)
        if self.down is None or inner is None:
            return grad_rows, self._own_gradients(grad, rows)
        grad_inner = torch.empty_like(inner)
        ups = []
        for adapter in self.adapters:
            part = grad[:, adapter.columns]
            grad_inner[:, adapter.inner] = torch.mm(part, adapter.up)
            ups.append(torch.mm(part.t(), inner[:, adapter.inner]))
        grad_inner.mul_(self.scale)
        grad_rows.addmm_(grad_inner, self.down)
        downs = torch.mm(grad_inner.t(), rows)
        return grad_rows, (*(downs[adapter.inner] for adapter in self.adapters), *ups)

    def _own_gradients(self, grad: Tensor, rows: Tensor) -> tuple[Tensor, ...]:
        if not self.trained:
            return ()
        weights = torch.split(torch.mm(grad.t(), rows), list(self.sizes))
        if self.bias is None:
            return weights
        bias = grad.sum(0, dtype=torch.float32).to(grad.dtype)
        return (*weights, *torch.split(bias, list(self.sizes)))


def joined(layers: Sequence[Any]) -> Product:
    """Make one product of linear layers, plain or wrapped by peft; their parameters become parts of its storage."""
    bases = [getattr(layer, "base_layer", layer) for layer in layers]
    weight = _share([base.weight for base in bases])
    bias = None if bases[0].bias is None else _share([base.bias for base in bases])
    sizes = tuple(base.weight.shape[0] for base in bases)
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    wrapped = [
        (layer, slice(end - size, end))
        for layer, size, end in zip(layers, sizes, ends, strict=True)
        if hasattr(layer, "lora_A")
    ]
    if not wrapped:
        own = [base.weight for base in bases] + [base.bias for base in bases if bias is not None]
        return Product(weight, bias, sizes, tuple(part for part in own if part.requires_grad))
    ups = [layer.lora_B["default"].weight for layer, _ in wrapped]
    downs = [layer.lora_A["default"].weight for layer, _ in wrapped]
    rank = ups[0].shape[1]
    adapters = tuple(
        Adapter(columns, slice(number * rank, (number + 1) * rank), up)
        for number, ((_, columns), up) in enumerate(zip(wrapped, ups, strict=True))
    )
    scale = float(wrapped[0][0].scaling["default"])
    return Product(weight, bias, sizes, (*downs, *ups), _share(downs), adapters, scale)


def _share(parts: Sequence[Tensor]) -> Tensor:
    """Join tensors along their first dimension; they become views of the result."""
    if len(parts) == 1:
        return parts[0].data
    whole = torch.cat([part.data for part in parts])
    views = torch.split(whole, [part.shape[0] for part in parts])
    for part, view in zip(parts, views, strict=True):
        part.data = view
    return whole
