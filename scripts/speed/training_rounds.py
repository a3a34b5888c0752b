"""What contenders of `scripts.speed.training_speed` train, and how a round of it is started, timed and told."""

import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from distill.training.examples import Example
from distill.training.settings import ComputeType, TrainSettings

BASE = "smollm2-135m"
# What a line of results starts with; libraries print into the same stream.
MARK = "ROUND "


@dataclass(frozen=True, slots=True)
class Task:
    """What a contender trains: steps of examples, the method, and how much it takes at once.

    `micro` counts examples for TRL and transformers, tokens for us. All compute in `compute`.
    """

    method: str
    rate: float
    rank: int
    threads: int
    micro: int
    compute: ComputeType
    steps: tuple[tuple[Example, ...], ...]

    @property
    def settings(self) -> TrainSettings:
        """The same for our own loop."""
        return TrainSettings(
            base=BASE,
            method=self.method,
            learning_rate=self.rate,
            rank=self.rank,
            threads=self.threads,
            compute=self.compute,
            max_tokens_per_batch=self.micro,
            batch_size=len(self.steps[0]),
        )


@dataclass(frozen=True, slots=True)
class Round:
    """A pass over the steps: seconds by the clock and of processor time, loss of each step, what the machine gave.

    `peak` is the best rate of products in the task's type just before, in floating-point operations a second of each
    clock.
    """

    seconds: float
    processor_s: float
    losses: tuple[float, ...]
    memory_mb: int
    peak: float
    processor_peak: float


@dataclass(slots=True)
class Rounds:
    """Waits for the word on standard input, and times what follows."""

    compute: ComputeType
    _began: tuple[float, float] = (0.0, 0.0)
    _peaks: tuple[float, float] = (0.0, 0.0)
    _losses: list[float] = field(default_factory=list)

    def begin(self) -> bool:
        """Wait for a line; False when there will be none."""
        if not sys.stdin.readline():
            return False
        self._peaks = product_peaks(self.compute)
        self._losses = []
        self._began = time.perf_counter(), time.process_time()
        return True

    def add(self, loss: float) -> None:
        """Note a step's loss."""
        self._losses.append(loss)

    def end(self) -> None:
        """Tell what the round took."""
        seconds, processor = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        row = Round(seconds, processor, tuple(self._losses), memory, *self._peaks)
        print(MARK + json.dumps(asdict(row)), flush=True)


def product_peaks(
    compute: ComputeType, sizes: Sequence[int] = (1024, 2048), repeats: int = 4
) -> tuple[float, float]:
    """The best of square products, in floating-point operations a second: by the clock, by processor time."""
    import torch

    best = [0.0, 0.0]
    for size in sizes:
        left, right = (torch.randn(size, size).to(getattr(torch, compute)) for _ in range(2))
        for _ in range(repeats):
            began = time.perf_counter(), time.process_time()
            torch.mm(left, right.t())
            spent = time.perf_counter() - began[0], time.process_time() - began[1]
            best = [
                max(rate, 2 * size**3 / max(seconds, 1e-9)) for rate, seconds in zip(best, spent, strict=True)
            ]
    return best[0], best[1]


def read_task(text: str) -> Task:
    """A task from the JSON of its fields."""
    row = json.loads(text)
    steps = tuple(tuple(Example(tuple(ids), start) for ids, start in step) for step in row.pop("steps"))
    return Task(**row, steps=steps)


def write_task(task: Task) -> str:
    """The JSON that `read_task` reads."""
    steps = [[(example.ids, example.prompt_len) for example in step] for step in task.steps]
    return json.dumps(
        {
            **{
                name: getattr(task, name)
                for name in ("method", "rate", "rank", "threads", "micro", "compute")
            },
            "steps": steps,
        }
    )
