"""Settings of training and of stored rationales: each declared once, with its default, its unit and why."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from runtime.prompt import Thought


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


class ReplaySettings(BaseModel):
    """How stored rationales spell what we need: names of fields, and what to take where no field says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field("question", description="field of the question")
    answer: str = Field("answer", description="field of the gold answer, a number or text ending `#### 72`")
    text: str = Field("", description="field of the rationale's text; `rationale` or `text` unless given")
    thought: Thought | Literal[""] = Field(
        "", description="what every text is; the field `thought` unless given"
    )
    teacher: str = Field("", description="who wrote every text; the field `teacher` unless given")
    licence: str = Field(
        "", description="licence of texts whose row states none; a model's own terms go before it"
    )
    config: str = Field("", description="configuration of a data set of the hub")
    split: str = Field("train", description="split of a data set of the hub")
