"""What a request asks for, whichever endpoint it came to: a problem's solution, or a text after a prompt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.answering.questions.text import plain_question
from runtime.serve.api.bodies import (
    MAX_STOPS,
    ChatBody,
    CompletionBody,
    Message,
    ResponsesBody,
    SamplingFields,
    SolveBody,
    SolveFields,
    WritingFields,
)
from runtime.serve.errors import ApiError
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest
from runtime.values.prompt import checked_question, render_prompt

RAW, SOLVE = "raw", "solve"
_QUESTION, _ANSWER = "question:", "answer:"


@dataclass(frozen=True, slots=True)
class SolveAsk:
    """A problem, and how it is answered; None is the artifact's own way."""

    question: str
    thought: str | None = None
    mode: str | None = None
    samples: int | None = None
    deadline_ms: float | None = None
    max_tokens: int | None = None
    min_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class TextAsk:
    """A prompt, and how the model goes on from there."""

    prompt: str
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int = 0
    stops: tuple[str, ...] = ()
    deadline_ms: float | None = None


Ask = SolveAsk | TextAsk


def split_model(model: str) -> tuple[str, str]:
    """The name and the way (`raw` or `solve`) of a model's id; a bare name solves."""
    name, colon, way = model.rpartition(":")
    return (name, way) if colon and way in (RAW, SOLVE) else (model, SOLVE)


def solve_ask(body: SolveBody) -> SolveAsk:
    """What `/solve` asks for; raises ApiError for what is no problem, and for the model alone."""
    name, way = split_model(body.model or "")
    if way == RAW:
        raise ApiError(
            400,
            f"model {body.model!r}, which solves nothing; expected: {name}, or /v1/completions with {name}:{RAW}",
            param="model",
        )
    return _solving(body, body.question, body.max_tokens, "question")


def chat_ask(body: ChatBody, manifest: Manifest, way: str) -> Ask:
    """What a chat asks for; raises ApiError for what is not supported."""
    _check_plain(body)
    _refuse("logprobs", body.logprobs)
    _refuse("tools", body.tools)
    _check_format("response_format", body.response_format)
    max_tokens = body.max_completion_tokens or body.max_tokens
    if way == SOLVE:
        return _solving(body, _problem(body.messages, body.model, "messages"), max_tokens, "messages")
    prompt = _rendered(body.messages, body.model, manifest, "messages")
    return _text(body, prompt, max_tokens, _stops(body))


def completion_ask(body: CompletionBody, way: str) -> Ask:
    """What a text completion asks for; raises ApiError for what is not supported."""
    _check_plain(body)
    _refuse("echo", body.echo)
    _refuse("suffix", body.suffix)
    if body.logprobs is not None:
        raise _unsupported("logprobs", body.logprobs, "none, it is not supported")
    if body.best_of not in (None, 1):
        raise _unsupported("best_of", body.best_of, "1")
    prompts = [body.prompt] if isinstance(body.prompt, str) else body.prompt
    if len(prompts) != 1:
        raise ApiError(400, f"{len(prompts)} prompts; expected: one a request", param="prompt")
    if way == SOLVE:
        return _solving(body, _one_question(prompts[0], body.model, "prompt"), body.max_tokens, "prompt")
    return _text(body, prompts[0], body.max_tokens, _stops(body))


