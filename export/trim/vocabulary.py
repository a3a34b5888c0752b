"""Trimming: a vocabulary cut down to the tokens that some texts use, under which those texts keep their tokens.

Byte-level BPE (Sennrich et al., arXiv 1508.07909) applies, over and over, the merge that comes first in the order among
those that the text admits. What a merge made is part of one of the final tokens, for nothing is ever split again. So let
every kept token keep its parts, their parts and so on, and let exactly the merges that make a kept token stay, in their
order. On a text whose tokens are all kept, the merge that comes first among all is then one that stayed, hence the first
among those too: step by step, both vocabularies do the same. Any other text falls back on smaller tokens, at last on
the 256 bytes, so it comes back as it went in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from export.bases.tokenizer_kinds import NORMAL
from export.tokenizer import Vocabulary
from runtime.values.errors import InputError

# The first merges are the commonest words of the base's own training texts: what a corpus of problems happens not to
# hold. Chosen on training sets that were held out from each other, see docs/experiments.
FIRST_MERGES = 8192
# Kernels take rows in blocks (llama.cpp's repacked ones 4, 8 or 16, onnxruntime's up to 32). The room up to the next
# multiple is filled with the next merges' tokens, so no row is a dummy that a model could choose.
ROW_MULTIPLE = 64
_LAST_CONTROL_BYTE = 0x1F


@dataclass(frozen=True, slots=True)
class Trimming:
    """A smaller vocabulary, and for each of its ids the id in the whole one whose embedding row it takes."""

    vocabulary: Vocabulary
    rows: tuple[int, ...]


def trim_vocabulary(
    whole: Vocabulary,
    used: Collection[int],
    *,
    first_merges: int = FIRST_MERGES,
    multiple: int = ROW_MULTIPLE,
) -> Trimming:
    """Keep special tokens, bytes, the first merges' tokens, the `used` ids, and the parts of all of these.

    Kept tokens keep their order, so special ids at the front do not move. A byte that the whole vocabulary lacks gets
    a token at the end. Raises InputError for an id that is none, or a negative count of merges.
    """
    if first_merges < 0:
        raise InputError(f"first merges {first_merges}; expected: 0 or more")
    if odd := [token for token in used if not 0 <= token < len(whole.tokens)]:
        raise InputError(f"token {odd[0]}; expected: 0 to {len(whole.tokens) - 1}")
    ids = {token: index for index, token in enumerate(whole.tokens)}
    made = [_made(merge, ids) for merge in whole.merges]
    alphabet = whole.kind.alphabet
    missing = [token for token in alphabet if token not in ids]
    named = (whole.begin, whole.end, whole.pad, whole.unknown)
    every_byte = (ids[token] for token in alphabet if token in ids)
    common = (token for token, _ in made[:first_merges])
    kept = _with_parts({*whole.special, *named, *every_byte, *common, *used}, _parts(made))
    kept |= set(_filling(kept, made, -(len(kept) + len(missing)) % multiple))
    return _cut(whole, sorted(kept), missing, stand_in=_stand_in(whole, ids))


Made = tuple[int, tuple[int, int]]


def _made(merge: str, ids: Mapping[str, int]) -> Made:
    """The token that a merge makes, and its two parts."""
    left, right = merge.split(" ")
    return ids[left + right], (ids[left], ids[right])


def _parts(made: Sequence[Made]) -> dict[int, set[int]]:
    """Each token's parts by all the merges that make it: which one a text needs depends on the text."""
    parts: dict[int, set[int]] = {}
    for token, pair in made:
        parts.setdefault(token, set()).update(pair)
    return parts


def _with_parts(tokens: set[int], parts: Mapping[int, set[int]]) -> set[int]:
    kept, waiting = set(tokens), list(tokens)
    while waiting:
        new = parts.get(waiting.pop(), set()) - kept
        kept |= new
        waiting += new
    return kept


def _filling(kept: set[int], made: Sequence[Made], room: int) -> Iterator[int]:
    """The next tokens in merge order whose parts are all kept."""
    parts, have = _parts(made), set(kept)
    for token, _ in made:
        if not room:
            return
        if token not in have and parts[token] <= have:
            have.add(token)
            room -= 1
            yield token


def _stand_in(whole: Vocabulary, ids: Mapping[str, int]) -> int:
    """Whose embedding an added byte takes: a control character's, which no model writes (nor the copy, then)."""
    known = [ids[token] for token in whole.kind.alphabet[: _LAST_CONTROL_BYTE + 1] if token in ids]
    return known[-1] if known else whole.unknown


def _cut(whole: Vocabulary, kept: Sequence[int], added: Sequence[str], *, stand_in: int) -> Trimming:
    new = {old: index for index, old in enumerate(kept)}
    tokens = {whole.tokens[old] for old in kept}
    vocabulary = replace(
        whole,
        tokens=(*(whole.tokens[old] for old in kept), *added),
        types=(*(whole.types[old] for old in kept), *(NORMAL for _ in added)),
        merges=tuple(merge for merge in whole.merges if merge.replace(" ", "") in tokens),
        begin=new[whole.begin],
        end=new[whole.end],
        pad=new[whole.pad],
        unknown=new[whole.unknown],
    )
    return Trimming(vocabulary, (*kept, *(stand_in for _ in added)))
