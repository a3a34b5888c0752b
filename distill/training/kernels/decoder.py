"""Decoder-only students of Llama's layout over packed tokens: the fast way to the same numbers.

It works on the very parameters of the Hugging Face model, with peft's adapters or without, so saving, merging and
the optimiser see nothing new. `why_not` says which students it cannot take; they go through their own forward pass.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from distill.training.batches import Pack, pack
from distill.training.examples import Example
from distill.training.kernels.fused_attention import Heads, lay_out
from distill.training.kernels.fused_block import Block, BlockStep, Norm, Pass
from distill.training.kernels.fused_linear import joined
from distill.training.kernels.fused_loss import Reduction, TokenLoss
from distill.training.kernels.gradients import Gradient, gradient_of
from distill.training.kernels.workspace import Workspace, Workspaces
from distill.training.student import without_adapters

# Families whose blocks are exactly what fused_block computes. Qwen2 has biases on queries, keys and values, Qwen3 norms
# on queries and keys.
FAMILIES = ("llama", "qwen2", "qwen3")


class PackedDecoder:
    """A student's forward pass without padding. Weights that are read together are joined here, in place.

    A pass borrows its memory until its backward pass is over. Gradients arrive in `.grad` of the model's parameters,
    in memory that the next step uses again.
    """

    def __init__(self, model: Any) -> None:
        causal = without_adapters(model)
        self._causal = causal
        self._blocks = tuple(
            _block(number, layer, causal.config) for number, layer in enumerate(causal.model.layers)
        )
        self._head = joined([causal.lm_head])
        embedding = causal.model.embed_tokens.weight
        tied = embedding is causal.lm_head.weight
        self._embedding_gradient = self._head.gradients.weight if tied else gradient_of([embedding])
        self._workspaces = Workspaces()

    def loss(self, micro: Sequence[Example], reduction: Reduction | None = None) -> Tensor:
        """Next-token loss of a micro-batch in nats: summed over its labelled positions, or another `reduction`."""
        packed = pack(micro)
        memory = self._workspaces.lend()
        hidden = self._hidden(packed, memory)
        loss: Tensor = TokenLoss.apply(  # type: ignore[no-untyped-call]
            hidden, self._head, packed.targets, memory, reduction, *self._head.trained
        )
        self._end_without_gradients(loss, memory)
        return loss

    def logits(self, micro: Sequence[Example]) -> tuple[Tensor, Tensor]:
        """Logits (labelled position, vocabulary) of a micro-batch and the tokens they should give."""
        packed = pack(micro)
        memory = self._workspaces.lend()
        logits = self._causal.lm_head(self._hidden(packed, memory))
        self._end_without_gradients(logits, memory)
        return logits, packed.targets

    def _hidden(self, packed: Pack, memory: Workspace) -> Tensor:
        """States (labelled position, width) that the head reads."""
        model = self._causal.model
        embedding = model.embed_tokens.weight
        rows = EmbeddingStep.apply(embedding, packed.ids, self._embedding_gradient)  # type: ignore[no-untyped-call]
        through = self._pass(packed, rows, memory)
        for block in self._blocks:
            only = packed.labeled if block is self._blocks[-1] else None
            rows = BlockStep.apply(rows, block, through, only, *block.trained)  # type: ignore[no-untyped-call]
        hidden: Tensor = model.norm(rows)
        return hidden

    def _pass(self, packed: Pack, rows: Tensor, memory: Workspace) -> Pass:
        heads = self._blocks[0].heads
        # Both halves of a head turn by the same angles.
        cos, sin = (
            table[0, :, None, : heads.width // 2].contiguous()
            for table in self._causal.model.rotary_emb(rows, packed.positions[None])
        )
        layout = lay_out(packed.groups, heads, rows)
        keeps = torch.is_grad_enabled()
        return Pass(cos, sin, layout, memory, lambda: self._workspaces.give_back(memory), keeps)

    def _end_without_gradients(self, result: Tensor, memory: Workspace) -> None:
        if not result.requires_grad:
            self._workspaces.give_back(memory)


def why_not(model: Any) -> str | None:
    """What about a student keeps it from `PackedDecoder`, in a few words; None when nothing does."""
    causal = without_adapters(model)
    config = causal.config
    if config.model_type not in FAMILIES:
        return f"family {config.model_type}, not {' or '.join(FAMILIES)}"
    if next(causal.parameters()).device.type != "cpu":
        return "not on a CPU, where the framework's own kernels are the better ones"
    if config.hidden_act != "silu" or getattr(config, "mlp_bias", False):
        return "blocks that are no plain SwiGLU"
    if getattr(config, "use_sliding_window", False) or config.attention_dropout:
        return "attention with a window or dropout"
    if causal.model.layers[0].self_attn.o_proj.bias is not None:
        return "a bias on attention's output"
    if "dynamic" in causal.model.rotary_emb.rope_type or "longrope" in causal.model.rotary_emb.rope_type:
        return "rotary positions that depend on the length"
    return _odd_adapters(model)


def packed_decoder(model: Any) -> tuple[PackedDecoder | None, str | None]:
    """The packed way for a student, or None and the reason why it has none."""
    reason = why_not(model)
    return (None, reason) if reason else (PackedDecoder(model), None)


def _odd_adapters(model: Any) -> str | None:
    configs = getattr(model, "peft_config", {})
    if not configs:
        # Each of these two may be frozen beside trained blocks.
        ends = {id(model.get_input_embeddings().weight), id(model.lm_head.weight)}
        trained = {part.requires_grad for part in model.parameters() if id(part) not in ends}
        return None if len(trained) == 1 else "weights of which only some are trained"
    plain = len(configs) == 1 and "default" in configs
    config = next(iter(configs.values()))
    plain = plain and config.peft_type == "LORA" and config.bias == "none" and not config.lora_dropout
    plain = plain and not (
        config.use_dora or config.rank_pattern or config.alpha_pattern or config.modules_to_save
    )
    inside = all("self_attn" in name or "mlp" in name for name in model.targeted_module_names)
    return None if plain and inside else "adapters other than plain LoRA on the blocks' own layers"


def _block(number: int, layer: Any, config: Any) -> Block:
    attention, mlp = layer.self_attn, layer.mlp
    return Block(
        number,
        _norm(layer.input_layernorm),
        joined([attention.q_proj, attention.k_proj, attention.v_proj]),
        Heads(config.num_attention_heads, config.num_key_value_heads, attention.head_dim),
        joined([attention.o_proj]),
        _norm(layer.post_attention_layernorm),
        joined([mlp.gate_proj, mlp.up_proj]),
        joined([mlp.down_proj]),
        head_norms=tuple(
            _norm(getattr(attention, name)) for name in ("q_norm", "k_norm") if hasattr(attention, name)
        ),
    )


def _norm(norm: Any) -> Norm:
    return Norm(norm.weight, norm.variance_epsilon, gradient_of([norm.weight]))


class EmbeddingStep(torch.autograd.Function):
    """`apply(weight, ids, gradient)` gives the weight's rows of these ids (row), as (row, width).

    The weight's gradient is added to `gradient`, None where it is not trained. The framework would fill a second one
    of the whole vocabulary's size, and add the two.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, ids: Tensor, gradient: Gradient | None) -> Tensor:
        """Look up."""
        ctx.ids, ctx.gradient = ids, gradient
        return weight.index_select(0, ids)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, None, None]:
        """Add up, in float32."""
        if ctx.gradient:
            ctx.gradient.add_rows(ctx.ids, grad)
        return None, None, None