def responses_ask(body: ResponsesBody, manifest: Manifest, way: str) -> Ask:
    """What a response asks for; raises ApiError for what is not supported."""
    _refuse("tools", body.tools)
    _refuse("previous_response_id", body.previous_response_id)
    _refuse("background", body.background)
    _check_format("text.format", (body.text or {}).get("format"))
    messages = [Message(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    if way == SOLVE:
        return _solving(body, _problem(messages, body.model, "input"), body.max_output_tokens, "input")
    return _text(body, _rendered(messages, body.model, manifest, "input"), body.max_output_tokens, ())


def _solving(body: SolveFields, question: str, max_tokens: int | None, param: str) -> SolveAsk:
    """A problem that came in this field; raises ApiError where it is none."""
    question = plain_question(question)
    try:
        checked_question(question)
    except InputError as error:
        raise ApiError(400, str(error), param=param) from error
    return SolveAsk(
        question,
        body.thought,
        body.mode,
        body.samples,
        body.deadline_ms,
        max_tokens,
        body.min_confidence,
    )


def _text(body: SamplingFields, prompt: str, max_tokens: int | None, stops: tuple[str, ...]) -> TextAsk:
    for name in ("thought", "mode", "samples", "min_confidence"):
        if getattr(body, name) is not None:
            raise _unsupported(name, getattr(body, name), f"none for {body.model}, which solves nothing")
    temperature = body.temperature or 0.0
    if body.top_p not in (None, 1.0) and temperature:
        raise _unsupported("top_p", body.top_p, "1, or temperature 0")
    return TextAsk(prompt, max_tokens, temperature, abs(body.seed or 0), stops, body.deadline_ms)


def _check_plain(body: WritingFields) -> None:
    """Raise ApiError for what would change the text and is not supported. Penalties mean nothing to a solution."""
    if body.n not in (None, 1):
        raise _unsupported("n", body.n, "1")
    _refuse("logit_bias", body.logit_bias)
    if split_model(body.model)[1] == RAW:
        _refuse("presence_penalty", body.presence_penalty)
        _refuse("frequency_penalty", body.frequency_penalty)


def _refuse(name: str, value: object) -> None:
    if value:
        raise _unsupported(name, value, "none, it is not supported")


def _unsupported(name: str, value: object, expected: str) -> ApiError:
    shown = value if isinstance(value, bool | int | float) else f"a {type(value).__name__}"
    return ApiError(400, f"{name} is {shown}; expected: {expected}", param=name, code="unsupported")


def _check_format(name: str, value: Any) -> None:
    if isinstance(value, dict) and (kind := value.get("type", "text")) != "text":
        shown = json.dumps(kind)[:60]
        raise ApiError(400, f'{name} is of type {shown}; expected: "text"', param=name, code="unsupported")


def _stops(body: WritingFields) -> tuple[str, ...]:
    stops = [body.stop] if isinstance(body.stop, str) else body.stop or []
    stops = [stop for stop in stops if stop]
    if len(stops) > MAX_STOPS:
        raise ApiError(400, f"{len(stops)} stops; expected: up to {MAX_STOPS}", param="stop")
    return tuple(stops)


def _problem(messages: Sequence[Message], model: str, param: str) -> str:
    """The one problem of a chat; raises ApiError where there are several turns."""
    turns = [message for message in messages if message.role == "user"]
    if len(turns) > 1:
        raise _few_shot(f"{len(turns)} user turns", model, param)
    if not turns or messages[-1] is not turns[-1]:
        raise ApiError(400, "no user message at the end; expected: one, which is the problem", param=param)
    return _one_question(_content(turns[0], param), model, param)


def _one_question(text: str, model: str, param: str) -> str:
    """A problem's text, without `Question:` and `Answer:` around it; raises ApiError where it holds several."""
    if (count := text.lower().count(_QUESTION)) > 1:
        raise _few_shot(f"{count} questions", model, param)
    bare = text.strip()
    if bare.lower().startswith(_QUESTION):
        bare = bare[len(_QUESTION) :]
    return bare[: -len(_ANSWER)] if bare.lower().endswith(_ANSWER) else bare


def _few_shot(what: str, model: str, param: str) -> ApiError:
    name, way = split_model(model)
    return ApiError(
        400,
        f"{what} for {name}:{way}; expected: one, or worked examples in one prompt to /v1/completions with {name}:{RAW}",
        param=param,
        code="several_questions",
    )


def _rendered(messages: Sequence[Message], model: str, manifest: Manifest, param: str) -> str:
    """The prompt that an artifact's own chat template makes of a chat: of its last message, see `chat_template`.

    Raises ApiError where it would leave out turns; what the system says is left out.
    """
    if messages[-1].role != "user":
        raise ApiError(400, "no user message at the end; expected: one, which is asked", param=param)
    turns = [message for message in messages if message.role not in ("system", "developer")]
    if len(turns) > 1:
        raise _few_shot(f"{len(turns)} turns", model, param)
    return render_prompt(_content(messages[-1], param), manifest.default_thought)


def _content(message: Message, param: str) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = message.content or []
    for part in parts:
        if part.type not in ("text", "input_text", "output_text") or part.text is None:
            raise ApiError(400, f"content of type {part.type[:40]}; expected: text", param=param)
    return "\n".join(part.text or "" for part in parts)
