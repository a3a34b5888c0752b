"""One training run in one process or in many: who writes, who computes which micro-batch, and what they sum.

`accelerate launch` starts the processes. Two ways to share the work, by the launcher's own settings:

- every process holds the whole student (the usual way; students are small) and its gradients are summed once a step,
  in float32, so that a step means the same whatever the number of processes;
- FSDP2 shards the weights; gradients are then reduced by FSDP itself, micro-batch by micro-batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from runtime.values.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")
# While the main process has a snapshot answer dev problems, the others wait.
WAITING = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Share:
    """One micro-batch of a step for this process; `index` counts over all processes.

    `counted` is False for one that only keeps this process in step with the others.
    """

    index: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Distributed:
    """This process among those of its run. Where there is one, nothing here costs anything."""

    accelerator: Any

    @property
    def main(self) -> bool:
        """Whether this process writes: exactly one does."""
        return bool(self.accelerator.is_main_process)

    @property
    def rank(self) -> int:
        """This process's number."""
        return int(self.accelerator.process_index)

    @property
    def count(self) -> int:
        """How many processes there are."""
        return int(self.accelerator.num_processes)

    @property
    def device(self) -> Any:
        """Where this process computes."""
        return self.accelerator.device

    @property
    def sharded(self) -> bool:
        """Whether no process holds the whole student (FSDP)."""
        return str(getattr(self.accelerator.distributed_type, "value", "")) == "FSDP"

    def shares(self, micros: int) -> Iterator[Share]:
        """Which of a step's micro-batches are this process's: every `count`-th, so that lengths are spread evenly.

        With a sharded student every forward pass is everybody's, so all get equally many; the last is repeated,
        uncounted, where there are too few.
        """
        yield from (Share(index, True) for index in range(self.rank, micros, self.count))
        if self.sharded and self.rank >= micros % self.count > 0:
            yield Share(micros - 1, False)

    def all_reduce_sum(self, value: float) -> float:
        """A number's sum over all processes, in double precision."""
        if self.count == 1:
            return value
        import torch

        number = torch.tensor(value, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(number)
        return float(number)

    def all_reduce_gradients(self, copies: Sequence["Tensor"]) -> None:
        """Sum the gradients of these tensors over all processes; FSDP has done it already for a sharded student.

        A process that had no micro-batch has no gradient: nothing, which is what it adds.
        """
        if self.count == 1 or self.sharded:
            return
        import torch

        for copy in copies:
            if copy.grad is None:
                copy.grad = torch.zeros_like(copy)
            torch.distributed.all_reduce(copy.grad)

    def broadcast(self, value: T) -> T:
        """The main process's value, in every process."""
        if self.count == 1:
            return value
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]  # type: ignore[no-any-return]

    def wait(self) -> None:
        """Go on when every process is here."""
        self.accelerator.wait_for_everyone()


def open_distributed() -> Distributed:
    """This run's processes, as `accelerate launch` or torchrun started them; one, on one device, without.

    Raises InputError for FSDP's first version, whose flattened weights our float32 masters cannot follow.
    """
    import torch
    from accelerate import Accelerator, InitProcessGroupKwargs

    patience = InitProcessGroupKwargs(timeout=WAITING)
    distributed = Distributed(Accelerator(cpu=not torch.cuda.is_available(), kwargs_handlers=[patience]))
    if distributed.sharded and not distributed.accelerator.is_fsdp2:
        raise InputError("FSDP version 1; expected: accelerate launch --use_fsdp --fsdp_version 2")
    return distributed
