"""The student while it learns: weights of the type that computes, and float32 masters that the optimiser moves.

Updates far below a weight's last bit would vanish in pure bfloat16 (8 bits of mantissa); casting float32 weights on
every step costs a quarter of the speed. So both copies are kept, for the trained weights only; where float32 computes,
they are one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distill.training.settings import TrainSettings
from export.checkpoint import is_encoder_decoder, read_config, require_build
from runtime.values.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# Of encoder-decoders only T5's own family (FlanT5, CodeT5), by the names that its layers have.
ENCODER_DECODERS = ("t5",)
T5_TARGETS = ["q", "k", "v", "o", "wi", "wi_0", "wi_1", "wo"]


def open_student(checkpoint: Path, settings: TrainSettings, dtype: Any) -> Any:
    """The base model in `dtype`, with adapters (LoRA, arXiv 2106.09685) when the settings say so."""
    require_build()
    from transformers import AutoModelForCausalLM

    if is_encoder_decoder(checkpoint):
        model = _open_encoder_decoder(checkpoint, dtype)
        return with_adapters(model, settings) if settings.method == "lora" else model
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=dtype, local_files_only=True)
    model.config.use_cache = False
    return with_adapters(model, settings) if settings.method == "lora" else model


def _open_encoder_decoder(checkpoint: Path, dtype: Any) -> Any:
    """A T5 without dropout: a run that is resumed must see the numbers that it would have seen."""
    from transformers import AutoModelForSeq2SeqLM

    family = read_config(checkpoint).get("model_type")
    if family not in ENCODER_DECODERS:
        raise InputError(
            f"{checkpoint} is an encoder-decoder of type {family!r}; expected: "
            f"{', '.join(ENCODER_DECODERS)} (T5, FlanT5, CodeT5)"
        )
    return AutoModelForSeq2SeqLM.from_pretrained(
        checkpoint, dtype=dtype, local_files_only=True, dropout_rate=0.0
    )


def with_adapters(model: Any, settings: TrainSettings) -> Any:
    """Wrap every linear layer of the blocks in a LoRA adapter through peft."""
    import torch
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


def completion_logits(model: Any, input_ids: "Tensor", labelled: "Tensor") -> "Tensor":
    """Logits (labelled position, vocabulary) at the positions that `labelled` (batch, position) marks, and only there.

    No padding mask is needed: padding stands on the right, and attention is causal.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel

    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    # PyTorch's fused CPU kernel spends a sixth of a step in its backward pass; plain products are a tenth faster.
    fused = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    with sdpa_kernel(SDPBackend.MATH if input_ids.device.type == "cpu" else fused):
        hidden = causal.model(input_ids=input_ids, use_cache=False).last_hidden_state
    logits: Tensor = causal.lm_head(hidden[labelled])
    return logits


class Masters:
    """Float32 copies of a model's trained weights, in a fixed order; a weight in float32 is its own copy."""

    def __init__(self, model: Any) -> None:
        import torch

        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
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
        import torch

        apart = list(self._apart())
        if apart:
            with torch.no_grad():
                torch._foreach_copy_([weight.data for weight, _ in apart], [copy for _, copy in apart])

    def _apart(self) -> Iterator[tuple[Any, Any]]:
        """Weights and copies that are not one."""
        return (pair for pair in zip(self.weights, self.copies, strict=True) if pair[0] is not pair[1])


def merged(model: Any, masters: Masters) -> Any:
    """The trained model as plain float32 weights, adapters folded in from their masters."""
    model = model.float()
    for weight, copy in zip(masters.weights, masters.copies, strict=True):
        weight.data = copy.detach().clone()
    return model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
