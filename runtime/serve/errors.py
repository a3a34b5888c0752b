"""What is answered where there is no answer, in the shape that OpenAI's clients read."""

from collections.abc import Mapping
from typing import Any

from runtime.serve.settings import RETRY_AFTER_S

TYPES = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "overloaded_error",
}


class ApiError(Exception):
    """A request that is refused: the HTTP status, and one line that says what was given and what is expected.

    `param` is the field that is wrong, `code` a word for programs.
    """

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    def to_row(self) -> dict[str, Any]:
        """The body of the reply."""
        kind = TYPES.get(self.status, "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def headers(self) -> Mapping[str, str]:
        """The headers that the status asks for."""
        if self.status in (429, 503):
            return {"Retry-After": str(RETRY_AFTER_S)}
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}


def queue_full(limit: int) -> ApiError:
    """Too many wait."""
    return ApiError(429, f"{limit} requests wait already; expected: to try again later", code="queue_full")


def shutting_down() -> ApiError:
    """The server ends."""
    return ApiError(503, "the server is shutting down; expected: to try again later", code="shutting_down")


def over_memory(name: str, needed: int, loaded: int, limit: int) -> ApiError:
    """A model finds no room: the bytes that it takes, that others take, and that all may take."""
    beside = f" beside the {_gigabytes(loaded)} that are loaded" if loaded else ""
    expected = "a larger --memory-gb, or later" if loaded else "a larger --memory-gb"
    return ApiError(
        503,
        f"{name} takes about {_gigabytes(needed)}{beside}, more than the ceiling of {_gigabytes(limit)}; "
        f"expected: {expected}",
        code="over_memory",
    )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.3g} GB"


def engine_failed() -> ApiError:
    """The engine of a model gave up; it is opened anew for the next request."""
    return ApiError(503, "the model's engine failed; expected: to try again", code="engine_failed")


def model_failed(name: str) -> ApiError:
    """An artifact cannot be loaded; what is wrong with it is told on the server's side alone."""
    return ApiError(
        503, f"{name} cannot be loaded; expected: another model, see the server's log", code="model_failed"
    )
