"""Merge an adapter into its base: an ordinary checkpoint, to be trimmed and exported like any other."""

import shutil
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from export.adapters.adapter import Adapter, check_fits, read_adapter
from export.checkpoint import (
    CARD_FILE,
    WEIGHTS_FILE,
    CheckpointCard,
    Merged,
    checkpoint_sha256,
    is_encoder_decoder,
    read_card,
    require_build,
    save_card,
)
from export.tokenizer import read_vocabulary, save_tokenizer
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import whole_folder
from runtime.values.prompt import THOUGHTS, Thought, chat_template


def merge_adapter(
    folder: Path,
    base: Path,
    out: Path,
    *,
    thoughts: Sequence[Thought] = (),
    default_thought: Thought | None = None,
    name: str = "",
    replace_earlier: bool = False,
) -> CheckpointCard:
    """Write the checkpoint `base` with an adapter's products added into the folder `out`; returns its card.

    Sums are taken in float32 and stored in bfloat16; one machine gives the same files to the byte each time.
    `thoughts` are what the adapter learned (the first is the default one unless given), by its own card or all of them
    unless given; `name` is what answers are signed with. A folder that holds just that is kept; an earlier merging of
    anything else gives way only where `replace_earlier`. Raises InputError for an adapter that does not fit, or an `out`
    that holds something else.
    """
    adapter = read_adapter(folder)
    card = merged_card(adapter, folder, base, thoughts, default_thought, name)
    if _is_there(out, card, replace_earlier=replace_earlier):
        return card
    if is_encoder_decoder(base):
        raise InputError(f"{base} is an encoder-decoder; expected for merging: decoder-only checkpoints")
    with whole_folder(out) as partial:
        partial.mkdir(parents=True)
        _write_weights(base, adapter, partial)
        for config in ("config.json", "generation_config.json"):
            if (base / config).is_file():
                shutil.copyfile(base / config, partial / config)
        save_tokenizer(read_vocabulary(base), partial, chat_template(card.default_thought))
        save_card(card, partial)
    return card


def merged_card(
    adapter: Adapter,
    folder: Path,
    base: Path,
    thoughts: Sequence[Thought] = (),
    default_thought: Thought | None = None,
    name: str = "",
) -> CheckpointCard:
    """The card of a base and an adapter together, see `merge_adapter`; nothing is merged."""
    taught = read_card(folder) if (folder / CARD_FILE).is_file() else None
    if not thoughts:
        default_thought = default_thought or (taught.default_thought if taught else None)
        thoughts = taught.thoughts if taught else THOUGHTS
    return _card(_taught(read_card(base), taught), adapter, base, thoughts, default_thought, name)


def _taught(parent: CheckpointCard, taught: CheckpointCard | None) -> CheckpointCard:
    """A base's card with what an adapter's says of its lessons; peft's own adapters have none."""
    if taught is None:
        return parent
    return replace(
        parent,
        data_sha256=taught.data_sha256,
        max_tokens=taught.max_tokens,
        quantization=taught.quantization,
        near_duplicates=tuple(sorted({*parent.near_duplicates, *taught.near_duplicates})),
    )


def _card(
    parent: CheckpointCard,
    adapter: Adapter,
    base: Path,
    thoughts: Sequence[Thought],
    default: Thought | None,
    name: str,
) -> CheckpointCard:
    if odd := [thought for thought in thoughts if thought not in THOUGHTS]:
        raise InputError(f"thought {odd[0]!r}; expected: {', '.join(THOUGHTS)}")
    learned = tuple(thought for thought in THOUGHTS if thought in thoughts)
    default = default or (thoughts[0] if thoughts else None)
    if default is None or default not in learned:
        raise InputError(
            f"default thought {default!r}; expected: one of {', '.join(learned) or 'some thoughts'}"
        )
    merged = Merged(adapter.sha256, checkpoint_sha256(base))
    return replace(parent, thoughts=learned, default_thought=default, name=name, merged=merged)


def _is_there(out: Path, card: CheckpointCard, *, replace_earlier: bool) -> bool:
    """Whether `out` holds this very checkpoint; raises InputError when what it holds is to stay."""
    if not out.exists() or (out.is_dir() and next(out.iterdir(), None) is None):
        return False
    there = read_card(out) if (out / CARD_FILE).is_file() else None
    if there == card:
        return True
    if there is None or there.merged is None:
        raise InputError(f"{out} holds something else; expected: a new folder, or the same merging")
    if replace_earlier:
        return False
    differing = ", ".join(
        field.name for field in fields(card) if getattr(there, field.name) != getattr(card, field.name)
    )
    raise InputError(
        f"{out} holds another merging (other: {differing}); expected: a new folder, or remove it"
    )


def _write_weights(base: Path, adapter: Adapter, out: Path) -> None:
    require_build()
    from safetensors import SafetensorError
    from safetensors.torch import load_file, save_file

    weights = load_file(base / WEIGHTS_FILE)
    for name in adapter.pairs:
        check_fits(adapter, name, weights.get(name), base)
        weights[name] = adapter.added_to(name, weights[name]).to(weights[name].dtype)
    try:
        save_file(weights, out / WEIGHTS_FILE, metadata={"format": "pt"})
    except (OSError, SafetensorError) as error:
        raise WorkFailed(f"could not write {out / WEIGHTS_FILE}: {error}") from error
