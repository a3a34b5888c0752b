"""The checkpoint of an export, and what is read of it once for all its artifacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export.checkpoint import (
    WEIGHTS_FILE,
    CheckpointCard,
    check_weights,
    checkpoint_sha256,
    is_encoder_decoder,
    read_card,
)
from export.gguf.blocks import BLOCK_TYPES, RoundedWeights
from export.gguf.gguf_file import has_nearly_tied_head
from export.gguf.importance import Calibration
from export.gguf.quantize import WEIGHED
from export.targets import FOUR_BIT, GGUF_QUANTIZATIONS, Target

MODEL_FILES = {"gguf": "model.gguf", "onnx": "model.onnx"}


@dataclass(frozen=True, slots=True)
class Source:
    """A checkpoint, and what is read of it once for all its artifacts.

    The rounding of GGUF's quantised types goes by `calibration`: `rounded` has what we round ourselves, by quantisation;
    `importance` weighs llama.cpp's rounding of the others.
    """

    folder: Path
    card: CheckpointCard
    sha256: str
    encoder_decoder: bool
    calibration: Calibration | None = None
    importance: Mapping[str, Any] = field(default_factory=dict)
    rounded: Mapping[str, RoundedWeights] = field(default_factory=dict)

    def rounding(self, target: Target) -> str:
        """How calibration rounds an artifact's weights: `gptq`, `imatrix`, or not at all (empty)."""
        # An ONNX artifact of GGUF's quantisation has its weights.
        if not self.calibration or target.quantization not in WEIGHED:
            return ""
        return "gptq" if target.quantization in BLOCK_TYPES else "imatrix"

    def calibration_row(self, target: Target) -> dict[str, Any]:
        """What an artifact's manifest says of the texts that its rounding went by; empty where it went by none."""
        rounding = self.rounding(target)
        return {**self.calibration.to_row(), "rounding": rounding} if self.calibration and rounding else {}

    def shares_head(self, quantization: str) -> bool:
        """Whether a GGUF's head and embedding become one tensor: where four bits would blur them more than they differ.

        So they then do in an ONNX artifact that has the GGUF's weights.
        """
        four_bits = quantization in FOUR_BIT and quantization in GGUF_QUANTIZATIONS
        return four_bits and not self.encoder_decoder and has_nearly_tied_head(self.folder)


def read_source(checkpoint: Path) -> Source:
    """Read a checkpoint's card, hash and kind; raises InputError when it is none."""
    card = read_card(checkpoint)
    if (checkpoint / WEIGHTS_FILE).is_file():
        check_weights(checkpoint)
    return Source(checkpoint, card, checkpoint_sha256(checkpoint), is_encoder_decoder(checkpoint))
