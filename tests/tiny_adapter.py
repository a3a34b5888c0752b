"""A random adapter over a tiny checkpoint, as peft saves it."""

from pathlib import Path
from typing import Any

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def tiny_adapter(base: Path, folder: Path, *, seed: int = 1, grid: bool = False, **changes: Any) -> Path:
    """Save a LoRA adapter whose matrices are both random, so that it changes every answer.

    On a `grid` they are eighths, zero or one up to the sign: sums with other multiples of 1/64 are exact.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    from export.checkpoint import load_student

    torch.manual_seed(seed)
    settings = {"r": 4, "lora_alpha": 8, "target_modules": list(TARGETS), "task_type": "CAUSAL_LM", **changes}
    model = get_peft_model(load_student(base), LoraConfig(**settings))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.2)
            if "lora_" in name and grid:
                weight.mul_(8).round_().clamp_(-1, 1).div_(8)
    model.save_pretrained(folder)
    return folder
