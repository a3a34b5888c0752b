"""One trainer in a process of its own, for `scripts.speed.training_speed`: it trains a round whenever it is told to.

Everybody gets the same steps of the same examples, of nearly equal length within a step, and float32 masters. TRL and
transformers get the settings that are fastest on a CPU: autocast where the type is bfloat16, no gradient checkpointing,
fused AdamW, loss on the completion only, under LoRA a frozen base in that type already.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from distill.training.examples import plan_steps
from export.bases.base import base_checkpoint
from runtime.values.errors import MissingExtra
from scripts.speed.training_rounds import BASE, Rounds, Task, read_task

CLIP_NORM = 1.0


def ours(task: Task, rounds: Rounds, *, packed: bool = True) -> None:
    """Our loop, packed or through the model's own forward pass."""
    import torch

    from distill.training.batches import prefix_groups
    from distill.training.distributed.processes import open_distributed
    from distill.training.losses.objective import Objective
    from distill.training.state import open_train_state

    distributed = open_distributed()
    train_state = open_train_state(
        base_checkpoint(BASE), task.settings, distributed, getattr(torch, task.compute)
    )
    if not packed:
        train_state = replace(train_state, decoder=None)
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


def own_forward(task: Task, rounds: Rounds) -> None:
    """Our loop as it is for families that the packed way cannot take."""
    ours(task, rounds, packed=False)


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
        processing_class=AutoTokenizer.from_pretrained(base_checkpoint(BASE)),
        callbacks=[_caller(rounds, len(task.steps))],
    ).train()


CONTENDERS: dict[str, Callable[[Task, Rounds], None]] = {
    "ours": ours,
    "own_forward": own_forward,
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
        base_checkpoint(BASE), dtype=torch.float32 if full else getattr(torch, task.compute)
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
    """Be the contender of the first argument on the task that the first line of standard input tells."""
    import torch

    task = read_task(sys.stdin.readline())
    torch.set_num_threads(task.threads)
    CONTENDERS[sys.argv[1]](task, Rounds(task.compute))


if __name__ == "__main__":
    main()
