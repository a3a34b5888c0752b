"""Rotary positions and causal attention over packed examples, forward and backward, as plain functions of tensors.

At lengths of a hundred or two, plain batched products are several times faster on a CPU than its fused attention
kernel's backward pass. Query heads that share a key head (GQA, arXiv 2305.13245) are rows of one product.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from distill.packing import Group


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
    def sizes(self) -> tuple[int, int, int]:
        """Columns of queries, keys and values."""
        return self.queries * self.width, self.keys * self.width, self.keys * self.width


@dataclass(frozen=True, slots=True)
class Attended:
    """What a group's backward pass needs: `query` (count * keys, shared * length, width), `key` and `value`
    (count * keys, length, width), `shares` (count * keys, shared * length, length).
    """

    query: Tensor
    key: Tensor
    value: Tensor
    shares: Tensor


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


def later_tokens(group: Group, heads: Heads, like: Tensor) -> Tensor:
    """Minus infinity where a query would see a later key or one of another branch, else zero.

    (shared * length, length), or (count * keys, shared * length, length) where a family has branches.
    """
    hidden = torch.full((group.length, group.length), -math.inf, dtype=like.dtype, device=like.device)
    hidden.triu_(1)
    if all(len(family.branches) == 1 for family in group.families):
        return hidden.repeat(heads.shared, 1)
    apart = hidden.repeat(group.count, 1, 1)
    for mask, family in zip(apart, group.families, strict=True):
        begin = family.trunk
        for branch in family.branches:
            mask[begin : begin + branch, family.trunk : begin] = -math.inf
            begin += branch
    sizes = (group.count, heads.keys, heads.shared, group.length, group.length)
    return apart[:, None, None].expand(sizes).reshape(-1, heads.shared * group.length, group.length)


def attend(joined: Tensor, out: Tensor, group: Group, heads: Heads, later: Tensor) -> Attended:
    """Write a group's attention into its rows of `out` (row, queries * width); `joined` is rotated already."""
    rows = joined[group.start : group.end]
    if group.padded is not None:
        rows = rows.index_select(0, group.padded)
    query, key, value = torch.split(rows, list(heads.sizes), dim=1)
    query = _by_key_head(query, group, heads)
    key, value = (_by_head(part, group, heads) for part in (key, value))
    scores = torch.baddbmm(later, query, key.transpose(1, 2), alpha=heads.scale)
    # The float32 softmax is the faster one, too.
    shares = torch.softmax(scores, dim=-1, dtype=torch.float32).to(scores.dtype)
    found = _to_rows(torch.bmm(shares, value), group, heads)
    out[group.start : group.end] = found if group.real is None else found.index_select(0, group.real)
    return Attended(query, key, value, shares)


def attend_backward(
    grad_out: Tensor, grad_joined: Tensor, group: Group, heads: Heads, attended: Attended
) -> None:
    """Write the gradients of a group's rotated queries, keys and values into its rows of `grad_joined`."""
    rows = grad_out[group.start : group.end]
    if group.real is not None:
        empty = rows.new_zeros(group.count * group.length, rows.shape[1])
        rows = empty.index_copy_(0, group.real, rows)
    grad = _by_key_head(rows, group, heads)
    grad_value = torch.bmm(attended.shares.transpose(1, 2), grad)
    grad_shares = torch.bmm(grad, attended.value.transpose(1, 2))
    grad_scores = torch._softmax_backward_data(grad_shares, attended.shares, -1, grad_shares.dtype)
    grad_query = _scaled_product(grad_scores, attended.key, heads.scale)
    grad_key = _scaled_product(grad_scores.transpose(1, 2), attended.query, heads.scale)
    parts = (
        _to_rows(grad_query, group, heads),
        *(_heads_to_rows(part, group, heads) for part in (grad_key, grad_value)),
    )
    target = grad_joined[group.start : group.end]
    if group.real is None:
        torch.cat(parts, dim=1, out=target)
    else:
        torch.index_select(torch.cat(parts, dim=1), 0, group.real, out=target)


def _scaled_product(left: Tensor, right: Tensor, scale: float) -> Tensor:
    empty = left.new_empty(left.shape[0], left.shape[1], right.shape[2])
    return torch.baddbmm(empty, left, right, beta=0, alpha=scale)


def _by_key_head(rows: Tensor, group: Group, heads: Heads) -> Tensor:
    """(count * length, queries * width) to (count * keys, shared * length, width)."""
    cut = rows.reshape(group.count, group.length, heads.keys, heads.shared, heads.width)
    return cut.permute(0, 2, 3, 1, 4).reshape(-1, heads.shared * group.length, heads.width)


def _to_rows(cut: Tensor, group: Group, heads: Heads) -> Tensor:
    """The way back from `_by_key_head`."""
    parts = cut.view(group.count, heads.keys, heads.shared, group.length, heads.width)
    return parts.permute(0, 3, 1, 2, 4).reshape(group.count * group.length, -1)


def _by_head(rows: Tensor, group: Group, heads: Heads) -> Tensor:
    """(count * length, keys * width) to (count * keys, length, width)."""
    cut = rows.reshape(group.count, group.length, heads.keys, heads.width)
    return cut.transpose(1, 2).reshape(-1, group.length, heads.width)


def _heads_to_rows(cut: Tensor, group: Group, heads: Heads) -> Tensor:
    """The way back from `_by_head`."""
    parts = cut.view(group.count, heads.keys, group.length, heads.width)
    return parts.transpose(1, 2).reshape(group.count * group.length, -1)
