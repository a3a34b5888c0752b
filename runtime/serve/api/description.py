"""What `/openapi.json` says of replies that refuse: ours, in place of the web framework's."""

from typing import Any

from fastapi import FastAPI

REFUSALS = {
    "400": "What was sent cannot be done.",
    "401": "No token, or one that is not known.",
    "404": "No model of this name.",
    "413": "The body has too many bytes.",
    "415": "The body is not application/json.",
    "429": "Too many requests wait.",
    "503": "The server ends, or has no memory for the model.",
}
# What may be refused where nothing is sent but the path.
OF_READING = ("400", "401", "404")
_TEXT_OR_NULL = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_FIELDS: dict[str, Any] = {
    "message": {"type": "string"},
    "type": {"type": "string"},
    "param": _TEXT_OR_NULL,
    "code": _TEXT_OR_NULL,
}
ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": list(_FIELDS), "properties": _FIELDS}},
}
_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}


class Described(FastAPI):
    """FastAPI, whose 422 is never sent here: see `refused_input`."""

    def openapi(self) -> dict[str, Any]:
        """The description of all endpoints (OpenAPI 3.1)."""
        if self.openapi_schema is None:
            described = super().openapi()
            for path, operations in described["paths"].items():
                for method, operation in operations.items():
                    _describe_refusals(path, method, operation["responses"])
            schemas = described.setdefault("components", {}).setdefault("schemas", {})
            for ours in ("HTTPValidationError", "ValidationError"):
                schemas.pop(ours, None)
            schemas["Error"] = ERROR
        return super().openapi()


def _describe_refusals(path: str, method: str, replies: dict[str, Any]) -> None:
    replies.pop("422", None)
    for status, why in REFUSALS.items():
        if method == "post" or (status in OF_READING and (status != "404" or "{" in path)):
            replies[status] = {"description": why, "content": _CONTENT}
