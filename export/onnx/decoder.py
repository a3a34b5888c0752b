"""Checkpoint to an ONNX folder for onnxruntime-genai, through its own model builder.

The builder runs in a process of its own: it prints a lot, keeps the weights in memory and changes `sys.path`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from export.checkpoint import CheckpointCard
from export.onnx.compact import compact_graph
from export.onnx.gguf_weights import put_over_gguf
from export.targets import CONTEXT_TOKENS
from export.tokenizer import read_vocabulary, save_tokenizer
from runtime.values.errors import MissingExtra, WorkFailed
from runtime.values.files import write_json
from runtime.values.prompt import chat_template

# accuracy_level 4 computes in int8, where a device's int4 is fast; the parity gate says what that costs.
DEFAULT_LEVEL = 4
EXTRA_OPTIONS = {"int4": [f"accuracy_level={DEFAULT_LEVEL}"], "fp32": []}
MODEL_FILE, CONFIG_FILE = "model.onnx", "genai_config.json"
# Level 1 computes in float32, which may be quicker on a CPU without int8 products: `tune` measures both.
OTHER_LEVELS = (1,)


def write_onnx(checkpoint: Path, card: CheckpointCard, out: Path, quantization: str) -> None:
    """Build `model.onnx`, `genai_config.json` and the tokenizer in `out`; raises WorkFailed with the builder's words."""
    _build(checkpoint, out, quantization)
    if quantization == "int4":
        compact_graph(out / MODEL_FILE, CONTEXT_TOKENS)
        _finish_quantized(out)
    # The tokenizer that the student was trained with, not one that passed through another writer.
    save_tokenizer(read_vocabulary(checkpoint), out, chat_template(card.default_thought))


def write_onnx_over_gguf(checkpoint: Path, card: CheckpointCard, out: Path, gguf: Path) -> None:
    """As `write_onnx`, with the weights of a q4_0 GGUF of the same checkpoint, number by number."""
    _build(checkpoint, out, "int4")
    put_over_gguf(out / MODEL_FILE, checkpoint, gguf, CONTEXT_TOKENS)
    _finish_quantized(out)
    save_tokenizer(read_vocabulary(checkpoint), out, chat_template(card.default_thought))


def _build(checkpoint: Path, out: Path, precision: str) -> None:
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-e", "cpu", "-p", precision]
    with tempfile.TemporaryDirectory() as cache:
        command += ["-i", str(checkpoint), "-o", str(out), "-c", cache]
        if EXTRA_OPTIONS[precision]:
            command += ["--extra_options", *EXTRA_OPTIONS[precision]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise _builder_error(done.stderr)


def _finish_quantized(out: Path) -> None:
    """Write the other accuracy levels, and say how far the rotary tables reach."""
    _write_other_levels(out / MODEL_FILE)
    config = json.loads((out / CONFIG_FILE).read_text(encoding="utf-8"))
    for part, name in (("model", "context_length"), ("search", "max_length")):
        config[part][name] = min(config[part][name], CONTEXT_TOKENS)
    write_json(out / CONFIG_FILE, config)


def _write_other_levels(model: Path) -> None:
    """Beside a graph, the same at other accuracy levels; the weights are one file for all."""
    import onnx

    graph = onnx.load(model, load_external_data=False)
    attributes = [
        {entry.name: entry for entry in node.attribute}
        for node in graph.graph.node
        if node.op_type == "MatMulNBits"
    ]
    for level in OTHER_LEVELS:
        for named in attributes:
            # Eight bits in float32 have no kernel of their own: 80 ms instead of 0.4 for a head of 22,000 tokens.
            if named["bits"].i == 4:
                named["accuracy_level"].i = level
        onnx.save(graph, model.with_name(f"model-accuracy{level}.onnx"))


def onnx_accuracy_levels(folder: Path) -> dict[str, str]:
    """The graph of each accuracy level that an ONNX folder has, the usual one first; none where nothing is quantised."""
    others = {str(level): f"model-accuracy{level}.onnx" for level in OTHER_LEVELS}
    there = {level: name for level, name in others.items() if (folder / name).is_file()}
    return {str(DEFAULT_LEVEL): "model.onnx", **there} if there else {}


def _builder_error(output: str) -> Exception:
    last = (output.strip().splitlines() or ["no message"])[-1]
    if "No module named" in last:
        return MissingExtra(f"ONNX export: {last}: pip install 'edgethought[build]'")
    return WorkFailed(f"the ONNX builder stopped: {last[:200]}")


def onnx_end_tokens(folder: Path) -> tuple[int, ...]:
    """The end-of-sequence ids in an ONNX folder's `genai_config.json`."""
    value = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))["model"]["eos_token_id"]
    return tuple(value) if isinstance(value, list) else (int(value),)


def onnx_chat_template(folder: Path) -> str:
    """The chat template in an ONNX folder's tokenizer configuration."""
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    return str(config.get("chat_template", ""))


def onnx_operator_types(folder: Path) -> dict[str, int]:
    """How many weight-carrying operators of each kind `model.onnx` holds (`MatMulNBits` is the quantised one)."""
    import onnx

    graph = onnx.load(folder / MODEL_FILE, load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    wanted = ("MatMulNBits", "MatMul", "Gather", "GatherBlockQuantized")
    return {kind: kinds.count(kind) for kind in wanted if kind in kinds}
