"""What an artifact's manifest says, of its student and of itself."""

import hashlib
import importlib.metadata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from export.building.source import MODEL_FILES, Source, read_source
from export.checkpoint import WEIGHTS_FILE, CheckpointCard, student_hashes
from export.gate.parity import GateReport
from export.gguf.quantize import Fallback, fallbacks, gguf_tensor_types
from export.onnx.decoder import onnx_accuracy_levels, onnx_operator_types
from export.onnx.seq2seq import DECODER_FILE, seq2seq_operator_types
from export.targets import CONTEXT_TOKENS, Target
from export.tokenizer import end_token
from runtime.values.manifest import Manifest, file_sha256
from runtime.values.prompt import TAGS, THOUGHTS

PROMPT_TEMPLATE = "Question: {question}\n{tag}\n"


def artifact_manifest(source: Source, target: Target, folder: Path) -> Manifest:
    """The manifest of an artifact as written, before its gate."""
    card, encoder_decoder = source.card, source.encoder_decoder
    model = DECODER_FILE if encoder_decoder else MODEL_FILES[target.format]
    names = [model, *sorted(path.name for path in folder.iterdir() if path.name != model)]
    return Manifest(
        name=f"{_artifact_title(card)} {target}",
        format=target.format,
        quantization=target.quantization,
        bytes=sum((folder / name).stat().st_size for name in names),
        files={name: file_sha256(folder / name) for name in names},
        **_of_student(source),
        tensor_types=_tensor_types(target, folder, encoder_decoder=encoder_decoder),
        tools=dict(_tools(target, encoder_decoder=encoder_decoder)),
        gate={},
        architecture="encoder-decoder" if encoder_decoder else "decoder",
        accuracy_levels=onnx_accuracy_levels(folder) if target.format == "onnx" else {},
        fallbacks=dict(
            Counter(one.change for one in artifact_fallbacks(target, folder) for _ in one.tensors)
        ),
        calibration=source.calibration_row(target),
        shared_head=source.shares_head(target.quantization),
        student=student_hashes(source.folder),
    )


def checkpoint_manifest(checkpoint: Path, card: CheckpointCard | None = None) -> Manifest:
    """What an artifact's manifest would say of a checkpoint that answers as it is; it is written nowhere.

    A `card` of its own is that of the checkpoint with an adapter.
    """
    source = read_source(checkpoint)
    if card and card.merged:
        both = hashlib.sha256(f"{source.sha256} {card.merged.adapter_sha256}".encode()).hexdigest()
        source = replace(source, card=card, sha256=both)
    return Manifest(
        name=f"{_artifact_title(source.card)} checkpoint",
        format="checkpoint",
        quantization="bf16",
        bytes=(checkpoint / WEIGHTS_FILE).stat().st_size,
        files={WEIGHTS_FILE: source.sha256},
        **_of_student(source),
        tensor_types={},
        tools={name: importlib.metadata.version(name) for name in ("torch", "transformers")},
        gate={},
    )


def _of_student(source: Source) -> dict[str, Any]:
    """What all artifacts of a student have in common."""
    card = source.card
    return {
        "parameters": _parameters(source.folder),
        "parent": source.sha256,
        "license": card.license,
        "default_thought": card.default_thought,
        # A base was taught no thought; it may be asked for any.
        "thoughts": card.thoughts or THOUGHTS,
        "end_tokens": (end_token(source.folder),),
        "prompt_template": PROMPT_TEMPLATE,
        "tags": {name: TAGS[name] for name in THOUGHTS},
        "max_tokens": card.max_tokens,
        "context_tokens": CONTEXT_TOKENS,
        "near_duplicates": card.near_duplicates,
    }


def _artifact_title(card: CheckpointCard) -> str:
    """A published student's own name, else the base and the thoughts that it learned."""
    return card.name or "-".join(filter(None, (card.title, "+".join(card.thoughts))))


def artifact_fallbacks(target: Target, folder: Path) -> tuple[Fallback, ...]:
    """Tensors that got another type than the artifact's; an ONNX artifact has none."""
    if target.format != "gguf":
        return ()
    return fallbacks(folder / MODEL_FILES["gguf"], target.quantization)


def _tensor_types(target: Target, folder: Path, *, encoder_decoder: bool) -> dict[str, int]:
    if encoder_decoder:
        return seq2seq_operator_types(folder)
    if target.format == "gguf":
        return gguf_tensor_types(folder / MODEL_FILES["gguf"])
    return onnx_operator_types(folder)


def with_gate(manifest: Manifest, report: GateReport, others: Mapping[str, GateReport]) -> Manifest:
    """A manifest with what its gate measured, at other accuracy levels too."""
    levels = {level: other.to_row() for level, other in others.items()}
    return replace(manifest, gate={**report.to_row(), **({"accuracy_levels": levels} if levels else {})})


def _parameters(checkpoint: Path) -> int:
    from math import prod

    from safetensors import safe_open

    with safe_open(checkpoint / "model.safetensors", framework="pt") as weights:
        return sum(prod(weights.get_slice(name).get_shape()) for name in weights.keys())  # noqa: SIM118


def _tools(target: Target, *, encoder_decoder: bool) -> Iterator[tuple[str, str]]:
    packages = {
        "gguf": ("gguf", "llama-cpp-python", "torch", "transformers"),
        "onnx": ("onnxruntime", "onnxruntime-genai", "onnx", "torch", "transformers"),
        "encoder-decoder": ("onnxruntime", "optimum-onnx", "tokenizers", "onnx", "torch", "transformers"),
    }
    for package in packages["encoder-decoder" if encoder_decoder else target.format]:
        yield package, importlib.metadata.version(package)
