"""Which tokens a trimming kept, as a file: another checkpoint of the base is cut to the same ones without a corpus."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from export.checkpoint import CARD_FILE, CheckpointCard, checkpoint_sha256, read_card
from export.tokenizer import read_vocabulary
from export.trim.checkpoint import check_trimming, trim_checkpoint
from runtime.values.errors import InputError
from runtime.values.files import write_json

KEPT_FILE = "kept_tokens.json"
_RUNS_A_LINE = 12


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """The ids that a trimming kept of so many, in order, and the hash of the texts that it was made for."""

    corpus_sha256: str
    whole_tokens: int
    tokens: tuple[int, ...]

    def save(self, file: Path) -> None:
        """Write the ids as runs, `first-last`, a dozen a line."""
        runs = list(_runs(self.tokens))
        lines = [" ".join(runs[start : start + _RUNS_A_LINE]) for start in range(0, len(runs), _RUNS_A_LINE)]
        row = {"corpus_sha256": self.corpus_sha256, "whole_tokens": self.whole_tokens, "tokens": lines}
        write_json(file, row)


def kept_of(trimmed: Path, whole: Path) -> KeptTokens:
    """What a trimmed checkpoint kept of the checkpoint that it was made of; raises InputError when it is none."""
    card, before = read_card(trimmed), read_vocabulary(whole)
    if card.trimmed is None or card.trimmed.whole_tokens != len(before.tokens):
        raise InputError(
            f"{trimmed} is not {whole} with fewer tokens; expected: a folder that `distill trim` wrote"
        )
    kept = set(read_vocabulary(trimmed).tokens)
    ids = tuple(index for index, token in enumerate(before.tokens) if token in kept)
    return KeptTokens(card.trimmed.corpus_sha256, len(before.tokens), ids)


def read_kept(file: Path) -> KeptTokens:
    """Read what `KeptTokens.save` wrote; raises InputError for another file."""
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        tokens = tuple(_ids(" ".join(row["tokens"]).split()))
        kept = KeptTokens(str(row["corpus_sha256"]), int(row["whole_tokens"]), tokens)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is no list of kept tokens ({type(error).__name__}); expected: what `distill trim --keep-list` wrote"
        ) from error
    return kept


def trim_like(checkpoint: Path, kept: KeptTokens, out: Path) -> CheckpointCard:
    """Write `checkpoint` into `out` with exactly these tokens; a folder that holds just that is kept.

    Raises InputError for a checkpoint with another vocabulary, and as `check_trimming` does.
    """
    check_trimming(checkpoint, out)
    if (found := len(read_vocabulary(checkpoint).tokens)) != kept.whole_tokens:
        raise InputError(
            f"{checkpoint} has {found:,} tokens; expected: {kept.whole_tokens:,}, as the list has"
        )
    if (out / CARD_FILE).is_file():
        there = read_card(out)
        known = there.trimmed and (there.trimmed.parent, there.trimmed.corpus_sha256)
        if known == (checkpoint_sha256(checkpoint), kept.corpus_sha256):
            return there
    return trim_checkpoint(checkpoint, kept.tokens, out, corpus_sha256=kept.corpus_sha256, first_merges=0)


def _runs(tokens: Iterable[int]) -> Iterator[str]:
    first = last = -1
    for token in sorted(tokens):
        if token != last + 1 or first < 0:
            if first >= 0:
                yield _run(first, last)
            first = token
        last = token
    if first >= 0:
        yield _run(first, last)


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _ids(runs: Iterable[str]) -> Iterator[int]:
    for run in runs:
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
