"""Origins: which public training set a question is from, so that a stored rationale's problem has its own licence.

A text has its own too: the terms of its model's maker come before the licence of the repository that holds it.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from benchmarks.tasks.licenses import UNSTATED
from benchmarks.tasks.loading import load_training, training_tasks
from benchmarks.tasks.overlap import loose_key
from runtime.values.errors import InputError

# The terms that a text is under, by a word of its teacher's name. Llama 3 (1.b.v), OpenAI, Anthropic, Google and xAI
# forbid or restrict learning from output; Gemma's terms pass on to models that learn from it.
TERMS = {
    word: terms
    for terms, words in {
        "Llama community licence": "llama",
        "Gemma terms": "gemma",
        "Google API terms": "gemini palm bard",
        "OpenAI API terms": "gpt chatgpt codex davinci openai o1 o3 o4",
        "Anthropic API terms": "claude",
        "xAI API terms": "grok",
    }.items()
    for word in words.split()
}

# OpenAI's models whose weights are open are under a licence of their own.
OPEN_WEIGHTS = ("gpt", "oss")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a question is from: the task, the row and its licence."""

    task: str
    source: str
    license: str


class Origins:
    """Questions of the training splits that are in the data folder, compared by letters and digits."""

    def __init__(self) -> None:
        self._known: dict[str, Origin] = {}
        self._last: tuple[str, Origin | None] = ("", None)

    @classmethod
    def of_tasks(cls) -> Self:
        """Every training split that is there; where several hold a question, the first one counts."""
        origins = cls()
        for name in training_tasks():
            try:
                problems = load_training(name)
            except InputError:  # its file is not in the data folder
                continue
            for problem in problems:
                origin = Origin(name, problem.source, problem.license)
                origins._known.setdefault(loose_key(problem.question), origin)
        return origins

    def find(self, question: str) -> Origin | None:
        """Where a question is from, or None; rationales of one question mostly follow each other."""
        if self._last[0] != question:
            self._last = (question, self._known.get(loose_key(question)))
        return self._last[1]


def text_license(teacher: str, stated: str) -> str:
    """The licence of a text by its author: known terms of a model, else what the row states, else `unstated`."""
    words = re.split(r"[^a-z0-9]+", teacher.lower())
    if OPEN_WEIGHTS in pairwise(words):
        return stated or UNSTATED
    for word in words:
        bare = word if word in TERMS else word.rstrip("0123456789")
        if bare in TERMS:
            return TERMS[bare]
    return stated or UNSTATED
