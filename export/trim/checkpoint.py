"""Trimmed checkpoints: an ordinary checkpoint folder whose embedding has only the rows of the tokens that are needed.

The rows are copied, not computed, so on kept tokens the logits are the whole checkpoint's. Everything that names a
token (tokenizer, `config.json`, `generation_config.json`) goes by the new ids.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from export.checkpoint import (
    CARD_FILE,
    WEIGHTS_FILE,
    CheckpointCard,
    Trimmed,
    checkpoint_sha256,
    is_encoder_decoder,
    read_card,
    require_build,
    save_card,
)
from export.tokenizer import read_vocabulary, save_tokenizer
from export.trim.vocabulary import FIRST_MERGES, Trimming, trim_vocabulary
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import whole_folder, write_json
from runtime.values.prompt import chat_template

CONFIG_FILES = ("config.json", "generation_config.json")
EMBEDDING = "model.embed_tokens.weight"
ROWS_BY_TOKEN = (EMBEDDING, "lm_head.weight")


def trim_checkpoint(
    checkpoint: Path,
    used: Collection[int],
    out: Path,
    *,
    corpus_sha256: str,
    first_merges: int = FIRST_MERGES,
) -> CheckpointCard:
    """Write `checkpoint` with only the tokens that `used` needs into the folder `out`; returns its card.

    The same arguments give the same files to the byte. Raises InputError as `check_trimming` does, and for weights that
    are not a Llama's; WorkFailed when the disk is full.
    """
    check_trimming(checkpoint, out)
    card, whole = read_card(checkpoint), read_vocabulary(checkpoint)
    trimming = trim_vocabulary(whole, {*used, *_named_tokens(checkpoint)}, first_merges=first_merges)
    trimmed = Trimmed(
        tokens=len(trimming.rows),
        whole_tokens=card.trimmed.whole_tokens if card.trimmed else len(whole.tokens),
        parent=checkpoint_sha256(checkpoint),
        corpus_sha256=corpus_sha256,
    )
    card = replace(card, trimmed=trimmed)
    with whole_folder(out) as partial:
        partial.mkdir(parents=True)
        _write_weights(checkpoint, partial, trimming.rows)
        _write_configs(checkpoint, partial, trimming)
        save_tokenizer(trimming.vocabulary, partial, chat_template(card.default_thought))
        save_card(card, partial)
    return card


def check_trimming(checkpoint: Path, out: Path) -> None:
    """Raise InputError for an encoder-decoder, a tokenizer that is not ours, or an `out` that holds something else."""
    card = read_card(checkpoint)
    if is_encoder_decoder(checkpoint):
        raise InputError(
            f"{checkpoint} is an encoder-decoder; expected for trimming: decoder-only checkpoints"
        )
    read_vocabulary(checkpoint)
    if out.resolve() == checkpoint.resolve():
        raise InputError(f"--out {out} is the checkpoint itself; expected: another folder")
    if out.exists() and not _may_replace(out, card):
        raise InputError(f"{out} holds something else; expected: a new folder, or an earlier trimming")


def _may_replace(out: Path, card: CheckpointCard) -> bool:
    """Whether a place is an empty folder, or a trimming of the same student: none is lost."""
    if not (out / CARD_FILE).is_file():
        return out.is_dir() and next(out.iterdir(), None) is None
    there = read_card(out)
    same = (there.data_sha256, there.merged) == (card.data_sha256, card.merged)
    return there.trimmed is not None and same


def _write_weights(checkpoint: Path, out: Path, rows: Sequence[int]) -> None:
    require_build()
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file, save_file

    weights = load_file(checkpoint / WEIGHTS_FILE)
    if EMBEDDING not in weights or len(weights[EMBEDDING]) <= max(rows):
        raise InputError(f"{checkpoint} has no {EMBEDDING} with a row for every token; expected: a Llama")
    index = torch.tensor(rows)
    for name in ROWS_BY_TOKEN:
        if name in weights:
            weights[name] = weights[name][index]
    try:
        save_file(weights, out / WEIGHTS_FILE, metadata={"format": "pt"})
    except (OSError, SafetensorError) as error:
        raise WorkFailed(f"could not write {out / WEIGHTS_FILE}: {error}") from error


def _configs(checkpoint: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in CONFIG_FILES:
        if (checkpoint / name).is_file():
            yield name, json.loads((checkpoint / name).read_text(encoding="utf-8"))


def _named_tokens(checkpoint: Path) -> Iterator[int]:
    """The ids that the configurations name (`eos_token_id` and others, one or a list)."""
    for _, config in _configs(checkpoint):
        for key, value in config.items():
            if key.endswith("_token_id") and value is not None:
                yield from _listed(value)


def _listed(value: int | list[int]) -> Iterable[int]:
    return value if isinstance(value, list) else (value,)


def _write_configs(checkpoint: Path, out: Path, trimming: Trimming) -> None:
    # An added byte repeats a row that stands before it, so the first id of a row is the token itself.
    new: dict[int, int] = {}
    for index, row in enumerate(trimming.rows):
        new.setdefault(row, index)
    for name, config in _configs(checkpoint):
        for key, value in config.items():
            if key.endswith("_token_id") and value is not None:
                ids = [new[token] for token in _listed(value)]
                config[key] = ids if isinstance(value, list) else ids[0]
        if "vocab_size" in config:
            config["vocab_size"] = len(trimming.rows)
        write_json(out / name, config)
