"""When a reply has ended before the model says so: what is asked for is there, and the rest would be talk."""

import json
from collections.abc import Callable

from distill.teachers.chat.prompts import Prompt, annotation_prompt
from runtime.answering.completion import FINISHED
from runtime.values.prompt import THOUGHTS, Thought

FENCE = "```"
# A reply can have ended only after a token with one of these.
ENDINGS = "\n.}`"
Stop = Callable[[str], bool]


def stop_of(prompt: Prompt) -> Stop:
    """Whether a growing reply to a prompt holds all that is asked for."""
    if prompt.schema is not None:
        return _whole_object
    for thought in THOUGHTS:
        if prompt.name == annotation_prompt(thought).name:
            return _thought_stop(thought)
    return lambda text: False


def _thought_stop(thought: Thought) -> Stop:
    finished = FINISHED[thought]
    if thought == "cot":
        return finished
    return lambda text: text.count(FENCE) >= 2 if FENCE in text else finished(text)


def _whole_object(text: str) -> bool:
    begin = text.find("{")
    if begin < 0 or not text.rstrip(f"\n {FENCE}").endswith("}"):
        return False
    try:
        json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        return False
    return True
