"""The official client, one request at a time: how a request is put, and what each way to fail means.

It retries nothing by itself, follows no redirect (one would carry the key to another address) and reads no reply past
a bound. Where a server does not know a field, the field is left out from then on, and that is told.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from distill.teachers.openai.answers import Answer, Fault, quoted, read_answer
from distill.teachers.openai.retries import retry_after_s
from distill.teachers.openai.settings import OPENAI, OpenAISettings
from distill.teachers.openai.turn import Turn
from runtime.values.errors import InputError, MissingExtra, WorkFailed

try:
    import httpx2
    import openai

    from distill.teachers.openai.transport import CONNECT_S, AiohttpTransport, ReplyTooLong
except ImportError as error:
    raise MissingExtra("the teacher openai needs openai: pip install 'edgethought[build]'") from error

PATH = "/chat/completions"
# What servers differ in; the first is only renamed.
TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
OPTIONAL_FIELDS = ("response_format", "logprobs", "seed", "temperature")
CONTENT_CODES = {"content_filter", "content_policy_violation", "moderation_blocked"}
TOO_LONG_CODES = {"context_length_exceeded", "string_above_max_length"}
AGAIN = {408: "timeout", 409: "server_error", 425: "server_error", 429: "rate_limited"}
_UNKNOWN = re.compile(
    r"unsupported|not support|unknown|unrecognized|not permitted|unexpected|does not|invalid", re.I
)


class OpenAIClient:
    """Sends requests to one server, as its dialect has become known."""

    def __init__(self, settings: OpenAISettings, key: str | None, turn: Turn) -> None:
        self._settings = settings
        self._key = key
        self._answered = False
        # Fields that this server does not know, and its name for the longest reply.
        self._left_out: set[str] = set()
        self._limit_name = TOKEN_LIMITS[0]
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=settings.base_url,
            max_retries=0,
            http_client=httpx2.AsyncClient(
                transport=AiohttpTransport(settings.concurrency, settings.max_reply_bytes, turn),
                timeout=settings.timeout_s,
                follow_redirects=False,
                trust_env=False,
            ),
        )

        keep_private(self._client, settings)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Fields that the server does not take."""
        return tuple(sorted(self._left_out))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def post(self, body: Mapping[str, Any], sent_bytes: int) -> Answer | Fault:
        """Send a request once; a reply that takes longer than `timeout_s` altogether counts as none."""
        sent = self._in_dialect(body)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                # Not `chat.completions.create`: that walks through every message's types, at twice the cost of sending.
                response = await self._client.post(PATH, body=sent, cast_to=httpx2.Response)
        except openai.APIStatusError as error:
            return await self._refused(error, sent)
        except (openai.APITimeoutError, TimeoutError):
            return Fault("again", "timeout", f"no reply within {self._settings.timeout_s:g} s")
        except ReplyTooLong:
            return Fault("never", "reply_too_long", f"more than {self._settings.max_reply_bytes:,} bytes")
        except openai.APIConnectionError as error:
            return self._disconnected(error)
        answer = read_answer(response.content, sent_bytes)
        self._answered = self._answered or isinstance(answer, Answer)
        return answer

    def _in_dialect(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request as this server takes it."""
        sent = {name: value for name, value in body.items() if name not in self._left_out}
        if "max_tokens" in sent:
            sent[self._limit_name] = sent.pop("max_tokens")
        return {**sent, **self._settings.request}

    def _disconnected(self, error: openai.APIConnectionError) -> Fault:
        cause = error.__cause__
        told = quoted(str(cause or error).encode()) or type(cause or error).__name__
        if isinstance(cause, httpx2.ConnectError) and not self._answered:
            return _stop(
                InputError(
                    f"nothing answers at {self._settings.base_url} ({told}); "
                    "expected: a running server, or another --set openai.base_url"
                )
            )
        return Fault("again", "connection", told)

    async def _refused(self, error: openai.APIStatusError, sent: Mapping[str, Any]) -> Fault:
        """What a status that is no success means."""
        status, url = error.status_code, self._settings.base_url
        told = self._told(error)
        if status in (401, 403) and not (self._answered and status == 403):
            line = (
                key_refused(self._settings, self._key)
                if status == 401
                else f"{url} forbids it (403: {told}); expected: a key that may ask for this model"
            )
            return _stop(InputError(line))
        if status == 402 or error.code == "insufficient_quota":
            return _stop(
                WorkFailed(f"{url} gives no credit any more ({status}: {told}); the same call goes on later")
            )
        if status == 404:
            return _stop(InputError(await self._about_model(told)))
        if status in AGAIN or status >= 500:
            wait_s = retry_after_s(error.response.headers)
            return Fault("again", AGAIN.get(status, "server_error"), f"{status}: {told}", wait_s)
        if status < 400:
            return _stop(
                InputError(f"{url} answers {status}, as if it were elsewhere; expected: the final address")
            )
        if error.code in CONTENT_CODES or "content management policy" in told:
            return Fault("never", "content_filter", told)
        if error.code in TOO_LONG_CODES:
            return Fault("never", "question_too_long", told)
        if self._adapts(error, told, sent):
            return Fault("adapted", "bad_request", told)
        if self._answered:
            return Fault("never", "bad_request", f"{status}: {told}")
        return _stop(
            InputError(
                f"{url} does not take what is asked ({status}: {told}); expected: other --set openai.… settings"
            )
        )

    def _adapts(self, error: openai.APIStatusError, told: str, sent: Mapping[str, Any]) -> bool:
        """Whether the server named a field that it does not know, which is asked without from now on."""
        old, new = TOKEN_LIMITS
        if old in sent and (error.param == old or new in told):
            self._limit_name = new
            return True
        for name in OPTIONAL_FIELDS:
            if name in sent and (error.param == name or (name in told and _UNKNOWN.search(told))):
                self._left_out.add(name)
                return True
        # Others were under way when the field was found out.
        return self._limit_name not in sent or any(name in sent for name in self._left_out)

    async def _about_model(self, told: str) -> str:
        """The line about a model that is not there, with the ones that are."""
        model = self._settings.model
        try:
            async with asyncio.timeout(CONNECT_S):
                names = [known.id async for known in self._client.models.list()]
        except (openai.OpenAIError, TimeoutError, ValueError, TypeError, AttributeError):
            names = []
        if model in names or not names:
            return f"{self._settings.base_url} has no model {model!r}, or is no such server (404: {told})"
        shown = ", ".join(sorted(names)[:10]) + (", …" if len(names) > 10 else "")
        return f"{self._settings.base_url} has no model {model!r}; expected: {shown}"

    def _told(self, error: openai.APIStatusError) -> str:
        """A server's words in one line, without the key, should it repeat it."""
        body = error.body
        message = body.get("message") if isinstance(body, dict) else None
        line = quoted(str(message or error.response.text or "nothing said").encode())
        return line.replace(self._key, "***") if self._key else line


def keep_private(client: "openai.AsyncOpenAI | openai.OpenAI", settings: OpenAISettings) -> None:
    """Send what the environment says for OpenAI (organization, project, further headers) to OpenAI alone."""
    if settings.base_url != OPENAI:
        client.organization = client.project = None
        client._custom_headers = {}


def key_refused(settings: OpenAISettings, key: str | None) -> str:
    """The line about a key that is wrong, or missing."""
    if key:
        return f"{settings.base_url} refuses the key (401); expected: a valid one in ${settings.api_key_env}"
    return f"{settings.base_url} wants a key (401); expected: --set openai.api_key_env=NAME, the variable that holds it"


def _stop(error: InputError | WorkFailed) -> Fault:
    return Fault("stop", "stopped", str(error), error=error)
