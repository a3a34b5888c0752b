"""A decoder's forward pass over a cache that is already there: transformers' own numbers, with none of its masks.

Rows that decode together attend over one view of the cache; query heads that share a key head (GQA, arXiv 2305.13245)
stand as positions of one head, so that keys are never repeated in memory. Queries, keys and values are one product, and
so are gate and up. Llama, Qwen2, Qwen3 and Gemma 3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention

# oneDNN lays a weight out for so many rows; others are as quick with it.
PACKED_ROWS = 64
Turn = tuple[Tensor, Tensor]


class Linear:
    """`x @ weight.T + bias` for x (row, inputs); laid out once for bfloat16 products where those are quick."""

    def __init__(self, parts: Sequence[Any]) -> None:
        """`parts` are torch's linear layers, or peft's, that read the same input; their outputs come side by side."""
        weight = torch.cat([_whole(part) for part in parts])
        biases = [part.bias for part in parts if part.bias is not None]
        self._bias = torch.cat(biases) if biases else None
        self._packed = _packed(weight)
        self._weight = weight if self._packed is None else None

    def __call__(self, rows: Tensor) -> Tensor:
        """Multiply."""
        if self._packed is None:
            return linear(rows, self._weight, self._bias)  # type: ignore[arg-type]
        product: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._packed, self._bias, "none", [], "")
        return product


def _whole(part: Any) -> Tensor:
    """A layer's weight with what its LoRA adapters add, rounded once."""
    weight: Tensor = part.weight
    for name in getattr(part, "active_adapters", ()):
        weight = weight + part.get_delta_weight(name).to(weight.dtype)
    return weight


def _packed(weight: Tensor) -> Tensor | None:
    """A weight in oneDNN's own layout, None where it is another type's or this build of torch has no oneDNN."""
    if weight.dtype != torch.bfloat16 or weight.device.type != "cpu":
        return None
    if not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return None
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), PACKED_ROWS)
    return packed


@dataclass(frozen=True, slots=True)
class Attention:
    """How a block attends; `window` is how far back it sees, 0 for all the way, `local` whose rotary table it takes."""

    joined: Linear
    out: Linear
    queries: int
    keys: int
    width: int
    scale: float
    head_norms: tuple[Any, ...]
    window: int
    local: bool

    def project(self, rows: Tensor, turn: Turn) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (row, key head, shared, width), keys and values (row, key head, width) of rows (row, width)."""
        heads = self.joined(rows).view(len(rows), -1, self.width)
        query, key, value = torch.split(heads, [self.queries, self.keys, self.keys], dim=1)
        if self.head_norms:
            query, key = (norm(part) for norm, part in zip(self.head_norms, (query, key), strict=True))
        query, key = rotated(query, turn), rotated(key, turn)
        return query.reshape(len(rows), self.keys, -1, self.width), key, value


@dataclass(frozen=True, slots=True)
class Block:
    """One layer; `after` are the norms that Gemma has behind attention and behind the products."""

    before: tuple[Any, Any]
    attention: Attention
    gate_up: Linear
    activation: Callable[[Tensor], Tensor]
    down: Linear
    after: tuple[Any, ...]

    def through(self, rows: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
        """States (row, width) after the block; `attend` does attention of normed states."""
        rows = rows + self._behind(0, attend(self.before[0](rows)))
        gate, up = self.gate_up(self.before[1](rows)).chunk(2, dim=-1)
        return rows + self._behind(1, self.down(self.activation(gate).mul_(up)))

    def _behind(self, place: int, states: Tensor) -> Tensor:
        made: Tensor = self.after[place](states) if self.after else states
        return made


class Cache:
    """Keys and values, each (layer, row, key head, position, width). Memory is taken as tokens come."""

    def __init__(self, layers: int, rows: int, heads: int, max_len: int, width: int, like: Tensor) -> None:
        shape = (layers, rows, heads, max_len, width)
        self.keys, self.values = (torch.zeros(shape, dtype=like.dtype, device=like.device) for _ in range(2))

    def copy(self, source: int, target: int, length: int) -> None:
        """Lay the first `length` tokens of one row on another."""
        for part in (self.keys, self.values):
            part[:, target, :, :length] = part[:, source, :, :length]


class CachedDecoder:
    """The blocks of a loaded transformers model, which gives its weights away: it cannot be used by itself after that.

    One that `keeps` them is as it was, and what is done to it later changes nothing here but its norms.
    """

    def __init__(self, model: Any, *, keeps: bool = False) -> None:
        self._embed, self._norm = model.model.embed_tokens, model.model.norm
        self._rotary = model.model.rotary_emb
        self._rotary_local = getattr(model.model, "rotary_emb_local", None)
        layers = model.model.layers if keeps else _given_away(model.model.layers)
        self._blocks = [_block(layer, model.config) for layer in layers]
        self._head = Linear([model.lm_head])
        self.weight = self._embed.weight
        self._turns: tuple[Turn, Turn] | None = None

    def cache(self, rows: int, max_len: int) -> Cache:
        """An empty cache for so many rows."""
        first = self._blocks[0].attention
        return Cache(len(self._blocks), rows, first.keys, max_len, first.width, self.weight)

    def read(self, cache: Cache, row: int, ids: Tensor, start: int, last: int) -> Tensor:
        """Logits (last, vocabulary) after the last of a row's tokens `ids`, which stand from position `start` on."""
        count, end = len(ids), start + len(ids)
        positions = torch.arange(start, end, device=ids.device)
        turns = self._turned(positions)
        rows = self._embed(ids)
        for number, block in enumerate(self._blocks):
            keys, values = cache.keys[number, row], cache.values[number, row]

            def attend(
                states: Tensor, block: Block = block, keys: Tensor = keys, values: Tensor = values
            ) -> Tensor:
                of = block.attention
                query, key, value = of.project(states, turns[of.local])
                keys[:, start:end], values[:, start:end] = key.transpose(0, 1), value.transpose(0, 1)
                whole = query.reshape(count, of.queries, of.width).transpose(0, 1)[None]
                seen = _seen(positions[:, None], end, of.window) if start or of.window else None
                made = scaled_dot_product_attention(
                    whole,
                    keys[None, :, :end],
                    values[None, :, :end],
                    attn_mask=seen,
                    is_causal=seen is None,
                    scale=of.scale,
                    enable_gqa=True,
                )
                return of.out(made[0].transpose(0, 1).reshape(count, -1))

            rows = block.through(rows, attend)
        return self._head(self._norm(rows[count - last :]))

    def step(self, cache: Cache, ids: Tensor, positions: Tensor, end: int) -> Tensor:
        """Logits (row, vocabulary) after one more token `ids` (row) of each of the first rows, all before `end`."""
        count = len(ids)
        turns = self._turned(positions)
        places = torch.arange(count, device=ids.device)
        seen = {window: _seen(positions[:, None, None, None], end, window) for window in self._windows()}
        rows = self._embed(ids)
        for number, block in enumerate(self._blocks):
            keys, values = cache.keys[number], cache.values[number]

            def attend(
                states: Tensor, block: Block = block, keys: Tensor = keys, values: Tensor = values
            ) -> Tensor:
                of = block.attention
                query, key, value = of.project(states, turns[of.local])
                keys[places, :, positions], values[places, :, positions] = key, value
                made = scaled_dot_product_attention(
                    query,
                    keys[:count, :, :end],
                    values[:count, :, :end],
                    attn_mask=seen[of.window],
                    scale=of.scale,
                )
                return of.out(made.reshape(count, -1))

            rows = block.through(rows, attend)
        return self._head(self._norm(rows))

    def _windows(self) -> set[int]:
        return {block.attention.window for block in self._blocks}

    def _turned(self, positions: Tensor) -> tuple[Turn, Turn]:
        """Cosines and sines (position, 1, width) as the model itself has them, of all and of windowed blocks."""
        asked = positions[None]
        whole = self._rotary(self.weight, asked)
        local = self._rotary_local(self.weight, asked) if self._rotary_local else whole
        (cos, sin), (local_cos, local_sin) = whole, local
        return (cos[0, :, None], sin[0, :, None]), (local_cos[0, :, None], local_sin[0, :, None])


