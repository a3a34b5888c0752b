"""One trainer in a process of its own, for `scripts.speed.training_speed`: it trains a round whenever it is told to.

Everybody gets the same steps of the same examples, of nearly equal length within a step, and float32 masters. TRL and
transformers get the settings that are fastest on a CPU: autocast where the type is bfloat16, no gradient checkpointing,
fused AdamW, loss on the completion only, under LoRA a frozen base in that type already.
"""

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from distill.training.examples import Example, plan_steps
from distill.training.settings import ComputeType, TrainSettings
from export.bases.base import base_checkpoint
from runtime.values.errors import MissingExtra
from scripts.speed.harness import Channel

CLIP_NORM = 1.0
# What a round can be measured by.
CLOCKS = {"seconds": time.perf_counter, "processor_s": time.process_time}


@dataclass(frozen=True, slots=True)
class Task:
    """What a contender trains: which base, on what steps of examples, by what method, and how much it takes at once.

    `micro` counts examples for TRL and transformers, tokens for us. All compute in `compute`.
    """

    base: str
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
            base=self.base,
            method=self.method,
            learning_rate=self.rate,
            rank=self.rank,
            threads=self.threads,
            compute=self.compute,
            max_tokens_per_batch=self.micro,
            batch_size=len(self.steps[0]),
        )


def read_task(row: Mapping[str, Any]) -> Task:
    """A task from its fields as they come through JSON."""
    steps = (
        tuple(Example(tuple(example["ids"]), example["prompt_len"]) for example in step)
        for step in row["steps"]
    )
    return Task(**{**row, "steps": tuple(steps)})


@dataclass(slots=True)
class Rounds:
    """Waits for the word to begin, and times what follows: a pass over the steps, and the loss of each."""

    compute: ComputeType
    channel: Channel
    _began: dict[str, float] = field(default_factory=dict)
    _peaks: dict[str, float] = field(default_factory=dict)
    _losses: list[float] = field(default_factory=list)

    def begin(self) -> bool:
        """Wait; False when there will be none."""
        if self.channel.receive() is None:
            return False
        self._peaks = product_peaks(self.compute)
        self._losses = []
        self._began = read_clocks()
        return True

    def add(self, loss: float) -> None:
        """Note a step's loss."""
        self._losses.append(loss)

    def end(self) -> None:
        """Tell what the round took by each clock, and the rate of products that the machine gave just before."""
        spent = {name: now - self._began[name] for name, now in read_clocks().items()}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        self.channel.send({**spent, "losses": self._losses, "memory_mb": memory, "peaks": self._peaks})


def read_clocks() -> dict[str, float]:
    """What each clock says."""
    return {name: clock() for name, clock in CLOCKS.items()}


def product_peaks(
    compute: ComputeType, sizes: Sequence[int] = (1024, 2048), repeats: int = 4
) -> dict[str, float]:
    """The best of square products in this type, in floating-point operations a second of each clock."""
    import torch

    best = dict.fromkeys(CLOCKS, 0.0)
    for size in sizes:
        left, right = (torch.randn(size, size).to(getattr(torch, compute)) for _ in range(2))
        for _ in range(repeats):
            began = read_clocks()
            torch.mm(left, right.t())
            ended = read_clocks()
            for name in best:
                best[name] = max(best[name], 2 * size**3 / max(ended[name] - began[name], 1e-9))
    return best


def ours(task: Task, rounds: Rounds) -> None:
    """Our loop."""
    import torch

    from distill.training.batches import prefix_groups
    from distill.training.distributed.processes import open_distributed
    from distill.training.losses.objective import Objective
    from distill.training.state import open_train_state

    distributed = open_distributed()
    train_state = open_train_state(
        base_checkpoint(task.base), task.settings, distributed, getattr(torch, task.compute)
    )
    objective = Objective(task.settings, 0, distributed.device)
    plan = [
        plan_steps(
            [unit for _, unit in prefix_groups(step)],
            epochs=1,
            batch_size=len(step),
            max_tokens_per_batch=task.micro,
            seed=0,
        )[0]
        for step in task.steps
    ]
    while rounds.begin():
        for number, micros in enumerate(plan):
            rounds.add(train_state.step(number, micros, task.rate, objective, distributed, CLIP_NORM).loss)
        rounds.end()


