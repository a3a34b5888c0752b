"""Rotary positions and causal attention over packed examples, forward and backward, as plain functions of tensors.

At lengths of a hundred or two, plain batched products are several times faster on a CPU than its fused attention
kernel's backward pass. Query heads that share a key head (GQA, arXiv 2305.13245) are rows of one product.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from distill.training.batches import Group
from distill.training.kernels.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Heads:
    """How a row of joined queries, keys and values is cut into heads."""

    queries: int
    keys: int
    width: int

    @property
    def shared(self) -> int:
        """Query heads a key head."""
        return self.queries // self.keys

    @property
    def scale(self) -> float:
        """What scores are multiplied by."""
        return 1 / math.sqrt(self.width)

    @property
    def all(self) -> int:
        """Heads of queries, keys and values in a joined row."""
        return self.queries + 2 * self.keys


@dataclass(frozen=True, slots=True)
class Part:
    """Where a group's heads lie among all heads laid out to attend, and which keys its queries may not see.

    `query` are places of the queries, `key` of keys, counted among all keys; `hidden` is minus infinity or zero,
    (shared * length, length) or, where a member has several suffixes, (count * keys, shared * length, length).
    """

    count: int
    length: int
    query: slice
    key: slice
    hidden: Tensor


@dataclass(frozen=True, slots=True)
class Layout:
    """A pack's heads laid out to attend: all queries, all keys, all values, each group by group, head by head.

    `taken` (place) says which head of the joined rows stands at a place, `put` (row * all heads) at which place a head
    of the joined rows stands, `found` (row * query heads) the same of queries alone. `given` (query place) is the head
    of the attended rows whose gradient belongs there; at places that only fill up, the one after the last.
    """

    parts: tuple[Part, ...]
    queries: int
    keys: int
    taken: Tensor
    put: Tensor
    found: Tensor
    given: Tensor


@dataclass(frozen=True, slots=True)
class Attended:
    """What the backward pass needs: `laid` (place, width), the heads as laid out, and each part's `shares`."""

    laid: Tensor
    shares: tuple[Tensor, ...]


def rotate(joined: Tensor, heads: Heads, cos: Tensor, sin: Tensor) -> None:
    """Turn queries and keys by their positions, in place (RoPE, arXiv 2104.09864, in halves as Llama has it).

    `joined` (row, columns) as `Heads` cuts it; `cos` and `sin` (row, 1, width / 2). With `-sin` it turns back.
    """
    turned = joined[:, : (heads.queries + heads.keys) * heads.width]
    pairs = turned.view(turned.shape[0], heads.queries + heads.keys, heads.width)
    first, second = pairs.chunk(2, dim=-1)
    kept = (first * cos).addcmul_(second, sin, value=-1)
    second.mul_(cos).addcmul_(first, sin)
    first.copy_(kept)


def lay_out(groups: Sequence[Group], heads: Heads, like: Tensor) -> Layout:
    """Where every head of these groups' rows attends; masks are of `like`'s type."""
    grids = [_grid(group) for group in groups]
    query_heads = torch.arange(heads.queries).view(heads.keys, heads.shared)
    key_heads = heads.queries + torch.arange(heads.keys)[:, None]
    queries = torch.cat([_heads_of(grid, query_heads, heads.all) for grid in grids])
    keys = torch.cat([_heads_of(grid, key_heads, heads.all) for grid in grids])
    taken = torch.cat([queries, keys, torch.where(keys < 0, keys, keys + heads.keys)])
    rows, real = groups[-1].end, taken >= 0
    put = torch.empty(rows * heads.all, dtype=torch.long)
    put[taken[real]] = torch.arange(len(taken))[real]
    found = put.view(rows, heads.all)[:, : heads.queries].reshape(-1)
    given = torch.full_like(queries, rows * heads.queries)
    given[found] = torch.arange(rows * heads.queries)
    # What stands at a place that only fills up is never seen; any head will do.
    taken.clamp_(min=0)
    return Layout(tuple(_parts(groups, heads, like)), len(queries), len(keys), taken, put, found, given)


def _grid(group: Group) -> Tensor:
    """Rows (count, length) of a group's members; -1 where a shorter one is filled up."""
    lengths = torch.tensor([member.rows for member in group.members])[:, None]
    first = group.start + lengths.cumsum(0) - lengths
    place = torch.arange(group.length)
    return torch.where(place < lengths, first + place, -1)


def _heads_of(grid: Tensor, numbers: Tensor, all_heads: int) -> Tensor:
    """Heads of these numbers (key head, one or more) of a grid's rows, as (count, key head, one or more, length).

    Flat; negative where the grid is.
    """
    rows = grid[:, None, None, :]
    return torch.where(rows < 0, rows, rows * all_heads + numbers[None, :, :, None]).reshape(-1)


