"""An OpenAI-compatible completions endpoint: plain text in, plain text out, greedy."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from time import perf_counter, sleep
from typing import Any

from runtime.errors import InputError, WorkFailed

RETRIES = 4
# A server that is starting or busy; anything else the server says is meant.
RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply; tokens as the server counts them, 0 where it does not say."""

    text: str
    finish_reason: str
    prompt_tokens: int
    generated_tokens: int
    round_trip_ms: float


@dataclass(frozen=True, slots=True)
class Completions:
    """`POST {base_url}/completions` of one model. `api_key` is sent as a bearer token where it is given."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    retry_wait_s: float = 1.0

    def __post_init__(self) -> None:
        if urllib.parse.urlsplit(self.base_url).scheme not in ("http", "https"):
            raise InputError(f"endpoint {self.base_url!r}; allowed: http://… or https://…")

    def complete(self, prompt: str, *, stop: Sequence[str] = (), max_tokens: int = 256) -> Completion:
        """Continue `prompt` greedily; raises WorkFailed when the server cannot be reached or answers nonsense."""
        body: dict[str, Any] = {
            "model": self.model,
            "prompt": prompt,
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        if stop:
            body["stop"] = list(stop)
        started = perf_counter()
        row = self._post(body)
        elapsed = (perf_counter() - started) * 1e3
        try:
            choice, usage = row["choices"][0], row.get("usage") or {}
            return Completion(
                text=str(choice["text"]),
                finish_reason=str(choice.get("finish_reason") or ""),
                prompt_tokens=int(usage.get("prompt_tokens") or 0),
                generated_tokens=int(usage.get("completion_tokens") or 0),
                round_trip_ms=elapsed,
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise WorkFailed(
                f"{self.base_url} answered without a completion: {json.dumps(row)[:200]}"
            ) from error

    def _post(self, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.base_url.rstrip("/") + "/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}),
        )
        for attempt in range(RETRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=self.timeout_s) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                told = error.read(500).decode("utf-8", "replace")
                if error.code not in RETRY_STATUSES or attempt == RETRIES:
                    raise WorkFailed(
                        f"{self.base_url} answered {error.code}: {' '.join(told.split())}"
                    ) from error
            except ValueError as error:
                raise WorkFailed(f"{self.base_url} answered no JSON") from error
            except (OSError, HTTPException) as error:
                if attempt == RETRIES:
                    raise WorkFailed(f"{self.base_url} cannot be reached: {error}") from error
            sleep(self.retry_wait_s * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")
