"""The white-box teacher: a frozen checkpoint whose logits the student learns from, token by token."""

import json
from pathlib import Path
from typing import Any

from export.bases.base import base_checkpoint
from export.checkpoint import is_encoder_decoder, load_student, read_config
from runtime.values.errors import InputError


def teacher_checkpoint(teacher: str, base: Path) -> Path:
    """The teacher's checkpoint folder; raises InputError when its tokens are not those of the student's base."""
    folder = base_checkpoint(teacher)
    if is_encoder_decoder(folder) != is_encoder_decoder(base):
        raise InputError(
            f"teacher {teacher} and base {base.name} are an encoder-decoder and a decoder; expected: two of a kind"
        )
    if _tokens(folder) != _tokens(base):
        raise InputError(
            f"teacher {teacher} has another tokenizer than base {base.name}; expected: one with the same tokens and ids"
        )
    return folder


def open_teacher(folder: Path, device: Any, dtype: Any) -> Any:
    """The teacher, frozen, computing in `dtype` as its student does."""
    teacher = load_student(folder, dtype=dtype).to(device)
    return teacher.requires_grad_(False)


def _tokens(folder: Path) -> tuple[Any, ...]:
    """All that decides which text has which ids, and how many logits there are."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    parts = ("model", "pre_tokenizer", "normalizer", "added_tokens")
    return (*(tokenizer.get(part) for part in parts), read_config(folder)["vocab_size"])
