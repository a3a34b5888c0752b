"""What llama.cpp and transformers do differently with each decoder that we know: names, biases, the order of rows.

llama.cpp turns neighbouring pairs of a Llama's rows by their positions where transformers turns the two halves, so rows
of its queries and keys are interleaved on the way to GGUF and put back on the way in. Qwen2's halves stay halves, and
its queries, keys and values have biases (arXiv 2407.10671).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from export.gguf.llama_names import gguf_names, interleave_rows, rotary_heads, separate_rows
from runtime.values.errors import InputError


@dataclass(frozen=True, slots=True)
class Architecture:
    """A decoder's architecture, by the one name that `config.json` and GGUF files have for it."""

    name: str
    interleaved: bool
    biased: bool

    def names(self, layers: int, *, tied: bool) -> dict[str, str]:
        """Every tensor's name in transformers, mapped to its name in GGUF."""
        return gguf_names(layers, tied=tied, biased=self.biased)

    def to_gguf(self, name: str, value: Any, config: Mapping[str, Any]) -> Any:
        """A tensor (numpy) of transformers' name and layout as llama.cpp lays it out."""
        heads = self.heads(name, config)
        return interleave_rows(value, heads) if heads else value

    def from_gguf(self, name: str, value: Any, config: Mapping[str, Any]) -> Any:
        """The inverse of `to_gguf`; `name` is transformers' too."""
        heads = self.heads(name, config)
        return separate_rows(value, heads) if heads else value

    def heads(self, name: str, config: Mapping[str, Any]) -> int:
        """How many heads' rows of this tensor are in another order in GGUF; 0 where none are."""
        if not self.interleaved:
            return 0
        heads, keys = config["num_attention_heads"], config["num_key_value_heads"]
        return rotary_heads(name, heads=heads, key_value_heads=keys)


ARCHITECTURES: dict[str, Architecture] = {
    "llama": Architecture("llama", interleaved=True, biased=False),
    "qwen2": Architecture("qwen2", interleaved=False, biased=True),
}


def find_architecture(name: object, whose: object) -> Architecture:
    """The architecture of this name; raises InputError, naming `whose` it is, for one that we lack."""
    if name not in ARCHITECTURES:
        raise InputError(f"{whose} has the architecture {name!r}; expected: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[str(name)]


def check_plain(config: Mapping[str, Any], whose: object) -> Architecture:
    """The architecture of a `config.json`; raises InputError where its blocks are not plain ones of that kind."""
    architecture = find_architecture(config.get("model_type"), whose)
    scaling = config.get("rope_scaling") or {}
    odd = {
        "scaled rotary positions": scaling.get("rope_type", scaling.get("type", "default")) != "default",
        f"the activation {config.get('hidden_act')}": config.get("hidden_act", "silu") != "silu",
        "biases that a Llama has not": bool(config.get("attention_bias") or config.get("mlp_bias")),
        "a sliding window": bool(config.get("use_sliding_window")),
    }
    if found := [what for what, is_there in odd.items() if is_there]:
        raise InputError(f"{whose} has {found[0]}; expected: a {architecture.name} without")
    return architecture
