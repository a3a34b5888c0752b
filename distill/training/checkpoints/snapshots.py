"""Snapshots: the trained weights after some steps, in float32, to be measured, averaged, and the best of them kept."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.values.files import whole_file

if TYPE_CHECKING:
    from torch import Tensor

SNAPSHOT_FOLDER = "snapshots"
# The state that a run goes on from, beside them.
STATE_FILE = "state.pt"


class Snapshots:
    """The snapshots of a run on disk: the trained weights in the order that the student has them, by step."""

    def __init__(self, out: Path) -> None:
        self._folder = out / SNAPSHOT_FOLDER

    def steps(self) -> list[int]:
        """The steps that have one, in order."""
        return sorted(int(path.stem) for path in self._folder.glob("*.safetensors"))

    def save(self, step: int, values: Sequence["Tensor"]) -> None:
        """Write one, whole or not at all."""
        from safetensors.torch import save_file

        named = {f"{index:05}": value.cpu().contiguous() for index, value in enumerate(values)}
        with whole_file(self._path(step)) as partial:
            save_file(named, partial)

    def load(self, step: int) -> list["Tensor"]:
        """The weights of one."""
        return list(self._read(step))

    def mean(self, steps: Sequence[int]) -> list["Tensor"]:
        """The uniform mean of several (Izmailov et al., arXiv 1803.05407), read one after the other."""
        total = self.load(steps[0])
        for step in steps[1:]:
            for value, other in zip(total, self._read(step), strict=True):
                value.add_(other)
        return [value.div_(len(steps)) for value in total]

    def keep(self, steps: Collection[int]) -> None:
        """Remove all but these."""
        for step in self.steps():
            if step not in steps:
                self._path(step).unlink()

    def _read(self, step: int) -> Iterator["Tensor"]:
        from safetensors import safe_open

        with safe_open(self._path(step), framework="pt") as file:
            for name in sorted(file.keys()):
                yield file.get_tensor(name)

    def _path(self, step: int) -> Path:
        return self._folder / f"{step:08}.safetensors"


class MovingAverage:
    """An exponential moving average of the trained weights, in float32, moved once a step.

    Early on it keeps less of itself ((1 + steps) / (10 + steps), as TensorFlow's does), so that the start is forgotten.
    """

    def __init__(self, tensors: Sequence["Tensor"], decay: float) -> None:
        self.values = [tensor.detach().clone() for tensor in tensors]
        self._decay = decay

    def move(self, tensors: Sequence["Tensor"], steps: int) -> None:
        """Move towards the weights after `steps` steps."""
        import torch

        decay = min(self._decay, (1 + steps) / (10 + steps))
        torch._foreach_lerp_(self.values, [tensor.detach() for tensor in tensors], 1 - decay)
