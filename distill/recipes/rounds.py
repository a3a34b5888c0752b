"""Settings of the rounds in which a student learns from what it writes itself.

Rejection sampling fine-tuning (RFT, arXiv 2308.01825) trains again, on the right samples beside what was there;
feedback-driven distillation (FDD, arXiv 2411.14698) on new problems, harder ones than those the student solves and
others like those it fails; preference training goes on from where the student stands
(`distill.training.losses.preference`), and so does on-policy distillation (GKD, arXiv 2306.13649), in which a larger
model's logits correct what the student writes.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from runtime.answering.modes import DEFAULT_SAMPLES

# What a round decides by itself.
OWN = {"base", "adapter", "vocabulary", "method", "rank", "loss"}
# What it decides about training, where its own `train` says nothing else.
LOSSES: Mapping[str, Mapping[str, Any]] = {
    "prefer": {"loss": "preference"},
    "on_policy": {"loss": "jensen_shannon", "lmbda": 1.0},
}
GOES_ON = ("prefer", "on_policy")
# What says which samples are drawn before a round; on_policy draws its own as it learns.
SAMPLED = {"data", "limit", "samples", "most", "solved", "writer", "variants", "start"}


class RoundSettings(BaseModel):
    """One round after the first training: the student answers training problems, and learns from its samples."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    method: Literal["rft", "prefer", "fdd", "on_policy"] = Field(
        description="rft: right samples join the rationales, and a student is trained anew; fdd: problems harder than "
        "solved ones and similar to failed ones join them, and a student is trained anew; prefer: the student goes on, "
        "right samples before wrong ones; on_policy: it goes on, and the logits of `train.teacher` correct what it writes"
    )
    data: str = Field(
        "",
        description="training problems to answer; the recipe's, of several sources the first's, unless given",
    )
    limit: int = Field(
        0,
        ge=0,
        description="of these, a seeded sample; 0 is as many as the recipe has of its own data, else all of them",
    )
    samples: int = Field(
        DEFAULT_SAMPLES,
        ge=2,
        le=256,
        description="of every problem, over the thoughts in turn, one of each greedy",
    )
    most: int = Field(
        4,
        ge=1,
        description="rft and prefer: distinct samples of a prompt that count at most: right ones, and in prefer wrong "
        "ones; rft takes fewer where most samples are right",
    )
    solved: float = Field(
        0.5,
        gt=0,
        le=1,
        description="fdd: a problem is solved where at least this share of its samples is right",
    )
    writer: Literal["symbolic", "local", "openai"] = Field(
        "symbolic",
        description="fdd: who writes new problems; symbolic ones have exact answers, those of a model one that its "
        "samples agree on (`agree`)",
    )
    variants: int = Field(1, ge=1, le=100, description="fdd, symbolic: new problems of a problem")
    start: Literal["base", "student"] = Field(
        "base",
        description="rft and fdd: what is trained on all rationales: the base, or the student that there is",
    )
    train: dict[str, Any] = Field(
        {}, description="settings of `train` that are others in this round, such as {learning_rate: 1.0e-4}"
    )

    @model_validator(mode="after")
    def _free(self) -> Self:
        compares = self.method == "on_policy"
        if own := sorted((OWN - {"loss"} if compares else OWN) & self.train.keys()):
            raise ValueError(f"train.{own[0]} of a round; expected: other settings, a round decides this one")
        if compares and (unused := sorted(SAMPLED & self.model_fields_set)):
            raise ValueError(
                f"{unused[0]} with method on_policy; expected: train, its prompts are the rationales'"
            )
        if compares and not self.train.get("teacher"):
            raise ValueError("method on_policy without a teacher; expected: train: {teacher: CHECKPOINT}")
        return self

    @property
    def starts_anew(self) -> bool:
        """Whether the round trains a student of the base."""
        return self.method not in GOES_ON and self.start == "base"