def _parts(groups: Sequence[Group], heads: Heads, like: Tensor) -> Iterator[Part]:
    query = key = 0
    for group in groups:
        keys = group.count * heads.keys * group.length
        queries = keys * heads.shared
        hidden = hidden_keys(group, heads, like)
        yield Part(group.count, group.length, slice(query, query + queries), slice(key, key + keys), hidden)
        query, key = query + queries, key + keys


def hidden_keys(group: Group, heads: Heads, like: Tensor) -> Tensor:
    """Minus infinity where a query would see a later key or one of another suffix, else zero.

    (shared * length, length), or (count * keys, shared * length, length) where a member has several suffixes.
    """
    hidden = torch.full((group.length, group.length), -math.inf, dtype=like.dtype, device=like.device)
    hidden.triu_(1)
    if all(len(member.suffixes) == 1 for member in group.members):
        return hidden.repeat(heads.shared, 1)
    apart = hidden.repeat(group.count, 1, 1)
    for mask, member in zip(apart, group.members, strict=True):
        begin = member.prefix
        for suffix in member.suffixes:
            mask[begin : begin + suffix, member.prefix : begin] = -math.inf
            begin += suffix
    sizes = (group.count, heads.keys, heads.shared, group.length, group.length)
    return apart[:, None, None].expand(sizes).reshape(-1, heads.shared * group.length, group.length)


def attend(
    joined: Tensor, out: Tensor, layout: Layout, heads: Heads, memory: Workspace, block: int
) -> Attended:
    """Write attention's rows to `out` (row, queries * width); `joined` is rotated already.

    What the backward pass needs stays in `memory` under the block's number.
    """
    laid = memory.take((block, "heads"), joined, len(layout.taken), heads.width)
    torch.index_select(joined.view(-1, heads.width), 0, layout.taken, out=laid)
    found = memory.take("found heads", joined, layout.queries, heads.width)
    shares = []
    for number, part in enumerate(layout.parts):
        query, key, value = _cut(laid, layout, part, heads)
        sizes = (query.shape[0], query.shape[1], part.length)
        scores = memory.take("scores", joined, *sizes)
        torch.baddbmm(part.hidden, query, key.transpose(1, 2), alpha=heads.scale, out=scores)
        kept = memory.take((block, "shares", number), joined, *sizes)
        torch.softmax(scores, dim=-1, out=kept)
        torch.bmm(kept, value, out=_queries(found, part, heads))
        shares.append(kept)
    torch.index_select(found, 0, layout.found, out=out.view(-1, heads.width))
    return Attended(laid, tuple(shares))


def attend_backward(
    grad_out: Tensor, grad_joined: Tensor, layout: Layout, heads: Heads, attended: Attended, memory: Workspace
) -> None:
    """Write the gradient of rotated queries, keys and values to `grad_joined`.

    `grad_out` (row + 1, queries * width) has a row of zeros after the last: the gradient of places that only fill up.
    """
    grad_found = memory.take("found heads", grad_out, layout.queries, heads.width)
    torch.index_select(grad_out.view(-1, heads.width), 0, layout.given, out=grad_found)
    grad_laid = memory.take("heads", grad_out, len(layout.taken), heads.width)
    for part, shares in zip(layout.parts, attended.shares, strict=True):
        query, key, value = _cut(attended.laid, layout, part, heads)
        grad_query, grad_key, grad_value = _cut(grad_laid, layout, part, heads)
        grad = _queries(grad_found, part, heads)
        torch.bmm(shares.transpose(1, 2), grad, out=grad_value)
        grad_shares = memory.take("scores", grad_out, *shares.shape)
        torch.bmm(grad, value.transpose(1, 2), out=grad_shares)
        grad_scores = memory.take("grad scores", grad_out, *shares.shape)
        torch.ops.aten._softmax_backward_data.out(
            grad_shares, shares, -1, shares.dtype, grad_input=grad_scores
        )
        _scaled_product(grad_scores, key, heads.scale, grad_query)
        _scaled_product(grad_scores.transpose(1, 2), query, heads.scale, grad_key)
    torch.index_select(grad_laid, 0, layout.put, out=grad_joined.view(-1, heads.width))


def _scaled_product(left: Tensor, right: Tensor, scale: float, out: Tensor) -> None:
    torch.baddbmm(out, left, right, beta=0, alpha=scale, out=out)


def _cut(laid: Tensor, layout: Layout, part: Part, heads: Heads) -> tuple[Tensor, Tensor, Tensor]:
    """A part's queries (count * keys, shared * length, width), keys and values (count * keys, length, width)."""
    queries, keys, values = torch.split(laid, [layout.queries, layout.keys, layout.keys])
    shape = (part.count * heads.keys, part.length, heads.width)
    return _queries(queries, part, heads), keys[part.key].view(shape), values[part.key].view(shape)


def _queries(queries: Tensor, part: Part, heads: Heads) -> Tensor:
    return queries[part.query].view(part.count * heads.keys, heads.shared * part.length, heads.width)
