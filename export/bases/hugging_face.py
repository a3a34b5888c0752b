"""A plain folder in the Hugging Face layout becomes a checkpoint: the same weights, the tokenizer as devices have it.

A device's tokenizer knows no normaliser and adds no token, and a vocabulary has a name for every row of the
embedding; the end token is written wherever a program may look for it.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from export.bases.tokenizer_kinds import (
    NORMAL,
    SPACE,
    TOKENIZER_KINDS,
    USER_DEFINED,
    TokenizerKind,
    unused_token,
)
from export.checkpoint import CheckpointCard, require_build, save_card, save_student
from export.gguf.architectures import check_plain
from export.tokenizer import Vocabulary, kind_name, merge_lines, save_tokenizer
from runtime.values.errors import InputError
from runtime.values.prompt import chat_template

# What ends a turn, in ChatML's words and in Gemma's.
TURN_ENDS = ("<|im_end|>", "<end_of_turn>")
CARD = "README.md"
WEIGHTS = "*.safetensors"


def convert_folder(source: Path, folder: Path, card: CheckpointCard) -> None:
    """Write the checkpoint of a Hugging Face folder; raises InputError as `check_folder` does."""
    check_folder(source)
    require_build()
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig

    vocabulary = read_plain_vocabulary(source)
    model = AutoModelForCausalLM.from_pretrained(
        source, dtype=torch.bfloat16, local_files_only=True, use_safetensors=True
    )
    ids = {
        "bos_token_id": vocabulary.begin,
        "eos_token_id": vocabulary.end,
        "pad_token_id": vocabulary.pad,
    }
    model.config.update(ids)
    # A base's own sampling settings are not a student's.
    model.generation_config = GenerationConfig(**ids)
    save_student(model, folder)
    save_tokenizer(vocabulary, folder, chat_template(card.default_thought))
    save_card(card, folder)


def check_folder(source: Path) -> None:
    """Raise InputError, naming the folder, where it is no base: another architecture or tokenizer, or files missing."""
    check_plain(_json(source, "config.json"), source)
    read_plain_vocabulary(source)
    if not any(source.glob(WEIGHTS)):
        raise InputError(f"{source} has no {WEIGHTS}; expected: weights in safetensors")


def folder_license(source: Path) -> str | None:
    """The license that a folder's model card (`README.md`) names; None where it names none."""
    try:
        text = (source / CARD).read_text(encoding="utf-8")
        head = yaml.safe_load(text.split("---", 2)[1]) if text.startswith("---") else None
    except (FileNotFoundError, IndexError, UnicodeDecodeError, yaml.YAMLError):
        return None
    if not isinstance(head, dict):
        return None
    name = head.get("license_name") if head.get("license") == "other" else head.get("license")
    return name if isinstance(name, str) else None


def read_plain_vocabulary(source: Path) -> Vocabulary:
    """The vocabulary of a Hugging Face folder with BPE of a kind that we know, as long as its embedding."""
    tokenizer, settings = _json(source, "tokenizer.json"), _json(source, "tokenizer_config.json")
    name = kind_name(tokenizer, source)
    kind = TOKENIZER_KINDS[name]
    _check_tokenizer(tokenizer, kind, source)
    rows = _json(source, "config.json")["vocab_size"]
    ids: dict[str, int] = dict(tokenizer["model"]["vocab"])
    # An added token without a row of its own is another model's: Gemma 3's picture in those that read texts alone.
    added = {
        row["content"]: row for row in tokenizer["added_tokens"] if row["id"] < rows or not kind.sentencepiece
    }
    ids |= {token: int(row["id"]) for token, row in added.items()}
    names = {index: token for token, index in ids.items()}
    if max(names) >= rows:
        raise InputError(
            f"{source} has {max(names) + 1} tokens for {rows} rows; expected: a row for every token"
        )
    tokens = [names.get(index, unused_token(index)) for index in range(rows)]
    types = tuple(
        kind.type_of(token, index, special=bool(added.get(token, {}).get("special")), added=token in added)
        for index, token in enumerate(tokens)
    )
    end = _end(source, settings, {token: ids[token] for token in added})
    pad = ids.get(_content(settings.get("pad_token")), end)
    return Vocabulary(
        tokens=tuple(_as_typed(token, given) for token, given in zip(tokens, types, strict=True)),
        types=types,
        merges=tuple(
            merge
            for merge in merge_lines(tokenizer["model"]["merges"])
            if types[ids[merge.replace(" ", "")]] == NORMAL
        ),
        kind_name=name,
        begin=ids.get(_content(settings.get("bos_token")), pad),
        end=end,
        pad=pad,
        unknown=ids.get(_content(settings.get("unk_token")), pad),
    )


def _as_typed(token: str, given: int) -> str:
    """A token as `Vocabulary` has it: runs of spaces are the user's own tokens, cut out before a space has its sign."""
    return token.replace(SPACE, " ") if given == USER_DEFINED else token


def _check_tokenizer(tokenizer: dict[str, Any], kind: TokenizerKind, source: Path) -> None:
    model, normalizer = tokenizer["model"], tokenizer.get("normalizer")
    plain = model.get("type") == "BPE" and not model.get("ignore_merges")
    plain = plain and bool(model.get("byte_fallback")) == kind.sentencepiece
    # NFC changes no text that a keyboard gives, and no device does it.
    plain = plain and normalizer in (kind.normalizer, *(() if kind.sentencepiece else ({"type": "NFC"},)))
    if not plain:
        raise InputError(
            f"{source}/tokenizer.json is not plain byte-level BPE; expected: one as Qwen2's, SmolLM2's or Gemma 3's"
        )


def _end(source: Path, settings: dict[str, Any], added: dict[str, int]) -> int:
    """The id that ends an answer: a turn's own end where the chat template has one, whatever the base's end token is."""
    template = str(settings.get("chat_template", ""))
    if (source / "chat_template.jinja").is_file():
        template += (source / "chat_template.jinja").read_text(encoding="utf-8")
    ends = (name for name in TURN_ENDS if name in template and name in added)
    name = next(ends, _content(settings.get("eos_token")))
    if name not in added:
        raise InputError(
            f"{source}/tokenizer_config.json names the end token {name!r}; expected: one that is added"
        )
    return added[name]


def _content(token: Any) -> str:
    """A special token's text: it is written plainly, or as an object."""
    return str(token["content"] if isinstance(token, dict) else token)


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        row = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{folder} has no {name}; expected: a folder in the Hugging Face layout") from error
    except ValueError as error:
        raise InputError(f"{folder / name} is damaged ({error}); expected: a JSON object") from error
    if not isinstance(row, dict):
        raise InputError(f"{folder / name} is {type(row).__name__}; expected: a JSON object")
    return row
