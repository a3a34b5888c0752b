"""Memory that a pass over a student writes into, and the next pass again.

A tensor of some megabytes comes as pages that the system must clear first: on a CPU that is a tenth of a product's
time. What a pass keeps for its way back has a place of its own in every block; what is soon over shares one.
"""

import math
from collections.abc import Hashable

from torch import Tensor


class Workspace:
    """Tensors by name, each as large as the largest that was asked for under its name."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, Tensor] = {}

    def take(self, name: Hashable, like: Tensor, *sizes: int) -> Tensor:
        """A contiguous tensor of these sizes, like `like` otherwise, its values left from whoever had it last."""
        count = math.prod(sizes)
        part = self._parts.get(name)
        if part is None or part.numel() < count or part.dtype != like.dtype:
            # The old one is freed before the new one is made.
            self._parts.pop(name, None)
            part = self._parts[name] = like.new_empty(count)
        return part[:count].view(sizes)


class Workspaces:
    """Lends a workspace to each pass that has begun; one that was given back is lent again."""

    def __init__(self) -> None:
        self._free: list[Workspace] = []

    def lend(self) -> Workspace:
        """One that no other pass has."""
        return self._free.pop() if self._free else Workspace()

    def give_back(self, workspace: Workspace) -> None:
        """Its tensors may be written over."""
        self._free.append(workspace)
