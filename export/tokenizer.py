"""A student's tokenizer between its three spellings: GGUF metadata, `tokenizer.json`, and a list to write into a GGUF.

transformers reads a GGUF's tokenizer without its digit splitting and with a start token that the model never saw, so
it is built here from the vocabulary and the merges, with the pre-tokenizer that the GGUF names.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.bases.tokenizer_kinds import CONTROL, TOKENIZER_KINDS, USER_DEFINED, TokenizerKind, kind_of
from runtime.values.errors import InputError
from runtime.values.files import write_json


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A BPE vocabulary: tokens by id, their GGUF types, merges in rank order, its kind's name, and the special ids.

    A token of the user's own stands as a text has it, with spaces where normal tokens have their sign for one.
    """

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    kind_name: str
    begin: int
    end: int
    pad: int
    unknown: int

    @property
    def special(self) -> tuple[int, ...]:
        """Ids of the control tokens, and of the user's own."""
        return tuple(index for index, kind in enumerate(self.types) if kind in (CONTROL, USER_DEFINED))

    @property
    def kind(self) -> TokenizerKind:
        """What happens to a text before the merges; raises InputError for a name of none that we know."""
        if self.kind_name not in TOKENIZER_KINDS:
            raise InputError(f"pre-tokenizer {self.kind_name!r}; expected: {', '.join(TOKENIZER_KINDS)}")
        return TOKENIZER_KINDS[self.kind_name]


def tokenizer_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """The `tokenizer.json` of a vocabulary: no post-processor, no token added to any text."""
    kind = vocabulary.kind
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added_token(vocabulary, index) for index in vocabulary.special],
        "normalizer": kind.normalizer,
        "pre_tokenizer": kind.pre_tokenizer,
        "post_processor": None,
        "decoder": kind.decoder,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": vocabulary.tokens[vocabulary.unknown] if kind.sentencepiece else None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": kind.sentencepiece,
            "byte_fallback": kind.sentencepiece,
            "ignore_merges": False,
            "vocab": {token: index for index, token in enumerate(vocabulary.tokens)},
            "merges": [merge.split(" ") for merge in vocabulary.merges],
        },
    }


def _added_token(vocabulary: Vocabulary, index: int) -> dict[str, Any]:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    special = vocabulary.types[index] == CONTROL
    return {"id": index, "content": vocabulary.tokens[index], **flags, "special": special}


def save_tokenizer(vocabulary: Vocabulary, folder: Path, chat_template: str) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` as transformers and onnxruntime-genai read them."""
    write_json(folder / "tokenizer.json", tokenizer_json(vocabulary))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_eos_token": False,
        "add_prefix_space": False,
        "bos_token": vocabulary.tokens[vocabulary.begin],
        "eos_token": vocabulary.tokens[vocabulary.end],
        "pad_token": vocabulary.tokens[vocabulary.pad],
        "unk_token": vocabulary.tokens[vocabulary.unknown],
        "clean_up_tokenization_spaces": False,
        "model_max_length": 8192,
        "chat_template": chat_template,
    }
    write_json(folder / "tokenizer_config.json", config)


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a checkpoint folder; raises InputError when its tokenizer is not one that we can export."""
    try:
        tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"{folder} has no {Path(str(error.filename)).name}; expected: a checkpoint folder"
        ) from error
    if tokenizer["model"]["type"] != "BPE" or tokenizer["post_processor"] is not None:
        raise InputError(
            f"{folder}/tokenizer.json is not plain byte-level BPE; expected: a tokenizer we saved"
        )
    ids: dict[str, int] = tokenizer["model"]["vocab"]
    tokens = tuple(sorted(ids, key=ids.__getitem__))
    added = {int(row["id"]): bool(row["special"]) for row in tokenizer["added_tokens"]}
    name = kind_name(tokenizer, folder)
    kind = TOKENIZER_KINDS[name]
    return Vocabulary(
        tokens=tokens,
        types=tuple(
            kind.type_of(token, index, special=added.get(index, False), added=index in added)
            for index, token in enumerate(tokens)
        ),
        merges=merge_lines(tokenizer["model"]["merges"]),
        kind_name=name,
        begin=ids[config["bos_token"]],
        end=ids[config["eos_token"]],
        pad=ids[config["pad_token"]],
        unknown=ids[config["unk_token"]],
    )


def end_token(folder: Path) -> int:
    """The end token's id of any checkpoint with a `tokenizer.json`; raises InputError when it names none."""
    try:
        tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        name = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8")).get("eos_token")
    except FileNotFoundError as error:
        raise InputError(
            f"{folder} has no {Path(str(error.filename)).name}; expected: a checkpoint folder"
        ) from error
    name = name["content"] if isinstance(name, dict) else name
    ids = [int(row["id"]) for row in tokenizer["added_tokens"] if row["content"] == name]
    if not ids:
        raise InputError(
            f"{folder}/tokenizer.json has no end token {name!r}; expected: one among its added tokens"
        )
    return ids[0]


def copy_tokenizer(source: Path, folder: Path, chat_template: str) -> None:
    """Give `folder` the tokenizer of `source` as it is, whatever its kind, with this chat template."""
    shutil.copy(source / "tokenizer.json", folder / "tokenizer.json")
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    write_json(folder / "tokenizer_config.json", {**config, "chat_template": chat_template})


def merge_lines(merges: Sequence[Any]) -> tuple[str, ...]:
    """Merges of a `tokenizer.json`, each as `left right`; some files have them as pairs."""
    return tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in merges)


def kind_name(tokenizer: Mapping[str, Any], folder: Path) -> str:
    """The name of a tokenizer's kind; raises InputError, naming the folder, for one that we do not know."""
    if name := kind_of(tokenizer):
        return name
    raise InputError(
        f"{folder}/tokenizer.json has an unknown pre-tokenizer; expected: {', '.join(TOKENIZER_KINDS)}"
    )
