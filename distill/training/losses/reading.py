"""How a white-box teacher reads what its student does: in the student's tokens, or in its own, after worked examples."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scoring.external.baselines import BETWEEN, Exemplar, shown_text
from distill.teachers.chat.prompts import annotation_prompt
from distill.training.examples import Example
from export.bases.base import base_checkpoint
from export.checkpoint import is_encoder_decoder, load_tokenizer, read_config
from export.tokenizer import end_token
from runtime.values.errors import InputError
from runtime.values.prompt import Thought, render_prompt
from runtime.values.rationale import Rationale

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a teacher reads what a student does, in ids: worked examples of a thought, each of the student's prompts, and
    the end of a thought.
    """

    shown: Mapping[Thought, Ids]
    prompts: Mapping[Ids, tuple[Thought, Ids]]
    end: int

    def prompt(self, ids: Ids) -> Ids:
        """The teacher's prompt for a student's."""
        thought, asked = self.prompts[ids]
        return self.shown[thought] + asked


@dataclass(frozen=True, slots=True)
class TeacherPlan:
    """A teacher's checkpoint; `reading` is None where it has the student's tokens and reads the student's prompts."""

    folder: Path
    reading: Reading | None = None


def plan_teacher(
    teacher: str, base: Path, rows: Sequence[Rationale], examples: Sequence[Example], shots: int
) -> TeacherPlan:
    """How a teacher reads the prompts of `examples`, which are `rows` in the tokens of the student's base.

    Raises InputError for a teacher that is not here, or more worked examples than there are.
    """
    folder = base_checkpoint(teacher)
    if not shots and _same_tokens(folder, base):
        return TeacherPlan(folder)
    tokenizer, thoughts = load_tokenizer(folder), sorted({row.thought for row in rows})
    begin = _begin(tokenizer)
    shown = {thought: begin + ids_of(tokenizer, _shown(thought, shots)) for thought in thoughts}
    prompts = {
        example.ids[: example.prompt_len]: (
            row.thought,
            ids_of(tokenizer, render_prompt(row.problem.question, row.thought)),
        )
        for row, example in zip(rows, examples, strict=True)
    }
    # After worked examples a model goes on to the next one: its thought has ended where it breaks off for that.
    end = ids_of(tokenizer, BETWEEN)[0] if shots else end_token(folder)
    return TeacherPlan(folder, Reading(shown, prompts, end))


def _shown(thought: Thought, shots: int) -> str:
    _, *said = annotation_prompt(thought).head
    texts = [message["content"] for message in said]
    examples = [Exemplar(*pair) for pair in zip(texts[::2], texts[1::2], strict=True)]
    if shots > len(examples):
        raise InputError(
            f"train.teacher_shots {shots}; expected: 0 to {len(examples)} worked examples ({thought})"
        )
    return shown_text(examples[:shots], thought) if shots else ""


def _begin(tokenizer: Any) -> Ids:
    """What a model's own tokenizer puts in front of every text."""
    text = "ans"
    plain, whole = ids_of(tokenizer, text), tuple(tokenizer.encode(text, add_special_tokens=True))
    return next((whole[:n] for n in range(len(whole)) if whole[n : n + len(plain)] == plain), ())


def ids_of(tokenizer: Any, text: str) -> Ids:
    """A text's tokens, with none that a tokenizer would add."""
    return tuple(tokenizer.encode(text, add_special_tokens=False))


def _same_tokens(teacher: Path, base: Path) -> bool:
    return is_encoder_decoder(teacher) == is_encoder_decoder(base) and _tokens(teacher) == _tokens(base)


def _tokens(folder: Path) -> tuple[Any, ...]:
    """All that decides which text has which ids, and how many logits there are."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    parts = ("model", "pre_tokenizer", "normalizer", "added_tokens")
    return (*(tokenizer.get(part) for part in parts), read_config(folder)["vocab_size"])
