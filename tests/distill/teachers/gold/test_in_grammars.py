"""Grammars forbid nothing ordinary: they admit whatever the gold teacher writes."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.annotations.thoughts import WRITERS
from benchmarks.tasks.loading import load_training
from distill import stories
from distill.teachers.gold.teacher import GoldTeacher
from runtime.engines.grammar import Grammars
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.values.environment import data_folder
from runtime.values.prompt import THOUGHTS, Thought

pytest.importorskip("llguidance")


@pytest.fixture(scope="module")
def tokenizer(onnx_artifact: Path) -> tuple[Grammars, object]:
    loaded = OnnxTokenizer(onnx_artifact)
    return Grammars(loaded.pieces, loaded.encode, (2,)), loaded.encode


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
