"""What llama.cpp and transformers do differently with each decoder that we know: names, biases, norms, order of rows.

llama.cpp turns neighbouring pairs of a Llama's rows by their positions where transformers turns the two halves, so rows
of its queries and keys are interleaved on the way to GGUF and put back on the way in. Qwen2's halves stay halves, and
its queries, keys and values have biases (arXiv 2407.10671). Qwen3 has norms on queries and keys instead, and heads of a
size of their own (arXiv 2505.09388). Gemma 3 has both, four norms a block whose weights transformers counts from one,
and a window in five of six blocks, with a rotary base of its own (arXiv 2503.19786).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from export.gguf.llama_names import (
    GEMMA3_BLOCK,
    LLAMA_BLOCK,
    QWEN3_BLOCK,
    gguf_names,
    interleave_rows,
    rotary_heads,
    separate_rows,
)
from runtime.values.errors import InputError

# Every one of so many blocks sees all that is before it, the others a window: fixed in llama.cpp and genai's builder.
WINDOW_PATTERN = 6


@dataclass(frozen=True, slots=True)
class Architecture:
    """A decoder's architecture: `name` in `config.json`, `gguf_name` in GGUF files.

    `norm_offset` is what GGUF has more in every norm's weight. `own_head_size`: heads are as wide as the model says, not
    as its width divides. `windowed`: see `WINDOW_PATTERN`.
    """

    name: str
    gguf_name: str
    block: Mapping[str, str] = field(default_factory=lambda: LLAMA_BLOCK)
    activation: str = "silu"
    norm_offset: float = 0.0
    interleaved: bool = False
    biased: bool = False
    own_head_size: bool = False
    windowed: bool = False

    def names(self, layers: int, *, tied: bool) -> dict[str, str]:
        """Every tensor's name in transformers, mapped to its name in GGUF."""
        return gguf_names(layers, self.block, tied=tied, biased=self.biased)

    def to_gguf(self, name: str, value: Any, config: Mapping[str, Any]) -> Any:
        """A tensor (numpy, float32) of transformers' name and layout as llama.cpp lays it out."""
        if self.norm_offset and name.endswith("norm.weight"):
            return value + value.dtype.type(self.norm_offset)
        heads = self.heads(name, config)
        return interleave_rows(value, heads) if heads else value

    def from_gguf(self, name: str, value: Any, config: Mapping[str, Any]) -> Any:
        """The inverse of `to_gguf`; `name` is transformers' too."""
        if self.norm_offset and name.endswith("norm.weight"):
            return value - value.dtype.type(self.norm_offset)
        heads = self.heads(name, config)
        return separate_rows(value, heads) if heads else value

    def heads(self, name: str, config: Mapping[str, Any]) -> int:
        """How many heads' rows of this tensor are in another order in GGUF; 0 where none are."""
        if not self.interleaved:
            return 0
        heads, keys = config["num_attention_heads"], config["num_key_value_heads"]
        return rotary_heads(name, heads=heads, key_value_heads=keys)


ARCHITECTURES: dict[str, Architecture] = {
    "llama": Architecture("llama", "llama", interleaved=True),
    "qwen2": Architecture("qwen2", "qwen2", biased=True),
    "qwen3": Architecture("qwen3", "qwen3", QWEN3_BLOCK, own_head_size=True),
    "gemma3_text": Architecture(
        "gemma3_text",
        "gemma3",
        GEMMA3_BLOCK,
        activation="gelu_pytorch_tanh",
        norm_offset=1.0,
        own_head_size=True,
        windowed=True,
    ),
}


def find_architecture(name: object, whose: object) -> Architecture:
    """The architecture of this name; raises InputError, naming `whose` it is, for one that we lack."""
    if name not in ARCHITECTURES:
        raise InputError(f"{whose} has the architecture {name!r}; expected: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[str(name)]


def find_gguf_architecture(name: object, whose: object) -> Architecture:
    """The architecture that a GGUF file has by this name; raises InputError as `find_architecture` does."""
    known = {architecture.gguf_name: architecture for architecture in ARCHITECTURES.values()}
    if name not in known:
        raise InputError(f"{whose} has the architecture {name!r}; expected: {', '.join(known)}")
    return known[str(name)]


def check_plain(config: Mapping[str, Any], whose: object) -> Architecture:
    """The architecture of a `config.json`; raises InputError where its blocks are not plain ones of that kind."""
    architecture = find_architecture(config.get("model_type"), whose)
    if found := next(_oddities(config, architecture), None):
        raise InputError(f"{whose} has {found}; expected: a {architecture.name} without")
    return architecture


def _oddities(config: Mapping[str, Any], architecture: Architecture) -> Iterator[str]:
    scaling = config.get("rope_scaling") or {}
    activation = config.get("hidden_act", config.get("hidden_activation")) or architecture.activation
    odd = {
        "scaled rotary positions": scaling.get("rope_type", scaling.get("type", "default")) != "default",
        f"the activation {activation}": activation != architecture.activation,
        "biases that a Llama has not": bool(config.get("attention_bias") or config.get("mlp_bias")),
        "a sliding window": bool(config.get("use_sliding_window")),
        "capped logits": bool(config.get("attn_logit_softcapping") or config.get("final_logit_softcapping")),
        "attention in both directions": bool(config.get("use_bidirectional_attention")),
    }
    yield from (what for what, is_there in odd.items() if is_there)
    if architecture.windowed and _full_blocks(config) != _usual_full_blocks(config):
        yield f"windows in other blocks than five of {WINDOW_PATTERN}, which llama.cpp and genai's builder lack"
    if architecture.windowed and config.get("query_pre_attn_scalar") not in (None, config.get("head_dim")):
        yield "an attention scale that is not its heads' own, which llama.cpp lacks"


def _full_blocks(config: Mapping[str, Any]) -> list[int]:
    """The blocks without a window, as the configuration says."""
    if kinds := config.get("layer_types"):
        return [number for number, kind in enumerate(kinds) if kind == "full_attention"]
    pattern = config.get("sliding_window_pattern") or config.get("_sliding_window_pattern") or WINDOW_PATTERN
    return [number for number in range(config["num_hidden_layers"]) if (number + 1) % pattern == 0]


def _usual_full_blocks(config: Mapping[str, Any]) -> list[int]:
    return list(range(WINDOW_PATTERN - 1, config["num_hidden_layers"], WINDOW_PATTERN))
