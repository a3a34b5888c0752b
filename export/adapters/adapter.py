"""An adapter (LoRA, arXiv 2106.09685) in peft's layout: a folder with `adapter_config.json` and its weights.

Only plain pairs of matrices are taken: W + scale · B A for some linear layers, nothing else trained beside them. So an
adapter of a base's blocks fits every vocabulary that the base is trimmed to.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import CheckpointCard, require_build, save_card
from runtime.values.errors import InputError
from runtime.values.files import whole_folder, write_json
from runtime.values.manifest import file_sha256

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"
# Entries of `adapter_config.json` that ask for more than plain pairs, and what each has where it asks for nothing.
_PLAIN: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "bias": ("none", None),
    "fan_in_fan_out": (False, None),
    "use_dora": (False, None),
    "modules_to_save": (None, []),
    "rank_pattern": ({}, None),
    "alpha_pattern": ({}, None),
}


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter. `pairs` maps a weight's name in the base to A (rank, input) and B (output, rank), in float32.

    What it adds to a weight is `scale` times B A; `sha256` is its weights file's, empty before it is saved.
    """

    rank: int
    scale: float
    pairs: Mapping[str, tuple[Any, Any]]
    sha256: str = ""

    @property
    def layer_kinds(self) -> tuple[str, ...]:
        """What its layers are called inside a block: `q_proj`."""
        return tuple(dict.fromkeys(name.split(".")[-2] for name in self.pairs))

    def added_to(self, name: str, weight: Any) -> Any:
        """The base's weight (output, input) of this name with its product added, in float32."""
        down, up = self.pairs[name]
        return weight.float().addmm(up, down, alpha=self.scale)


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter, not a checkpoint with weights of its own."""
    return (folder / CONFIG_FILE).is_file()


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter; raises InputError, naming the folder, for one that is damaged or more than plain LoRA."""
    require_build()
    from safetensors import SafetensorError

    config = _config(folder)
    try:
        pairs = dict(_pairs(folder))
    except FileNotFoundError as error:
        raise InputError(f"{folder} has no {WEIGHTS_FILE}; expected: an adapter as peft saves it") from error
    except SafetensorError as error:
        raise InputError(
            f"{folder / WEIGHTS_FILE} is damaged ({error}); expected: an adapter as peft saves it"
        ) from error
    rank = config["r"]
    if odd := [name for name, (down, up) in pairs.items() if not len(down) == up.shape[1] == rank]:
        raise InputError(f"{folder} has another rank for {odd[0]}; expected: {rank} for every layer")
    scale = config["lora_alpha"] / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return Adapter(rank, scale, pairs, file_sha256(folder / WEIGHTS_FILE))


def check_fits(adapter: Adapter, name: str, weight: Any, base: Path) -> None:
    """Raise InputError where a base has no weight of this name (None), or one of another shape than its pair is for."""
    if weight is None:
        raise InputError(
            f"the adapter is for a base with {name}, which {base} has not; expected: the base that it was trained over"
        )
    down, up = adapter.pairs[name]
    shape = (len(up), down.shape[1])
    if tuple(weight.shape) != shape:
        raise InputError(
            f"{name} of the adapter is for a weight of {shape}; expected: {tuple(weight.shape)}, as {base} has it"
        )


def save_adapter(adapter: Adapter, folder: Path, *, card: CheckpointCard, task: str = "CAUSAL_LM") -> None:
    """Write an adapter in peft's layout, in bfloat16, whole or not at all.

    `card` says what its base is called and what it was taught; it goes along, for who merges the adapter.
    """
    import torch
    from safetensors.torch import save_file

    tensors = {
        f"{_PREFIX}{name.removesuffix('.weight')}{side}": matrix.to(torch.bfloat16).contiguous()
        for name, pair in adapter.pairs.items()
        for side, matrix in zip((_DOWN, _UP), pair, strict=True)
    }
    alpha = adapter.scale * adapter.rank
    config = {
        "peft_type": "LORA",
        "task_type": task,
        "base_model_name_or_path": card.base,
        "r": adapter.rank,
        "lora_alpha": int(alpha) if alpha.is_integer() else alpha,
        "lora_dropout": 0.0,
        "target_modules": list(adapter.layer_kinds),
        **{name: plain[0] for name, plain in _PLAIN.items() if name != "peft_type"},
        "use_rslora": False,
        "init_lora_weights": True,
        "inference_mode": True,
    }
    with whole_folder(folder) as partial:
        partial.mkdir(parents=True)
        save_file(tensors, partial / WEIGHTS_FILE, metadata={"format": "pt"})
        write_json(partial / CONFIG_FILE, config)
        save_card(card, partial)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        odd = [
            f"{name} {config.get(name)!r}"
            for name, plain in _PLAIN.items()
            if config.get(name, plain[0]) not in plain
        ]
        sizes_are_right = config["r"] > 0 and config["lora_alpha"] > 0
    except FileNotFoundError as error:
        raise InputError(f"{folder} has no {CONFIG_FILE}; expected: an adapter as peft saves it") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder / CONFIG_FILE} is damaged ({type(error).__name__}: {error}); expected: an adapter as peft saves it"
        ) from error
    if odd or not sizes_are_right:
        raise InputError(f"{folder} has {odd[0] if odd else 'no rank'}; expected: plain LoRA")
    return dict(config)


def _pairs(folder: Path) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The base's weight and its two matrices, in the order of names; what belongs to no pair raises InputError."""
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS_FILE, framework="pt") as tensors:
        names = set(tensors.keys())
        downs, ups = ({n.removesuffix(side) for n in names if n.endswith(side)} for side in (_DOWN, _UP))
        layers = sorted(layer for layer in downs & ups if layer.startswith(_PREFIX))
        if odd := names - {layer + side for layer in layers for side in (_DOWN, _UP)}:
            raise InputError(
                f"{folder / WEIGHTS_FILE} has {min(odd)[:120]} alone; expected: pairs of lora_A and lora_B"
            )
        for layer in layers:
            down, up = (tensors.get_tensor(layer + side).float() for side in (_DOWN, _UP))
            yield f"{layer.removeprefix(_PREFIX)}.weight", (down, up)
