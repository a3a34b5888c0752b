"""Settings of a teacher behind an OpenAI-compatible server: each declared once, with its default and why."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

OPENAI = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"


class Price(BaseModel):
    """What a model costs, in dollars a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    input: float = Field(ge=0, description="what is sent")
    output: float = Field(ge=0, description="what is answered")
    cached: float | None = Field(
        None, ge=0, description="what is sent and the server had read before; as input unless given"
    )


class OpenAISettings(BaseModel):
    """How a model behind a server is asked (`teacher=openai`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str = Field("", description="the model's name, as the server knows it")
    base_url: str = Field(OPENAI, description="the server: OpenAI, vLLM, llama.cpp, Ollama, OpenRouter …")
    api_key_env: str = Field(
        "",
        pattern=r"^[A-Za-z_]?\w*$",
        description="environment variable with the key; unless given OPENAI_API_KEY for OpenAI, and no key for others",
    )
    license: str = Field(
        "",
        description="what the model's texts are under, such as Apache-2.0; known terms of a maker go before it",
    )
    samples: int = Field(1, ge=1, le=256, description="rationales of each thought for each problem")
    temperature: float = Field(0.7, ge=0, le=2, description="of sampling; 0 is greedy")
    max_tokens: int = Field(512, ge=16, le=65536, description="longest reply")
    seed: int = Field(
        0, ge=-1, description="sent with every request, plus the sample's number; -1 sends none"
    )
    request: dict[str, Any] = Field({}, description="further fields of every request, such as {top_p: 0.95}")
    structured: Literal["auto", "never"] = Field(
        "auto", description="auto: where a reply is JSON, a server that can is held to its schema"
    )
    logprobs: bool = Field(False, description="ask for the tokens' log probabilities and keep them")
    concurrency: int = Field(16, ge=1, le=1024, description="requests under way at a time")
    timeout_s: float = Field(120.0, gt=0, le=3600, description="longest wait for one reply")
    retries: int = Field(
        6, ge=0, le=50, description="times that a request is sent again after a fault of the server"
    )
    retry_base_s: float = Field(
        0.5,
        gt=0,
        le=60,
        description="longest wait before the first retry; doubles with each, a random share of it is waited",
    )
    retry_max_s: float = Field(30.0, gt=0, le=3600, description="what it doubles up to")
    max_wait_s: float = Field(
        300.0,
        ge=0,
        le=86400,
        description="a server that asks to be left alone for longer ends the run instead",
    )
    batch: bool = Field(
        False,
        description="send requests as batches, which are answered within a day, at OpenAI for half the price",
    )
    batch_size: int = Field(2000, ge=1, le=50_000, description="requests in a batch at most")
    batch_poll_s: float = Field(
        30.0, gt=0, le=3600, description="seconds between two looks at a batch under way"
    )
    max_reply_bytes: int = Field(
        2_000_000,
        ge=1000,
        le=100_000_000,
        description="longer replies are not read to their end, and dropped",
    )
    budget_tokens: int = Field(0, ge=0, description="tokens that this rationale set may take; 0 is no limit")
    budget_usd: float = Field(
        0.0, ge=0, description="dollars that this rationale set may cost; 0 is no limit"
    )
    prices: dict[str, Price] = Field(
        {}, description="dollars a million tokens by model, such as {my-model: {input: 0.15, output: 0.6}}"
    )
    store: str = Field(
        "",
        description="folder where replies are kept for every later run; EDGETHOUGHT_HOME/replies unless given",
    )


# What decides a text, beside the question; the rest is about speed, money and places.
DECIDING = (
    "model",
    "base_url",
    "license",
    "samples",
    "temperature",
    "max_tokens",
    "seed",
    "request",
    "structured",
    "logprobs",
)
