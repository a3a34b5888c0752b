"""Two models with other tokens, compared where both stand at the same place of the same text.

Between two places at which tokens of both end lies a `Span`. At its beginning each model says how likely three kinds of
events are: that exactly this span is written; any one token that both have, and that begins the span in neither;
anything else. They exclude each other and are all that can happen, in both models, so any divergence over them is one
of two whole distributions. Where all tokens are the same it is that over tokens. Universal logit distillation (arXiv
2402.12030) compares sorted probabilities instead, whatever they are of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

# Logarithm of a share that counts as none, so that a student which lacks a token of its teacher's costs no infinity.
NONE = -30.0


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens of ours and of theirs that write the same bytes."""

    ours: range
    theirs: range


def align(ours: Sequence[bytes], theirs: Sequence[bytes]) -> Iterator[Span]:
    """The shortest spans from the beginning, up to the last place where both texts are still the same and tokens end."""
    same = _same(b"".join(ours), b"".join(theirs))
    ends, their_ends = _ends(ours, same), _ends(theirs, same)
    places = [(ends[place], their_ends[place]) for place in sorted(ends.keys() & their_ends.keys())]
    for (begin, their_begin), (end, their_end) in pairwise([(0, 0), *places]):
        yield Span(range(begin, end), range(their_begin, their_end))


def _same(ours: bytes, theirs: bytes) -> int:
    """How many first bytes are the same."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(ours), len(theirs)))


def _ends(tokens: Sequence[bytes], most: int) -> dict[int, int]:
    """How many tokens there are up to each place at which one ends; those without bytes go with the ones before."""
    ends = {place: number for number, place in enumerate(accumulate(map(len, tokens)), 1)}
    return {place: number for place, number in ends.items() if 0 < place <= most}


@dataclass(frozen=True, slots=True)
class Side:
    """One model's part of a micro-batch's spans: which row of its labelled logits is whose, and the token there.

    `rows`, `tokens` and `spans` (token) say of each token its row, its id and its span; `first` and `begins` (span)
    are the row and the token with which each span begins.
    """

    rows: Tensor
    tokens: Tensor
    spans: Tensor
    first: Tensor
    begins: Tensor


def side(rows: Sequence[range], ids: Sequence[int], device: Any) -> Side:
    """The part of spans whose tokens are at `rows` of all labelled `ids`."""
    each = _numbers([row for span in rows for row in span], device)
    spans = _numbers([number for number, span in enumerate(rows) for _ in span], device)
    first, tokens = _numbers([span[0] for span in rows], device), _numbers(ids, device)
    return Side(each, tokens[each], spans, first, tokens[first])


def _numbers(values: Sequence[int], device: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.long, device=device)


@dataclass(frozen=True, slots=True)
class SharedTokens:
    """Ids of the tokens that both models have, in the same order, and the place there of each id (-1 is none)."""

    ours: Tensor
    theirs: Tensor
    place_of_ours: Tensor
    place_of_theirs: Tensor


def shared_tokens(ours: Sequence[bytes], theirs: Sequence[bytes], device: Any) -> SharedTokens:
    """Tokens with the same bytes; where several of one model have them, its first."""
    first, their_first = _first_ids(ours), _first_ids(theirs)
    both = first.keys() & their_first.keys()
    pairs = sorted((first[token], their_first[token]) for token in both)
    columns = [_numbers([pair[which] for pair in pairs], device) for which in (0, 1)]
    places = []
    for ids, tokens in zip(columns, (ours, theirs), strict=True):
        place = torch.full((len(tokens),), -1, device=device)
        place[ids] = torch.arange(len(pairs), device=device)
        places.append(place)
    return SharedTokens(*columns, *places)


def _first_ids(tokens: Sequence[bytes]) -> dict[bytes, int]:
    return {token: number for number, token in reversed(list(enumerate(tokens))) if token}


def span_events(logits: Tensor, own: Side, ids: Tensor, apart: Sequence[Tensor]) -> Tensor:
    """Logarithms (span, event) of how likely one model finds each event: shared tokens, the span, anything else.

    `logits` (labelled position, vocabulary) are the model's, `ids` (shared) its shared tokens. `apart` are two tensors
    (span) of the shared places of the tokens with which the span begins in either model, -1 for none: those are no
    events of their own.
    """
    likely = log_softmax(logits.float(), dim=-1)
    count = len(own.first)
    written = likely.new_zeros(count).index_add(0, own.spans, likely[own.rows, own.tokens])
    ahead = likely[own.first]
    shared = ahead.index_select(1, ids)
    begins = torch.zeros_like(shared, dtype=torch.bool)
    for places in apart:
        there = places >= 0
        begins[there.nonzero()[:, 0], places[there]] = True
    rest = ahead.index_copy(1, ids, shared.masked_fill(~begins, NONE)).scatter(1, own.begins[:, None], NONE)
    first = ahead.gather(1, own.begins[:, None])[:, 0]
    # Of a span of several tokens: its first one, and then something else.
    several = torch.bincount(own.spans, minlength=count) > 1
    strayed = first + torch.log(-torch.expm1((written - first).clamp(max=-1e-6)))
    others = torch.logaddexp(rest.logsumexp(-1), strayed.masked_fill(~several, NONE))
    return torch.cat([shared.masked_fill(begins, NONE), written[:, None], others[:, None]], dim=1)
