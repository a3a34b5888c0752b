"""The kinds of tokenizers that we know: what happens to a text before its merges, as `tokenizer.json` and GGUF say it.

Two families: byte-level BPE (GPT-2, SmolLM2, Qwen), whose letters stand for bytes, and SentencePiece's BPE (Gemma), whose
letters are characters, with a token a byte for those that it lacks. llama.cpp has merges for the first alone; of the
second it knows each token's score, and joins the neighbours that make the token of the highest one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# llama.cpp's types of tokens. An unused one is a row of the embedding that no text has.
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SPACE = "▁"
# Control tokens to llama.cpp whatever a file says of them; Gemma's ends HTML's struck-out text.
_CONTROLS = ("<mask>", "</s>")
# What no merge makes: below every score of a token that one does.
NO_SCORE = -1e6

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
_QWEN2_PRE_TOKENIZER = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": _QWEN2_WORDS}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
    ],
}
_BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
# As Gemma's own file has it; no text has a space any more when it is split.
_GEMMA_PRE_TOKENIZER = {
    "type": "Split",
    "pattern": {"String": " "},
    "behavior": "MergedWithPrevious",
    "invert": False,
}
_GEMMA_DECODER = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ],
}


@dataclass(frozen=True, slots=True)
class TokenizerKind:
    """`gguf_model` and `gguf_pre` are GGUF's names, the rest are parts of a `tokenizer.json`.

    `sentencepiece`: letters are characters, and tokens of the user's own (line breaks, runs of spaces) are cut out of a
    text first; else letters stand for bytes.
    """

    gguf_model: str
    gguf_pre: str
    pre_tokenizer: Mapping[str, Any]
    normalizer: Mapping[str, Any] | None = None
    decoder: Mapping[str, Any] | None = None
    sentencepiece: bool = False

    @property
    def alphabet(self) -> list[str]:
        """The tokens of the 256 bytes, in byte order."""
        return [f"<0x{byte:02X}>" for byte in range(256)] if self.sentencepiece else byte_alphabet()

    def type_of(self, token: str, index: int, *, special: bool, added: bool) -> int:
        """A token's type in GGUF; `added`: among a file's added tokens, `special`: and marked so there."""
        if token == unused_token(index) or (self.sentencepiece and re.fullmatch(r"<unused\d+>", token)):
            return UNUSED
        if special or token in _CONTROLS:
            return CONTROL
        if added:
            # What only a model writes is text where a person types it; of byte-level BPE that is every added token.
            return USER_DEFINED if self.sentencepiece else CONTROL
        return BYTE if self.sentencepiece and re.fullmatch(r"<0x[0-9A-F]{2}>", token) else NORMAL


TOKENIZER_KINDS: dict[str, TokenizerKind] = {
    "smollm": TokenizerKind("gpt2", "smollm", SMOLLM_PRE_TOKENIZER, decoder=_BYTE_LEVEL),
    "qwen2": TokenizerKind("gpt2", "qwen2", _QWEN2_PRE_TOKENIZER, decoder=_BYTE_LEVEL),
    "gemma": TokenizerKind(
        "llama",
        "default",
        _GEMMA_PRE_TOKENIZER,
        normalizer={"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        decoder=_GEMMA_DECODER,
        sentencepiece=True,
    ),
}


def byte_alphabet() -> list[str]:
    """The 256 printable stand-ins for bytes of byte-level BPE (Radford et al., GPT-2), in byte order."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


def unused_token(index: int) -> str:
    """What llama.cpp's converter calls a row of the embedding that is no token; no merge makes it from a text."""
    return f"[PAD{index}]"


def kind_of(tokenizer: Mapping[str, Any]) -> str | None:
    """The kind of a `tokenizer.json` by its pre-tokenizer; None for one that we do not know."""
    found = _splitting(tokenizer["pre_tokenizer"])
    return next(
        (name for name, kind in TOKENIZER_KINDS.items() if _splitting(kind.pre_tokenizer) == found), None
    )


def gguf_kind(model: str, pre: str) -> str | None:
    """The kind that a GGUF file means by its tokenizer's model and pre-tokenizer; None for one that we do not know."""
    pairs = {(kind.gguf_model, kind.gguf_pre): name for name, kind in TOKENIZER_KINDS.items()}
    return pairs.get((model, pre))


def _splitting(pre_tokenizer: Any) -> Any:
    """A pre-tokenizer without what only moves the places that a token is said to be from."""
    steps = (pre_tokenizer or {}).get("pretokenizers", [pre_tokenizer])
    return [{key: value for key, value in (step or {}).items() if key != "trim_offsets"} for step in steps]


def scores_of(tokens: Sequence[str], types: Sequence[int], merges: Sequence[str]) -> list[float]:
    """Each token's score: the earlier a merge makes it, the higher, which is how llama.cpp chooses."""
    ranks: dict[str, int] = {}
    for merge in merges:
        ranks.setdefault(merge.replace(" ", ""), len(ranks))
    scores = (NO_SCORE if token not in ranks else -float(ranks[token]) for token in tokens)
    return [
        0.0 if kind == BYTE else score if kind == NORMAL else NO_SCORE
        for kind, score in zip(types, scores, strict=True)
    ]


def merges_of(tokens: Sequence[str], types: Sequence[int], scores: Sequence[float]) -> Iterator[str]:
    """The merges that make each normal token of any two others, by its score: SentencePiece's own as BPE has them."""
    ids = {token: index for index, token in enumerate(tokens) if types[index] == NORMAL}
    for token in sorted(ids, key=lambda token: -scores[ids[token]]):
        cuts = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        pairs = [(left, right) for left, right in cuts if left in ids and right in ids]
        for left, right in sorted(pairs, key=lambda pair: (ids[pair[0]], ids[pair[1]])):
            yield f"{left} {right}"
