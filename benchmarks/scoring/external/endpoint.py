"""An OpenAI-compatible endpoint: text or a question in, text out, greedy, with bounded retries.

The key of an endpoint is a secret: it is sent to the address given and nowhere else (redirects are refused), and is
cut out of whatever a server says about it.
"""

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter, sleep
from typing import Any, Protocol

from runtime.values.errors import InputError, MissingExtra, WorkFailed

RETRIES = 4
# A server that is starting or busy; anything else the server says is meant.
RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
# A `Retry-After` is honoured up to this.
MAX_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """One reply; tokens as the server counts them, 0 where it does not say. Times in milliseconds, as far as known."""

    text: str
    finish_reason: str
    prompt_tokens: int
    generated_tokens: int
    round_trip_ms: float
    prefill_ms: float = 0.0
    decode_ms: float = 0.0

    @property
    def cut(self) -> str:
        """Why the reply did not come to its end; empty when it did."""
        if self.finish_reason != "length":
            return ""
        return f"the model wrote {self.generated_tokens or 'all allowed'} tokens without coming to an end"


class Completes(Protocol):
    """Whatever continues a text greedily: an endpoint, or an engine on this machine."""

    @property
    def model(self) -> str:
        """What the model is called."""
        ...

    def complete(self, prompt: str, *, stop: Sequence[str] = (), max_tokens: int = 256) -> EndpointReply:
        """Continue `prompt` up to one of the texts in `stop`, which is left out."""
        ...


def checked_address(url: str) -> str:
    """An endpoint's base address; raises InputError for another kind of address or one that carries a secret."""
    try:
        from httpx import URL, InvalidURL
    except ImportError as error:
        raise MissingExtra("endpoints need httpx: pip install 'edgethought[build]'") from error
    try:
        parts = URL(url)
    except InvalidURL as error:
        # Not quoted: what cannot be read may carry a secret.
        raise InputError("an endpoint that is no address; expected: http://… or https://…") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise InputError(f"endpoint {url!r}; expected: http://… or https://…")
    if not 0 < (parts.port or 1) < 65536:
        raise InputError(f"endpoint at port {parts.port}; expected: a port from 1 to 65535")
    if parts.userinfo or parts.query or parts.fragment:
        raise InputError(
            f"endpoint {parts.scheme}://{parts.host} with a user, a password or a query; "
            "expected: the plain base address, such as http://127.0.0.1:8000/v1"
        )
    return url.rstrip("/")


# The system's certificates; made once, because it takes longer than a request on the local network.
_certificates = cache(ssl.create_default_context)


@dataclass(frozen=True, slots=True)
class Completions:
    """One model behind `{base_url}/completions` and `{base_url}/chat/completions`; `api_key` is its bearer token.

    `request` holds further fields of every request: a server may have defaults that are not greedy, such as
    llama-cpp-python's `repeat_penalty` of 1.1.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    request: Mapping[str, Any] = field(default_factory=dict)
    timeout_s: float = 120.0
    retry_wait_s: float = 1.0

    def __post_init__(self) -> None:
        checked_address(self.base_url)
        if self.api_key and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise InputError("an endpoint's key that no header can hold; expected: printable ASCII")
        _certificates()

    def complete(self, prompt: str, *, stop: Sequence[str] = (), max_tokens: int = 256) -> EndpointReply:
        """Continue `prompt` greedily; raises WorkFailed when the server cannot be reached or answers nonsense."""
        asked = {"prompt": prompt, **({"stop": list(stop)} if stop else {})}
        return self._ask("/completions", asked, max_tokens, lambda choice: choice["text"])

    def chat(self, message: str, *, max_tokens: int = 256) -> EndpointReply:
        """The reply to one user message, in the server's own chat template; raises WorkFailed as `complete` does."""
        asked = {"messages": [{"role": "user", "content": message}]}
        return self._ask("/chat/completions", asked, max_tokens, lambda choice: choice["message"]["content"])

    def _ask(
        self, path: str, asked: dict[str, Any], max_tokens: int, text_of: Callable[[Any], Any]
    ) -> EndpointReply:
        started = perf_counter()
        greedy = {"max_tokens": max_tokens, "temperature": 0}
        row = self._post(path, {"model": self.model, **asked, **greedy, **self.request})
        elapsed = (perf_counter() - started) * 1e3
        try:
            choice, usage = row["choices"][0], row.get("usage") or {}
            text = text_of(choice)
            return EndpointReply(
                text="" if text is None else str(text),
                finish_reason=str(choice.get("finish_reason") or ""),
                prompt_tokens=int(usage.get("prompt_tokens") or 0),
                generated_tokens=int(usage.get("completion_tokens") or 0),
                round_trip_ms=elapsed,
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise WorkFailed(
                f"{self.base_url} answered without a completion: {self._told(json.dumps(row))}"
            ) from error

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        import httpx

        key = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        for attempt in range(RETRIES + 1):
            try:
                # Redirects are not followed: one would carry the key to another address.
                with httpx.stream(
                    "POST",
                    self.base_url.rstrip("/") + path,
                    content=json.dumps(body),
                    headers={"Content-Type": "application/json", **key},
                    timeout=self.timeout_s,
                    verify=_certificates(),
                    follow_redirects=False,
                ) as response:
                    if response.is_success:
                        return json.loads(response.read())
                    told = self._told(next(response.iter_bytes(500), b"").decode("utf-8", "replace"))
                if response.status_code not in RETRY_STATUSES or attempt == RETRIES:
                    raise WorkFailed(f"{self.base_url} answered {response.status_code}: {told}")
                sleep(_asked_wait_s(response.headers.get("Retry-After")))
            except ValueError as error:
                raise WorkFailed(f"{self.base_url} answered no JSON") from error
            except httpx.HTTPError as error:
                if attempt == RETRIES:
                    raise WorkFailed(
                        f"{self.base_url} cannot be reached: {self._told(str(error))}"
                    ) from error
            sleep(self.retry_wait_s * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _told(self, text: str) -> str:
        """A server's words in one line, without the key, should it repeat it."""
        line = " ".join(text.split())
        return (line.replace(self.api_key, "***") if self.api_key else line)[:300]


def _asked_wait_s(retry_after: str | None) -> float:
    """How long a busy server asks to be left alone, in seconds; a date or nonsense counts as nothing."""
    return min(float(retry_after), MAX_WAIT_S) if retry_after and retry_after.isdecimal() else 0.0
