"""Settings of a teacher on this machine: each declared once, with its default and why."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LocalSettings(BaseModel):
    """How a GGUF model on this machine is asked (`teacher=local`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str = Field(
        "", description="a GGUF file with a chat template, or a base such as qwen2.5-coder-1.5b"
    )
    license: str = Field(
        "",
        description="what a file's texts are under, such as Apache-2.0; a base of the table has its own, and known terms "
        "of a maker go before it",
    )
    samples: int = Field(1, ge=1, le=256, description="rationales of each thought for each problem")
    temperature: float = Field(0.7, ge=0, le=2, description="of sampling; 0 is greedy")
    max_tokens: int = Field(400, ge=16, le=8192, description="longest reply")
    seed: int = Field(0, ge=0, description="another one draws other samples")
    structured: Literal["auto", "never"] = Field(
        "auto",
        description="auto: where a reply is JSON it is held to its schema, if llguidance is installed",
    )
    grammar: bool = Field(False, description="hold equations and programs to their grammar; needs llguidance")
    engine: Literal["auto", "llama", "torch"] = Field(
        "auto",
        description="llama: the GGUF file as it is; torch: the checkpoint of a base, in bfloat16 where that is quick; "
        "auto: the quicker of the two, measured once",
    )
    streams: int = Field(
        0,
        ge=0,
        le=256,
        description="replies written at a time, or a few more: samples of a question begin together; 16 (torch: 64) "
        "unless given",
    )
    threads: int = Field(0, ge=0, le=1024, description="threads of the engine; 0 is every physical core")
    store: str = Field(
        "",
        description="folder where replies are kept for every later run; EDGETHOUGHT_HOME/replies unless given",
    )


# What decides a text, beside the model's file and the question; the rest is about speed and places.
DECIDING = ("samples", "temperature", "max_tokens", "seed", "structured", "grammar")