def transformers_trainer(task: Task, rounds: Rounds) -> None:
    """transformers.Trainer."""
    from transformers import Trainer, TrainingArguments

    _in_order(Trainer)(
        model=_model(task),
        args=TrainingArguments(**_arguments(task)),
        train_dataset=_rows(task),
        data_collator=_padded,
        callbacks=[_caller(rounds, len(task.steps))],
    ).train()


def trl_trainer(task: Task, rounds: Rounds) -> None:
    """TRL's SFTTrainer; raises MissingExtra where TRL is not installed."""
    try:
        from datasets import Dataset
        from trl import SFTConfig, SFTTrainer
    except ImportError as error:
        raise MissingExtra("comparing with TRL needs it: pip install trl datasets") from error
    from transformers import AutoTokenizer

    _in_order(SFTTrainer)(
        model=_model(task),
        args=SFTConfig(
            **_arguments(task),
            max_length=None,
            packing=False,
            dataset_kwargs={"skip_prepare_dataset": True},
        ),
        train_dataset=Dataset.from_list(_rows(task)),
        processing_class=AutoTokenizer.from_pretrained(base_checkpoint(task.base)),
        callbacks=[_caller(rounds, len(task.steps))],
    ).train()


CONTENDERS: dict[str, Callable[[Task, Rounds], None]] = {
    "ours": ours,
    "trainer": transformers_trainer,
    "trl": trl_trainer,
}


def _model(task: Task) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from distill.training.student import LORA_TARGETS

    full = task.method == "full"
    model = AutoModelForCausalLM.from_pretrained(
        base_checkpoint(task.base), dtype=torch.float32 if full else getattr(torch, task.compute)
    )
    model.config.use_cache = False
    if full:
        return model
    torch.manual_seed(0)
    return get_peft_model(
        model, LoraConfig(r=task.rank, lora_alpha=2 * task.rank, target_modules=LORA_TARGETS)
    )


def _arguments(task: Task) -> dict[str, Any]:
    return {
        "output_dir": str(Path(gettempdir(), "edgethought-training-speed")),
        "use_cpu": True,
        "bf16": task.compute == "bfloat16",
        "gradient_checkpointing": False,
        "per_device_train_batch_size": task.micro,
        "gradient_accumulation_steps": len(task.steps[0]) // task.micro,
        "learning_rate": task.rate,
        "lr_scheduler_type": "constant",
        "weight_decay": 0.0,
        "adam_beta2": 0.99,
        "max_grad_norm": CLIP_NORM,
        "optim": "adamw_torch_fused",
        "num_train_epochs": 10_000,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "remove_unused_columns": False,
    }


def _rows(task: Task) -> list[dict[str, list[int]]]:
    """The examples of all steps in order; within a step by length, so that a micro-batch has little padding."""
    return [
        {
            "input_ids": list(example.ids),
            "labels": [-100] * example.prompt_len + list(example.ids[example.prompt_len :]),
        }
        for step in task.steps
        for example in sorted(step, key=lambda example: len(example.ids))
    ]


def _padded(rows: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    import torch

    width = max(len(row["input_ids"]) for row in rows)

    def filled(name: str, value: int) -> Any:
        return torch.tensor([[*row[name], *[value] * (width - len(row[name]))] for row in rows])

    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (width - len(row["input_ids"])) for row in rows])
    return {"input_ids": filled("input_ids", 0), "labels": filled("labels", -100), "attention_mask": mask}


def _in_order(trainer: Any) -> Any:
    """The same trainer, reading its examples in the order given."""

    class InOrder(trainer):  # type: ignore[misc]
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            from torch.utils.data import SequentialSampler

            return SequentialSampler(train_dataset if train_dataset is not None else self.train_dataset)

    return InOrder


def _caller(rounds: Rounds, steps: int) -> Any:
    """Starts and ends rounds between a trainer's steps."""
    from transformers import TrainerCallback

    class Caller(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if state.global_step % steps == 0 and not rounds.begin():
                # The measuring process has all that it wants.
                sys.exit(0)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
            if "loss" in logs:
                rounds.add(float(logs["loss"]))
                if state.global_step % steps == 0:
                    rounds.end()

    return Caller()


def main() -> None:
    """Be the contender of the first argument on the task that it is sent first."""
    import torch

    channel = Channel(sys.argv[1])
    row = channel.receive()
    assert row is not None
    task = read_task(row)
    torch.set_num_threads(task.threads)
    channel.send({})
    CONTENDERS[sys.argv[1]](task, Rounds(task.compute, channel))


if __name__ == "__main__":
    main()