def rotated(heads: Tensor, turn: Turn) -> Tensor:
    """Heads (row, head, width) turned by their positions' angles (RoPE, arXiv 2104.09864), in halves."""
    cos, sin = turn
    first, second = heads.chunk(2, dim=-1)
    return heads * cos + torch.cat((-second, first), dim=-1) * sin


def _seen(positions: Tensor, end: int, window: int) -> Tensor:
    """Which of the keys before `end` each position sees, true where it does: (…, keys)."""
    keys = torch.arange(end, device=positions.device)
    seen = keys <= positions
    return seen & (keys > positions - window) if window else seen


def _given_away(layers: Any) -> Any:
    """The layers one by one, each let go of once it was taken, so that no weight is there twice for long."""
    while len(layers):
        yield layers[0]
        del layers[0]


def _block(layer: Any, config: Any) -> Block:
    attention, mlp = layer.self_attn, layer.mlp
    gemma = hasattr(layer, "pre_feedforward_layernorm")
    before_products = layer.pre_feedforward_layernorm if gemma else layer.post_attention_layernorm
    window = getattr(attention, "sliding_window", None) or 0
    return Block(
        before=(layer.input_layernorm, before_products),
        attention=Attention(
            joined=Linear([attention.q_proj, attention.k_proj, attention.v_proj]),
            out=Linear([attention.o_proj]),
            queries=config.num_attention_heads,
            keys=config.num_key_value_heads,
            width=attention.head_dim,
            scale=attention.scaling,
            head_norms=tuple(
                getattr(attention, name) for name in ("q_norm", "k_norm") if hasattr(attention, name)
            ),
            window=window,
            local=gemma and bool(window),
        ),
        gate_up=Linear([mlp.gate_proj, mlp.up_proj]),
        activation=mlp.act_fn,
        down=Linear([mlp.down_proj]),
        after=(layer.post_attention_layernorm, layer.post_feedforward_layernorm) if gemma else (),
    )
