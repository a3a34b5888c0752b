"""Prompts: what a model is told and shown, read from `distill/teachers/prompts/*.yaml`.

A file holds its version, what the model is told, worked examples and, where the reply is JSON, the reply's schema. The
examples stand in front of every question, so that a server reads them once. A file's hash goes into every row.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from runtime.values.prompt import Thought, tidy_question

FOLDER = Path(__file__).parents[1] / "prompts"
Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt: `head` stands before every question; `schema` is the JSON schema of a reply, None where it is text."""

    name: str
    version: int
    sha256: str
    head: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None

    def messages(self, question: str) -> list[Message]:
        """The messages that ask about a question."""
        return [*self.head, _said("user", tidy_question(question))]

    @property
    def strict_schema(self) -> Any:
        """The schema as structured output wants it: every property required, and no others."""
        return _strict(self.schema)


@cache
def read_prompt(name: str) -> Prompt:
    """The prompt of a task, such as `harder`."""
    content = (FOLDER / f"{name}.yaml").read_bytes()
    row = yaml.safe_load(content)
    head = [_said("system", row["told"].strip())]
    for example in row["examples"]:
        reply = example["reply"]
        text = reply.strip() if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
        head += [_said("user", tidy_question(example["question"])), _said("assistant", text)]
    return Prompt(name, int(row["version"]), sha256(content).hexdigest(), tuple(head), row.get("schema"))


def annotation_prompt(thought: Thought) -> Prompt:
    """The prompt that asks for a thought."""
    return read_prompt(f"annotate_{thought}")


def prompt_names() -> list[str]:
    """Every prompt that there is."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _said(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _strict(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    inner = {name: _strict(value) for name, value in schema.items()}
    if schema.get("type") != "object":
        return inner
    return {**inner, "required": list(schema["properties"]), "additionalProperties": False}
