"""Settings of training: each declared once, with its default, its unit and why."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TrainSettings(BaseModel):
    """How a student is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field("smollm2-135m", description="base model's name, or a checkpoint folder")
    method: Literal["lora", "full"] = Field(
        "lora", description="low-rank adapters, merged at the end, or all weights"
    )
    rank: int = Field(32, ge=1, le=512, description="LoRA rank; alpha is twice the rank")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="peak; about 1e-3 for lora, 3e-4 for full")
    weight_decay: float = Field(0.0, ge=0, le=1, description="decoupled, on every trained weight")
    epochs: int = Field(2, ge=1, le=100, description="passes over the rationales")
    batch_examples: int = Field(16, ge=1, le=4096, description="examples an optimiser step")
    micro_tokens: int = Field(
        1024, ge=64, le=65536, description="padded tokens a forward pass; larger leaves the cache"
    )
    max_example_tokens: int = Field(
        512, ge=32, le=8192, description="longer examples are left out, and counted"
    )
    warmup_fraction: float = Field(0.06, ge=0, le=1, description="share of steps in which the rate rises")
    clip_norm: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")
    checkpoint_s: float = Field(120.0, gt=0, description="seconds between resumable states on disk")
    seed: int = Field(0, description="data order and adapter initialisation")
    threads: int = Field(0, ge=0, description="CPU threads; 0 is one a physical core")
