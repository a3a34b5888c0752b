"""Trim a base to the tokens that some texts use, before a student learns from them: less to store, to read and to score.

The embedding of a small model is much of it (a third of SmolLM2-135M's GGUF, and all of it is read for every
token written), while problems in words use a third of the tokens. See `export.trim.vocabulary` for why texts that use
kept tokens alone keep their ids.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from export.checkpoint import CARD_FILE, CheckpointCard, checkpoint_sha256, load_tokenizer, read_card
from export.tokenizer import read_vocabulary
from export.trim.checkpoint import check_trimming, trim_checkpoint
from export.trim.vocabulary import FIRST_MERGES
from runtime.values.prompt import THOUGHTS, render_prompt
from runtime.values.rationale import Rationale

# Texts that are encoded together.
BATCH = 1000


def rationale_texts(rationales: Iterable[Rationale]) -> Iterator[str]:
    """What a student reads and writes for some rationales: each question's prompt for every thought, and the texts."""
    last = None
    for rationale in rationales:
        if rationale.problem.question != last:
            last = rationale.problem.question
            yield from question_texts(last)
        yield rationale.text.rstrip()


def question_texts(question: str) -> Iterator[str]:
    """A question's prompts: a student may be asked for thoughts that its corpus lacks."""
    return (render_prompt(question, thought) for thought in THOUGHTS)


def trim_base(
    checkpoint: Path, texts: Iterable[str], out: Path, *, first_merges: int = FIRST_MERGES
) -> CheckpointCard:
    """Write `checkpoint` into `out` with the tokens that `texts` use; a folder that holds just that is kept.

    Texts are tokenised one by one, as prompt and completion are. Raises InputError, see `check_trimming`.
    """
    check_trimming(checkpoint, out)
    used, digest = set[int](), sha256(f"first merges {first_merges}\n".encode())
    for text, ids in encoded(texts, load_tokenizer(checkpoint)):
        used.update(ids)
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    corpus = digest.hexdigest()
    if (out / CARD_FILE).is_file():
        there = read_card(out)
        known = there.trimmed and (there.trimmed.parent, there.trimmed.corpus_sha256)
        if known == (checkpoint_sha256(checkpoint), corpus):
            return there
    return trim_checkpoint(checkpoint, used, out, corpus_sha256=corpus, first_merges=first_merges)


def encoded(texts: Iterable[str], tokenizer: Any) -> Iterator[tuple[str, list[int]]]:
    """Each text with its token ids; nothing is added, and names of special tokens are text."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        yield from zip(batch, tokenizer(batch, add_special_tokens=False)["input_ids"], strict=True)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a trimmed vocabulary spells some questions: how many have other tokens than before, and tokens in all."""

    questions: int
    changed: int
    tokens_before: int
    tokens_after: int


def coverage(questions: Sequence[str], whole: Path, trimmed: Path) -> Coverage:
    """Compare two checkpoints' tokens of some questions' prompts, by the bytes that each token stands for."""
    before, after = read_vocabulary(whole).tokens, read_vocabulary(trimmed).tokens
    changed = tokens_before = tokens_after = 0
    prompts = [render_prompt(question, THOUGHTS[0]) for question in questions]
    old, new = encoded(prompts, load_tokenizer(whole)), encoded(prompts, load_tokenizer(trimmed))
    for (_, first), (_, second) in zip(old, new, strict=True):
        changed += [before[token] for token in first] != [after[token] for token in second]
        tokens_before += len(first)
        tokens_after += len(second)
    return Coverage(len(questions), changed, tokens_before, tokens_after)
