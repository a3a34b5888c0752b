"""The chat template that goes into every artifact renders the contract's prompt bytes."""

from pathlib import Path

import pytest

from export.chat_template import render_chat_template
from runtime.values.prompt import chat_template
from tests.contract.vectors import PromptVector, prompt_vectors


@pytest.mark.parametrize("vector", prompt_vectors(), ids=lambda vector: vector.name)
def test_the_template_renders_the_last_user_message_to_the_prompt(vector: PromptVector) -> None:
    messages = [
        {"role": "user", "content": "An earlier question?"},
        {"role": "assistant", "content": "ans = 3"},
        {"role": "user", "content": vector.question},
    ]
    assert render_chat_template(chat_template(vector.thought), messages, Path("model.gguf")) == vector.prompt
