"""What the web framework refuses, told in our words: what was given, what is expected."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from runtime.serve.errors import ApiError

_SHOWN = 60


def refused_input(error: RequestValidationError) -> ApiError:
    """The first field of a body that is wrong."""
    first: Mapping[str, Any] = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    name = place[:_SHOWN] or "the body"
    if first["type"] == "missing":
        return ApiError(400, f"no {name}; expected: it, see /openapi.json", param=place or None)
    expected = str(first["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return ApiError(
        400, f"{name} is {_shown(first.get('input'))}; expected: {expected[:200]}", param=place or None
    )


def refused_route(error: HTTPException) -> ApiError:
    """A path or a method that is none."""
    if error.status_code == 405:
        return ApiError(405, "a method that this path does not take; expected: see /openapi.json")
    if error.status_code == 404:
        return ApiError(404, "no such path; expected: see /openapi.json", code="not_found")
    return ApiError(error.status_code, f"{str(error.detail)[:200]}; expected: see /openapi.json")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value[:_SHOWN])
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)[:_SHOWN]
    return "an object" if isinstance(value, dict) else f"a {type(value).__name__}"
