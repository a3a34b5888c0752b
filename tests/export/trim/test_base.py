"""A base trimmed to a corpus: the corpus keeps its tokens, and the small base teaches and exports like any other."""

import shutil
from pathlib import Path

from benchmarks.annotations.carried import carry
from distill.stories import generate
from distill.teachers.gold.teacher import GoldTeacher
from distill.training.loop import train
from distill.training.settings import TrainSettings
from export.building.build import export_checkpoint
from export.checkpoint import load_tokenizer, read_card
from export.targets import parse_targets
from export.tokenizer import read_vocabulary
from export.trim.base import coverage, encoded, question_texts, rationale_texts, trim_base
from runtime.values.prompt import THOUGHTS
from runtime.values.rationale import Rationale


def rationales(count: int) -> list[Rationale]:
    """Gold rationales of some training stories, three thoughts each."""
    return [
        row
        for story in generate("train", count, 3)
        for row in GoldTeacher().annotate(carry(story.problem, story.annotation), THOUGHTS)
    ]


def tokens_of(folder: Path, texts: list[str]) -> list[list[str]]:
    tokens = read_vocabulary(folder).tokens
    return [[tokens[token] for token in ids] for _, ids in encoded(texts, load_tokenizer(folder))]


def test_prompts_and_rationales_of_the_corpus_keep_their_tokens(whole: Path, tmp_path: Path) -> None:
    texts = list(rationale_texts(rationales(20)))
    card = trim_base(whole, texts, tmp_path / "small", first_merges=0)
    assert card.trimmed is not None and card.trimmed.tokens < card.trimmed.whole_tokens
    assert tokens_of(whole, texts) == tokens_of(tmp_path / "small", texts)


def test_a_questions_prompts_are_counted_once_and_for_every_thought() -> None:
    rows = rationales(2)
    texts = list(rationale_texts(rows))
    assert len(texts) == 2 * (len(THOUGHTS) + 3)
    assert texts[:3] == list(question_texts(rows[0].problem.question))


def test_a_folder_that_holds_the_same_trimming_is_kept(whole: Path, tmp_path: Path) -> None:
    texts, out = list(rationale_texts(rationales(3))), tmp_path / "small"
    first = trim_base(whole, texts, out)
    written = (out / "model.safetensors").stat().st_mtime_ns
    assert trim_base(whole, texts, out) == first
    assert (out / "model.safetensors").stat().st_mtime_ns == written
    trim_base(whole, [*texts, "a giraffe"], out)
    assert (out / "model.safetensors").stat().st_mtime_ns != written


def test_coverage_counts_questions_whose_tokens_are_others(whole: Path, tmp_path: Path) -> None:
    seen, unseen = "How many pens are left?", "Which xylophones quizzed Jacqueline altogether?"
    trim_base(whole, question_texts(seen), tmp_path / "small", first_merges=0)
    found = coverage([seen, unseen], whole, tmp_path / "small")
    assert (found.questions, found.changed) == (2, 1)
    assert found.tokens_after > found.tokens_before


def test_a_student_of_a_trimmed_base_learns_and_passes_the_gate(whole: Path, tmp_path: Path) -> None:
    rows = rationales(4)
    card = trim_base(whole, rationale_texts(rows), tmp_path / "small", first_merges=0)
    assert card.trimmed is not None
    settings = TrainSettings(
        base=str(tmp_path / "small"), method="full", epochs=6, batch_size=4, learning_rate=5e-3, threads=1
    )
    train(rows, settings, tmp_path / "run")
    student = tmp_path / "run/checkpoint"
    taught = read_card(student)
    assert (taught.base, taught.trimmed) == (card.base, card.trimmed)
    assert read_vocabulary(student) == read_vocabulary(tmp_path / "small")
    assert f"| trimmed: {card.trimmed.tokens:,} of 1,200 tokens |" in (student / "README.md").read_text()
    (manifest,) = export_checkpoint(student, parse_targets("gguf:bf16"), tmp_path / "artifacts")
    assert not manifest.gate["broken"] and manifest.gate["mean_kl"] < 1e-3
    shutil.rmtree(tmp_path / "run")


def test_a_run_may_trim_its_own_base_first(whole: Path, tmp_path: Path) -> None:
    rows = rationales(4)
    settings = TrainSettings(base=str(whole), vocabulary="trimmed", epochs=1, batch_size=4, threads=1)
    report = train(rows, settings, tmp_path / "run")
    card = read_card(tmp_path / "run/checkpoint")
    assert card.trimmed is not None
    assert read_vocabulary(tmp_path / "run/checkpoint") == read_vocabulary(tmp_path / "run/base")
    assert train(rows, settings, tmp_path / "run") == report
