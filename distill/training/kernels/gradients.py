"""Where a trained weight's gradient is written: the same memory in every step, and straight from the product.

The framework would make a new tensor a micro-batch and add it to the last one. Here the product itself adds, before
it rounds. Parameters find their gradients in `.grad` as ever; whoever sets that to None begins a new sum.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


class Gradient:
    """The gradient of parameters that are one weight, joined along their first dimension; they share its memory.

    A gradient that is still wanted after `.grad` was set to None must be copied: the next step writes over it.
    """

    def __init__(self, parts: Sequence[Tensor]) -> None:
        self._parts = tuple(parts)
        self._whole: Tensor | None = None

    def add_product(self, left: Tensor, right: Tensor) -> None:
        """Add the product of (output, row) and (row, input)."""
        whole, begun = self._open()
        if begun:
            whole.addmm_(left, right)
        else:
            torch.mm(left, right, out=whole)

    def add(self, value: Tensor) -> None:
        """Add a tensor of the weight's own shape."""
        whole, begun = self._open()
        if begun:
            whole += value
        else:
            whole.copy_(value)

    def add_rows(self, numbers: Tensor, rows: Tensor) -> None:
        """Add `rows` (count, width) to the weight's rows of these numbers (count), each of which may come often."""
        whole, begun = self._open()
        if not begun:
            whole.zero_()
        which, place = torch.unique(numbers, return_inverse=True)
        sums = whole.index_select(0, which).float().index_add_(0, place, rows.float())
        whole.index_copy_(0, which, sums.to(whole.dtype))

    def _open(self) -> tuple[Tensor, bool]:
        """The memory, and whether this step has written to it already."""
        first = self._parts[0]
        begun = first.grad is not None
        if self._whole is None:
            self._whole = first.new_empty(sum(part.shape[0] for part in self._parts), *first.shape[1:])
        places = torch.split(self._whole, [part.shape[0] for part in self._parts])
        for part, place in zip(self._parts, places, strict=True):
            if part.grad is None or part.grad.data_ptr() != place.data_ptr():
                if part.grad is not None:
                    # Another way to the same weight was first: the framework's own.
                    place.copy_(part.grad)
                part.grad = place
        return self._whole, begun


def gradient_of(parts: Sequence[Tensor]) -> Gradient | None:
    """Where parts of one weight have their gradient; None where there are none or they are not trained."""
    return Gradient(parts) if parts and parts[0].requires_grad else None
