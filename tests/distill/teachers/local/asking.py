"""Local models over real weights of 135 M parameters, with replies of a few tokens, and requests for them."""

import json
from pathlib import Path
from typing import Any

from distill.teachers.chat.model import ChatRequest
from distill.teachers.chat.prompts import Prompt
from distill.teachers.local.model import LocalModel
from distill.teachers.local.settings import LocalSettings
from tests.artifacts import base_gguf

# Read in milliseconds, where the real ones take a second.
SHORT = Prompt(
    "annotate_eot",
    1,
    "5" * 64,
    (
        {"role": "system", "content": "Write equations."},
        {"role": "user", "content": "Ann has 2 pens and buys 3."},
        {"role": "assistant", "content": "ans = 2 + 3"},
    ),
)


def settings(store: Path, **changes: Any) -> LocalSettings:
    few = {"max_tokens": 16, "streams": 4, "threads": 1}
    return LocalSettings(**{"model": str(base_gguf()), "store": str(store), **few, **changes})


def model(store: Path, **changes: Any) -> LocalModel:
    return LocalModel(settings(store, **changes))


def request(number: int = 0, sample: int = 0, prompt: Prompt = SHORT) -> ChatRequest:
    return ChatRequest(
        prompt, f"Box {number} holds {number + 3} pens and {number + 5} pots. How many?", sample
    )


def rows(store: Path) -> list[dict[str, Any]]:
    """Every row of the store's only model."""
    (file,) = store.glob("*/replies.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]
