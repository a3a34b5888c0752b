"""Settings of agreement: each declared once, with its default and why."""

from pydantic import BaseModel, ConfigDict, Field

from runtime.values.prompt import Thought


class AgreeSettings(BaseModel):
    """How samples must agree on an answer that nobody wrote (`distill agree`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    thoughts: tuple[Thought, ...] = Field(
        ("pot", "eot"), min_length=1, description="what each teacher writes; they err in different ways"
    )
    samples: int = Field(4, ge=1, le=64, description="of each thought by each teacher")
    share: float = Field(
        0.75,
        gt=0,
        le=1,
        description="of all samples that must reach the answer; the others may fail or differ",
    )
    precision: float = Field(
        0.0,
        ge=0,
        le=1,
        description="takes the least share that was right this often on the problems of --calibrate; 0 takes agree.share",
    )
    every_thought: bool = Field(True, description="a sample of each thought must be among those that agree")
