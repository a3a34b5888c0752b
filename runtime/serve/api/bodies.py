"""What clients send: the fields that are read. OpenAI's clients send many others that change nothing here."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from runtime.answering.modes import MAX_SAMPLES
from runtime.values.prompt import MAX_QUESTION_CHARACTERS

MAX_STOPS = 4
Text = Annotated[str, Field(max_length=200_000)]
Name = Annotated[str, Field(max_length=200)]
# Counted without the white space around it, so it is told here and checked later.
Question = Annotated[Text, Field(json_schema_extra={"maxLength": MAX_QUESTION_CHARACTERS})]


class Body(BaseModel):
    """JSON of a request: numbers are numbers, and no text is read as one."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class SolveFields(Body):
    """How a problem is answered, as `edgethought solve` has it; what is left out is the artifact's own."""

    thought: Name | None = None
    mode: Name | None = None
    samples: Annotated[int, Field(ge=2, le=MAX_SAMPLES)] | None = None
    deadline_ms: Annotated[float, Field(gt=0, le=86_400_000)] | None = None
    min_confidence: Annotated[float, Field(gt=0, le=1)] | None = None


class SolveBody(SolveFields):
    """`POST /solve`, which is ours alone: a field that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    model: Name | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    stream: bool | None = None


class StreamOptions(Body):
    """What a stream tells besides."""

    include_usage: bool | None = None


class SamplingFields(SolveFields):
    """What OpenAI's endpoints take alike; the fields of `/solve` are taken too."""

    model: Name
    stream: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)] | None = None
    user: Text | None = None


class WritingFields(SamplingFields):
    """What chat and text completions take alike."""

    max_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: Text | list[Text] | None = None
    n: int | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: dict[str, float] | None = None
    stream_options: StreamOptions | None = None


class Part(Body):
    """A part of a message."""

    type: Name
    text: Text | None = None


class Message(Body):
    """One turn of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None


class ChatBody(WritingFields):
    """`POST /v1/chat/completions`."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: bool | None = None
    tools: list[Any] | None = None
    response_format: dict[str, Any] | None = None


class CompletionBody(WritingFields):
    """`POST /v1/completions`."""

    prompt: Text | list[Text]
    echo: bool | None = None
    best_of: int | None = None
    suffix: Text | None = None
    logprobs: int | None = None


class ResponsesBody(SamplingFields):
    """`POST /v1/responses`, in its plain form: text in, text out."""

    input: Text | Annotated[list[Message], Field(min_length=1, max_length=1000)]
    instructions: Text | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None
    tools: list[Any] | None = None
    previous_response_id: Name | None = None
    background: bool | None = None
    text: dict[str, Any] | None = None
