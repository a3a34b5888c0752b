"""Export targets such as `gguf:q4_0`: what can be asked for, and how a list of them is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.values.errors import InputError
from runtime.values.manifest import ArtifactFormat

# The first four's and q8_0's blocks of 32 fit every width. A K-quant's are of 256: where a width is no multiple of that
# (SmolLM2's 576, Qwen2.5's 896), other types are taken tensor by tensor, which the export tells and the manifest counts.
GGUF_QUANTIZATIONS = (
    "q4_0",
    "q4_1",
    "iq4_nl",
    "q5_0",
    "q4_k_m",
    "q5_k_m",
    "q6_k",
    "q8_0",
    "f16",
    "bf16",
)
# No int8 of decoders: the builder cannot write one for a tied embedding, see docs/experiments.
# q4_0 is the GGUF's own weights of that name: both engines run the very same student.
ONNX_QUANTIZATIONS = ("q4_0", "int4", "int8", "fp32")
QUANTIZATIONS: dict[ArtifactFormat, tuple[str, ...]] = {
    "gguf": GGUF_QUANTIZATIONS,
    "onnx": ONNX_QUANTIZATIONS,
}
# What an artifact is made for, whatever the base was trained for.
CONTEXT_TOKENS = 2048
FOUR_BIT = ("q4_0", "q4_1", "iq4_nl", "q4_k_m", "int4")


@dataclass(frozen=True, slots=True)
class Target:
    """One artifact to make."""

    format: ArtifactFormat
    quantization: str

    @property
    def folder_name(self) -> str:
        """The artifact's folder: `gguf-q4_0`."""
        return f"{self.format}-{self.quantization}"

    def __str__(self) -> str:
        return f"{self.format}:{self.quantization}"


ALLOWED = ", ".join(str(Target(format, name)) for format, names in QUANTIZATIONS.items() for name in names)


# What each architecture's exporter can write.
ENCODER_DECODER = (Target("onnx", "int8"), Target("onnx", "fp32"))
NO_DECODER = (Target("onnx", "int8"),)
# The one to take when nobody says, by whether it is of an encoder-decoder: quickest to write and to run;
# llama.cpp has no path for those in Python.
DEFAULT_TARGETS = {False: Target("gguf", "q4_0"), True: Target("onnx", "int8")}


def check_targets(targets: Sequence[Target], *, encoder_decoder: bool) -> None:
    """Raise InputError for a target that cannot be made of a student of this architecture."""
    for target in targets:
        if encoder_decoder and target not in ENCODER_DECODER:
            allowed = ", ".join(map(str, ENCODER_DECODER))
            raise InputError(f"export target {target} of an encoder-decoder student; expected: {allowed}")
        if not encoder_decoder and target in NO_DECODER:
            allowed = ", ".join(name for name in ALLOWED.split(", ") if name not in map(str, NO_DECODER))
            raise InputError(f"export target {target} of a decoder-only student; expected: {allowed}")


def parse_targets(text: str) -> tuple[Target, ...]:
    """Read `gguf:q4_0,onnx:int4`; raises InputError naming what is allowed. Repeats are dropped, order is kept."""
    targets = tuple(dict.fromkeys(_parse_target(part) for part in text.split(",") if part.strip()))
    if not targets:
        raise InputError(f"no export target in {text!r}; expected: {ALLOWED}")
    return targets


def _parse_target(text: str) -> Target:
    name, _, quantization = text.strip().lower().partition(":")
    for format, allowed in QUANTIZATIONS.items():
        if name == format and quantization in allowed:
            return Target(format, quantization)
    raise InputError(f"export target {text.strip()[:40]!r}; expected: {ALLOWED}")
