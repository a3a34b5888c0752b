"""A tiny run of training: problems, rationales and settings, also as a process of its own that can be killed.

`python -m tests.distill.training.learning BASE OUT SETTINGS [KILL_AT]` trains with SETTINGS (JSON) and kills itself with
SIGKILL once KILL_AT steps are done. With `"sharded": true` in SETTINGS its processes hold a part of every weight each.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from distill.training.settings import TrainSettings
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale

BLOCKS = ("LlamaDecoderLayer", "T5Block")
PROBLEMS = [
    (f"Tom has {a} pens and gets {b}. How many has he?", f"ans = {a} + {b}", str(a + b))
    for a in (2, 5)
    for b in (3, 4, 7)
]
RATIONALES = [
    Rationale(Problem(f"p{index}", question, answer), "eot" if index % 2 else "pot", text, "gold", True)
    for index, (question, text, answer) in enumerate(PROBLEMS)
]


class Killed(BaseException):
    """Stands for a kill in the middle of training: nobody may catch it."""


def settings(base: Path, **changes: Any) -> TrainSettings:
    values: dict[str, Any] = {
        "base": str(base),
        "epochs": 4,
        "batch_size": 4,
        "learning_rate": 5e-3,
        "rank": 4,
        "threads": 1,
        # What is fastest differs from machine to machine, and here from one moment to the next.
        "compute": "bfloat16",
    }
    return TrainSettings(**{**values, **changes})


def stop_at(step: int, how: Callable[[], None] | None = None) -> Callable[[int, int, str], None]:
    """A progress that ends training once `step` steps are done."""

    def progress(done: int, total: int, note: str) -> None:
        if done == step:
            if how is None:
                raise Killed
            how()

    return progress


def rows(out: Path, name: str = "metrics.jsonl") -> list[dict[str, Any]]:
    """The rows of a run's file, without what the clock said."""
    read = [json.loads(line) for line in (out / name).read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in read]


def losses(out: Path) -> list[float]:
    return [row["loss"] for row in rows(out)]


def weights(out: Path) -> dict[str, Any]:
    from export.checkpoint import load_student

    return dict(load_student(out / "checkpoint").state_dict())


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two students are equal bit for bit."""
    return first.keys() == second.keys() and all(bool((first[name] == second[name]).all()) for name in first)


class ShardingAccelerator:
    """An accelerator that shards with FSDP2 on CPUs, as accelerate itself does on GPUs alone."""

    is_fsdp2 = True

    def __init__(self, accelerator: Any) -> None:
        self._accelerator = accelerator
        self.distributed_type = SimpleNamespace(value="FSDP")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._accelerator, name)

    def prepare(self, model: Any, optimizer: Any) -> tuple[Any, Any]:
        from torch.distributed.fsdp import fully_shard

        for block in [module for module in model.modules() if type(module).__name__ in BLOCKS]:
            fully_shard(block)
        fully_shard(model)
        return model, optimizer


def main() -> None:
    from distill.training.distributed.processes import Distributed, open_distributed
    from distill.training.loop import train

    base, out, text, *kill = sys.argv[1:]
    at = int(kill[0]) if kill else -1
    changes = json.loads(text)
    distributed = open_distributed()
    if changes.pop("sharded", False):
        distributed = Distributed(ShardingAccelerator(distributed.accelerator))
    chosen = settings(Path(base), **changes)
    train(
        RATIONALES,
        chosen,
        Path(out),
        distributed=distributed,
        progress=stop_at(at, lambda: os.kill(os.getpid(), signal.SIGKILL)),
    )


if __name__ == "__main__":
    main()
