"""What may be learnt from a model's text: its maker's terms come before the licence of the repository that holds it."""

import re

from benchmarks.tasks.licences import UNSTATED

# A word of the teacher's name -> the terms that its output is under. Llama 3 (1.b.v), OpenAI, Anthropic, Google and xAI
# forbid or restrict learning from output; Gemma's terms pass on to models that learn from it.
TERMS = {
    "llama": "Llama community licence",
    "gemma": "Gemma terms",
    "gemini": "Google API terms",
    "palm": "Google API terms",
    "bard": "Google API terms",
    "gpt": "OpenAI API terms",
    "chatgpt": "OpenAI API terms",
    "codex": "OpenAI API terms",
    "davinci": "OpenAI API terms",
    "openai": "OpenAI API terms",
    "o1": "OpenAI API terms",
    "o3": "OpenAI API terms",
    "o4": "OpenAI API terms",
    "claude": "Anthropic API terms",
    "grok": "xAI API terms",
}


def text_licence(teacher: str, stated: str) -> str:
    """The licence of a text by its author: known terms of a model, else what the row states, else `unstated`."""
    for word in re.split(r"[^a-z0-9]+", teacher.lower()):
        bare = word if word in TERMS else word.rstrip("0123456789")
        if bare in TERMS:
            return TERMS[bare]
    return stated or UNSTATED
