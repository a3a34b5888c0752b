"""The student while it learns: weights of the type that computes, and float32 masters that the optimiser moves.

Updates far below a weight's last bit would vanish in pure bfloat16 (8 bits of mantissa); casting float32 weights on
every step costs a quarter of the speed. So both copies are kept, for the trained weights only; where float32 computes,
they are one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from distill.training.settings import TrainSettings
from export.checkpoint import is_encoder_decoder, read_config, require_build
from runtime.values.errors import InputError

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# Of encoder-decoders only T5's own family (FlanT5, CodeT5), by the names that its layers have.
ENCODER_DECODERS = ("t5",)
T5_TARGETS = ["q", "k", "v", "o", "wi", "wi_0", "wi_1", "wo"]


def open_student(checkpoint: Path, settings: TrainSettings, dtype: Any) -> Any:
    """The base model in `dtype`, with adapters (LoRA, arXiv 2106.09685) when the settings say so."""
    require_build()
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    loader, changes = AutoModelForCausalLM, {}
    if is_encoder_decoder(checkpoint):
        family = read_config(checkpoint).get("model_type")
        if family not in ENCODER_DECODERS:
            raise InputError(
                f"{checkpoint} is an encoder-decoder of type {family!r}; expected: "
                f"{', '.join(ENCODER_DECODERS)} (T5, FlanT5, CodeT5)"
            )
        # A run that is resumed must see the numbers that it would have seen.
        loader, changes = AutoModelForSeq2SeqLM, {"dropout_rate": 0.0}
    model = loader.from_pretrained(checkpoint, dtype=dtype, local_files_only=True, **changes)
    model.config.use_cache = False
    return with_adapters(model, settings) if settings.method == "lora" else model


def with_adapters(model: Any, settings: TrainSettings) -> Any:
    """Wrap every linear layer of the blocks in a LoRA adapter through peft."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(settings.seed)
    encoder_decoder = model.config.is_encoder_decoder
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        lora_dropout=0.0,
        target_modules=T5_TARGETS if encoder_decoder else LORA_TARGETS,
        task_type="SEQ_2_SEQ_LM" if encoder_decoder else "CAUSAL_LM",
    )
    return get_peft_model(model, config, autocast_adapter_dtype=False)


def without_adapters(model: Any) -> Any:
    """The transformers model itself, whose layers peft may have wrapped."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trained_weights(model: Any) -> list[Tensor]:
    """In the order that every state and snapshot has them."""
    return [weight for weight in model.parameters() if weight.requires_grad]


def student_with(base: Path, settings: TrainSettings, values: Sequence[Tensor]) -> Any:
    """The plain float32 model that has these trained weights, adapters folded in."""
    model = open_student(base, settings, torch.float32)
    with torch.no_grad():
        for weight, value in zip(trained_weights(model), values, strict=True):
            weight.copy_(value)
    return model.merge_and_unload() if hasattr(model, "merge_and_unload") else model


class Masters:
    """Float32 copies of a model's trained weights; a weight in float32 is its own copy.

    Of a sharded model, copies of the part of every weight that this process holds.
    """

    def __init__(self, model: Any) -> None:
        self.weights = trained_weights(model)
        self.copies = [
            weight if weight.dtype == torch.float32 else weight.detach().float() for weight in self.weights
        ]
        for copy in self.copies:
            copy.requires_grad_(True)

    def copy_grads_from_model(self) -> None:
        """Move the model's gradients to the masters."""
        for weight, copy in self._apart():
            copy.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None

    def copy_params_to_model(self) -> None:
        """Round the masters into the model."""
        with torch.no_grad():
            for weight, copy in self._apart():
                weight.copy_(copy)

    def _apart(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Weights and copies that are not one."""
        return (pair for pair in zip(self.weights, self.copies, strict=True) if pair[0] is not pair[1])
