"""How a checkpoint's tensors are called in transformers and in GGUF, and the one layout difference between them.

llama.cpp rotates neighbouring pairs of a Llama head's rows where transformers rotates the two halves, so the rows of
the query and key projections are interleaved on the way to GGUF and put back on the way in.
"""

from collections.abc import Mapping
from typing import Any

_OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
# A block's modules, in transformers and in GGUF, by architecture; each is a row more than the one before.
LLAMA_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
QWEN3_BLOCK = {
    **LLAMA_BLOCK,
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
}
# Two norms round attention and two round the rest: the name that a Llama has for the second stands for another here.
GEMMA3_BLOCK = {
    **QWEN3_BLOCK,
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}


_BIASED = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def gguf_names(layers: int, block: Mapping[str, str], *, tied: bool, biased: bool = False) -> dict[str, str]:
    """Every transformers tensor name of a model with `layers` blocks, mapped to its GGUF name.

    `biased`: queries, keys and values have a bias each.
    """
    names = {theirs: ours for theirs, ours in _OUTSIDE.items() if not (tied and theirs == "lm_head.weight")}
    for layer in range(layers):
        for theirs, ours in block.items():
            names[f"model.layers.{layer}.{theirs}.weight"] = f"blk.{layer}.{ours}.weight"
            if biased and theirs in _BIASED:
                names[f"model.layers.{layer}.{theirs}.bias"] = f"blk.{layer}.{ours}.bias"
    return names


def rotary_heads(name: str, *, heads: int, key_value_heads: int) -> int:
    """How many heads' rows must be interleaved for this tensor; 0 when it needs none."""
    if name.endswith("q_proj.weight"):
        return heads
    return key_value_heads if name.endswith("k_proj.weight") else 0


def interleave_rows(weight: Any, heads: int) -> Any:
    """Halves to pairs: transformers' row order `(heads * size, width)` to llama.cpp's. Takes a numpy array."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)


def separate_rows(weight: Any, heads: int) -> Any:
    """Pairs to halves: the inverse of `interleave_rows`."""
    rows, width = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)
