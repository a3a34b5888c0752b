"""What a tokenizer's ids write, as bytes: what two models with other tokens have in common."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from export.bases.tokenizer_kinds import SPACE, byte_alphabet

# What ends a text: no UTF-8 has its first byte, and no token is spelled so.
END = b"\xff<end>"


def token_bytes(folder: Path, size: int, end: int) -> tuple[bytes, ...]:
    """What each of a checkpoint's `size` ids writes, by its `tokenizer.json`; `end` writes END, an unused id nothing.

    Knows byte-level BPE (GPT-2's signs for bytes) and SentencePiece's (a sign for spaces, `<0x0A>` for bytes).
    """
    row = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocab = row["model"]["vocab"]
    pieces = (
        vocab if isinstance(vocab, Mapping) else {piece: number for number, (piece, _) in enumerate(vocab)}
    )
    spell = (
        _of_signs if "ByteLevel" in json.dumps([row["pre_tokenizer"], row["decoder"]]) else _of_sentencepiece
    )
    written = {number: spell(piece) for piece, number in pieces.items()}
    written |= {token["id"]: token["content"].encode() for token in row["added_tokens"]}
    written[end] = END
    return tuple(written.get(number, b"") for number in range(size))


def _of_signs(piece: str) -> bytes:
    signs = _byte_of_sign()
    return bytes(signs[sign] for sign in piece) if all(sign in signs for sign in piece) else piece.encode()


@cache
def _byte_of_sign() -> dict[str, int]:
    return {sign: byte for byte, sign in enumerate(byte_alphabet())}


def _of_sentencepiece(piece: str) -> bytes:
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes.fromhex(piece[3:5])
    return piece.replace(SPACE, " ").encode()


def unspaced(tokens: Sequence[bytes]) -> list[bytes]:
    """A text's tokens without the space that some tokenizers put before its first word."""
    return [tokens[0].removeprefix(b" "), *tokens[1:]] if tokens else []


def whole_text(written: bytes) -> tuple[str, bool]:
    """The text of a thought's bytes up to the first that are none, and whether it came to its end there."""
    body, end, _ = written.partition(END)
    try:
        return body.decode(), bool(end)
    except UnicodeDecodeError as error:
        return body[: error.start].decode(), False
