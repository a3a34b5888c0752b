"""Grammars forbid nothing ordinary: they admit whatever the gold teacher writes."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.tasks import load_training
from distill import stories
from distill.teachers.gold import WRITERS, GoldTeacher
from runtime.engines.grammar import Grammars, pieces_of
from runtime.engines.plain_text import read_plain_text
from runtime.environment import data_folder
from runtime.prompt import THOUGHTS, Thought

pytest.importorskip("llguidance")


@pytest.fixture(scope="module")
def tokenizer(onnx_artifact: Path) -> tuple[Grammars, object]:
    tokenizers = pytest.importorskip("tokenizers")
    file = onnx_artifact / "tokenizer.json"
    loaded = tokenizers.Tokenizer.from_file(str(file))

    def encode(text: str) -> list[int]:
        ids: list[int] = loaded.encode(text, add_special_tokens=False).ids
        return ids

    specials = read_plain_text(file).specials
    return Grammars(lambda: pieces_of(file, specials), encode, (2,)), encode


def not_admitted(tokenizer: tuple[Grammars, object], texts: Iterable[tuple[Thought, str]]) -> list[str]:
    grammars, encode = tokenizer
    refused = []
    for thought, text in texts:
        matcher = grammars.matcher(thought)
        if not all(matcher.take(token) for token in encode(text)) or not matcher.accepts():  # type: ignore[operator]
            refused.append(text)
    return refused


def test_every_thought_about_a_story_is_admitted(tokenizer: tuple[Grammars, object]) -> None:
    told = stories.generate("train", 200, seed=1)
    texts = [
        (thought, WRITERS[thought](story.annotation, story.problem.answer or ""))
        for story in told
        for thought in THOUGHTS
    ]
    assert len(texts) == 600
    assert not_admitted(tokenizer, texts) == []


@pytest.mark.skipif(data_folder() is None, reason="EDGETHOUGHT_DATA is not set")
def test_every_gold_thought_about_gsm8k_is_admitted(tokenizer: tuple[Grammars, object]) -> None:
    problems = islice(load_training("gsm8k"), 300)
    texts = [
        (rationale.thought, rationale.text)
        for problem in problems
        for rationale in GoldTeacher().annotate(problem, THOUGHTS)
    ]
    assert len(texts) > 600
    assert not_admitted(tokenizer, texts) == []
