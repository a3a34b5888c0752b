"""What the web framework refuses, told in our words: what was given, what is expected."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from runtime.serve.api.bodies import SolveBody
from runtime.serve.errors import ApiError

_SHOWN = 60


def refused_input(error: RequestValidationError) -> ApiError:
    """The first field of a body that is wrong."""
    first: Mapping[str, Any] = error.errors()[0]
    # The kinds of a field that has several are no names: `constrained-str`.
    parts = [
        part for part in first["loc"] if part != "body" and (isinstance(part, int) or part.isidentifier())
    ]
    if first["type"] == "extra_forbidden":
        parts = [first["loc"][-1]]
    place = ".".join(map(str, parts))
    name = json.dumps(place[:_SHOWN])[1:-1] or "the body"
    return ApiError(400, _told(first, name), param=place or None)


def _told(wrong: Mapping[str, Any], name: str) -> str:
    context = wrong.get("ctx", {})
    match wrong["type"]:
        case "missing":
            return f"no {name}; expected: a body that has it, see /openapi.json"
        case "extra_forbidden":
            return f'field "{name}"; expected: {", ".join(SolveBody.model_fields)}'
        case "too_short":
            return f"{name} has {len(wrong['input'])} entries; expected: {context['min_length']} or more"
        case "too_long":
            return f"{name} has {len(wrong['input']):,} entries; expected: up to {context['max_length']:,}"
        case "string_too_long":
            return f"{name} has {len(wrong['input']):,} characters; expected: up to {context['max_length']:,}"
    expected = str(wrong["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{name} is {_shown(wrong.get('input'))}; expected: {expected[:200]}"


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
