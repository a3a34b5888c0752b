"""A model that asks a stub, with waits too short to notice, and requests for it."""

from pathlib import Path
from typing import Any

from distill.teachers.chat.model import ChatRequest
from distill.teachers.chat.prompts import annotation_prompt
from distill.teachers.openai.model import OpenAIModel
from distill.teachers.openai.settings import OpenAISettings


def settings(url: str, store: Path, **changes: Any) -> OpenAISettings:
    fast = {"retries": 3, "retry_base_s": 0.002, "retry_max_s": 0.01, "timeout_s": 5.0, "concurrency": 4}
    return OpenAISettings(**{"model": "stub", "base_url": url, "store": str(store), **fast, **changes})


def model(url: str, store: Path, run: str = "a1", **changes: Any) -> OpenAIModel:
    return OpenAIModel(settings(url, store, **changes), run)


def request(number: int = 0, sample: int = 0) -> ChatRequest:
    return ChatRequest(annotation_prompt("eot"), f"Box {number} holds how many pens?", sample)


def number_asked(row: dict[str, Any]) -> int:
    """The number in the question that a stub was asked."""
    return int(row["messages"][-1]["content"].split()[1])
