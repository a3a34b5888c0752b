"""The prompt's bytes: frozen, because training, export, runtime and benchmarks must agree on every one of them.

`Question: ` + the question (white space runs become one space, ends stripped) + newline + tag line + newline. The
question comes first and the tag after it, so that all thoughts about one question share one prefilled prefix.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from runtime.values.errors import InputError

Thought = Literal["eot", "pot", "cot"]
THOUGHTS: tuple[Thought, ...] = get_args(Thought)
TAGS: dict[Thought, str] = {"eot": "Equations:", "pot": "Program:", "cot": "Steps:"}
# An answer a device can give has a question that a person can type; a book is a mistake.
MAX_QUESTION_CHARACTERS = 4000


def parse_thoughts(text: str) -> tuple[Thought, ...]:
    """Read `eot,pot` in its order; raises InputError for what is no thought, or none."""
    known = {str(thought): thought for thought in THOUGHTS}
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not set(names) <= known.keys():
        raise InputError(f"thoughts {text!r}; expected: some of {','.join(THOUGHTS)}")
    return tuple(dict.fromkeys(known[name] for name in names))


def tidy_question(question: str) -> str:
    """The question with every run of white space turned into one space and the ends stripped."""
    return " ".join(question.split())


def checked_question(question: str) -> str:
    """A tidy question; raises InputError when it is empty, no plain text, or longer than a question can be."""
    if not isinstance(question, str):
        raise InputError(f"a question of type {type(question).__name__}; expected: text")
    tidy = tidy_question(question)
    if not tidy:
        raise InputError("the question is empty; expected: a word problem in plain text")
    odd = next((character for character in tidy if unicodedata.category(character) in ("Cc", "Cs")), None)
    if odd is not None:
        raise InputError(f"the question holds the character U+{ord(odd):04X}; expected: plain text")
    if len(tidy) > MAX_QUESTION_CHARACTERS:
        raise InputError(
            f"the question has {len(tidy):,} characters; expected: up to {MAX_QUESTION_CHARACTERS:,}"
        )
    return tidy


def checked_questions(questions: Iterable[str]) -> Iterator[str]:
    """Tidy questions, each checked as it is read; raises InputError at once for a single text, not a list."""
    if isinstance(questions, str):
        raise InputError(
            f"the text {questions[:40]!r} for questions; expected: a list of them, or another iterable"
        )
    return map(checked_question, questions)


def question_prefix(question: str) -> str:
    """The part of the prompt that all thoughts about one question share."""
    return f"Question: {tidy_question(question)}\n"


def render_prompt(question: str, thought: Thought) -> str:
    """The exact prompt for one question and one thought."""
    return f"{question_prefix(question)}{TAGS[thought]}\n"


def chat_template(thought: Thought) -> str:
    """A Jinja chat template that renders a last user message to exactly `render_prompt`'s bytes."""
    return (
        "{{ 'Question: ' + (messages[-1]['content'].split() | join(' ')) + '\\n" + TAGS[thought] + "\\n' }}"
    )
