"""A student's tokenizer between its three spellings: GGUF metadata, `tokenizer.json`, and a list to write into a GGUF.

transformers reads a GGUF's tokenizer without its digit splitting and with a start token that the model never saw, so
it is built here from the vocabulary and the merges, with the pre-tokenizer that the GGUF names.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.values.errors import InputError
from runtime.values.files import write_json

# llama.cpp's types of tokens. An unused one is a row of the embedding that no text has.
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
SMOLLM_PRE_TOKENIZER = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    ],
}
# Words with the space or sign before them, each digit alone, runs of other signs, line breaks, spaces.
_QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN2_PRE_TOKENIZER = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": _QWEN2_WORDS}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
    ],
}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
# llama.cpp's name of a pre-tokenizer -> the same one as `tokenizer.json` spells it.
PRE_TOKENIZERS: dict[str, dict[str, Any]] = {
    "smollm": SMOLLM_PRE_TOKENIZER,
    "qwen2": QWEN2_PRE_TOKENIZER,
}


def byte_alphabet() -> list[str]:
    """The 256 printable stand-ins for bytes of byte-level BPE (Radford et al., GPT-2), in byte order."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE vocabulary: tokens by id, their GGUF types, merges in rank order, and the special ids."""

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    pre_tokenizer: str
    begin: int
    end: int
    pad: int
    unknown: int

    @property
    def special(self) -> tuple[int, ...]:
        """Ids of the control tokens."""
        return tuple(index for index, kind in enumerate(self.types) if kind == CONTROL)


def tokenizer_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """The `tokenizer.json` of a vocabulary: no normaliser, no post-processor, no token added to any text."""
    if vocabulary.pre_tokenizer not in PRE_TOKENIZERS:
        raise InputError(f"pre-tokenizer {vocabulary.pre_tokenizer!r}; expected: {', '.join(PRE_TOKENIZERS)}")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added_token(index, vocabulary.tokens[index]) for index in vocabulary.special],
        "normalizer": None,
        "pre_tokenizer": PRE_TOKENIZERS[vocabulary.pre_tokenizer],
        "post_processor": None,
        "decoder": BYTE_LEVEL,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: index for index, token in enumerate(vocabulary.tokens)},
            "merges": [merge.split(" ") for merge in vocabulary.merges],
        },
    }


def _added_token(index: int, content: str) -> dict[str, Any]:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": index, "content": content, **flags}


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
    special = {row["id"] for row in tokenizer["added_tokens"] if row["special"]}
    kinds = {token: UNUSED if name == unused_token(token) else NORMAL for token, name in enumerate(tokens)}
    return Vocabulary(
        tokens=tokens,
        types=tuple(CONTROL if token in special else kind for token, kind in kinds.items()),
        merges=merge_lines(tokenizer["model"]["merges"]),
        pre_tokenizer=pre_tokenizer_name(tokenizer["pre_tokenizer"], folder),
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


def unused_token(index: int) -> str:
    """What llama.cpp's converter calls a row of the embedding that is no token; no merge makes it from a text."""
    return f"[PAD{index}]"


def merge_lines(merges: Sequence[Any]) -> tuple[str, ...]:
    """Merges of a `tokenizer.json`, each as `left right`; some files have them as pairs."""
    return tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in merges)


def pre_tokenizer_name(pre_tokenizer: Any, folder: Path) -> str:
    """llama.cpp's name of a pre-tokenizer; raises InputError, naming the folder, for one that we do not know."""
    for name, spelled in PRE_TOKENIZERS.items():
        if _splitting(spelled) == _splitting(pre_tokenizer):
            return name
    raise InputError(
        f"{folder}/tokenizer.json has an unknown pre-tokenizer; expected: {', '.join(PRE_TOKENIZERS)}"
    )


def _splitting(pre_tokenizer: Any) -> Any:
    """A pre-tokenizer without what only moves the places that a token is said to be from."""
    steps = (pre_tokenizer or {}).get("pretokenizers", [pre_tokenizer])
    return [{key: value for key, value in (step or {}).items() if key != "trim_offsets"} for step in steps]
