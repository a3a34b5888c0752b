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
from export.adapters.adapter import Adapter, read_adapter
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

    quantized = settings.quantization != "none"
    loader, changes = AutoModelForCausalLM, {}
    if is_encoder_decoder(checkpoint):
        if quantized:
            raise InputError(
                f"train.quantization {settings.quantization} with {checkpoint}, an encoder-decoder; expected: none"
            )
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
    if quantized:
        # Their rounding is of another type, and dear: they stay the base's.
        model.get_input_embeddings().requires_grad_(False)
        model.get_output_embeddings().requires_grad_(False)
    return with_adapters(model, settings) if settings.method == "lora" else model


def with_adapters(model: Any, settings: TrainSettings) -> Any:
    """Wrap every linear layer of the blocks in a LoRA adapter through peft, or those that `train.adapter` has.

    Raises InputError for an adapter of another base, or of layers that only some of the blocks have.
    """
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(settings.seed)
    encoder_decoder = model.config.is_encoder_decoder
    rank, alpha = settings.rank, float(2 * settings.rank)
    targets = T5_TARGETS if encoder_decoder else LORA_TARGETS
    first = read_adapter(Path(settings.adapter)) if settings.adapter else None
    if first:
        rank, alpha, targets = first.rank, first.scale * first.rank, list(first.layer_kinds)
        _check_fits(first, model, settings.adapter)
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=0.0,
        target_modules=targets,
        task_type="SEQ_2_SEQ_LM" if encoder_decoder else "CAUSAL_LM",
    )
    wrapped = get_peft_model(model, config, autocast_adapter_dtype=False)
    if first:
        _fill(wrapped, first, settings.adapter)
    return wrapped


def _check_fits(adapter: Adapter, model: Any, folder: str) -> None:
    shapes = {name: tuple(weight.shape) for name, weight in model.named_parameters()}
    for name, (down, up) in adapter.pairs.items():
        if shapes.get(name) != (len(up), down.shape[1]):
            raise InputError(
                f"train.adapter {folder} is for a base with {name} of {(len(up), down.shape[1])}; expected: "
                f"{shapes.get(name, 'none')}, as this one has it"
            )


def _fill(model: Any, adapter: Adapter, folder: str) -> None:
    layers = {f"{name}.weight": layer for name, layer in lora_layers(model)}
    if odd := sorted(layers.keys() - adapter.pairs.keys()):
        raise InputError(
            f"train.adapter {folder} has nothing for {odd[0]}; expected: the same layers in every block"
        )
    with torch.no_grad():
        for name, (down, up) in adapter.pairs.items():
            layers[name].lora_A["default"].weight.copy_(down)
            layers[name].lora_B["default"].weight.copy_(up)


def lora_layers(model: Any) -> Iterator[tuple[str, Any]]:
    """The layers that peft wrapped, by their names in the base."""
    return (
        (name, layer) for name, layer in without_adapters(model).named_modules() if hasattr(layer, "lora_A")
    )


def adapter_of(model: Any) -> Adapter | None:
    """A student's adapter as it is saved: in bfloat16; None where all weights learn."""
    layers = dict(lora_layers(model))
    if not layers:
        return None
    sides = {
        f"{name}.weight": tuple(side["default"].weight.detach() for side in (layer.lora_A, layer.lora_B))
        for name, layer in layers.items()
    }
    pairs = {name: (down.bfloat16().float(), up.bfloat16().float()) for name, (down, up) in sides.items()}
    first = next(iter(layers.values()))
    return Adapter(first.r["default"], float(first.scaling["default"]), pairs)


def without_adapters(model: Any) -> Any:
    """The transformers model itself, whose layers peft may have wrapped."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trained_weights(model: Any) -> list[Tensor]:
    """In the order that every state and snapshot has them."""
    return [weight for weight in model.parameters() if weight.requires_grad]


def student_with(base: Path, settings: TrainSettings, values: Sequence[Tensor]) -> Any:
    """The float32 model that has these trained weights, adapters apart; see `folded`."""
    model = open_student(base, settings, torch.float32)
    with torch.no_grad():
        for weight, value in zip(trained_weights(model), values, strict=True):
            weight.copy_(value)
    return model


def folded(model: Any) -> Any:
    """The plain model, an adapter merged as `edgethought distill merge` merges the one that is saved: to the bit."""
    adapter = adapter_of(model)
    if adapter is None:
        return model
    plain = model.unload()
    weights = dict(plain.named_parameters())
    with torch.no_grad():
        for name in adapter.pairs:
            weights[name].copy_(adapter.added_to(name, weights[name]))
    return plain


class Masters:
    """Float32 copies of a model's trained weights; a weight in float32 is its own copy.

    Of a sharded model, copies of the part of every weight that this process holds. `apart`: a weight in float32 has a
    copy too, for it is to be rounded.
    """

    def __init__(self, model: Any, *, apart: bool = False) -> None:
        self.weights = trained_weights(model)
        self.copies = [
            weight
            if weight.dtype == torch.float32 and not apart
            else weight.detach().to(torch.float32, copy=True)
            for weight in self.weights
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
