"""Checkpoint to an ONNX folder for onnxruntime-genai, through its own model builder.

The builder runs in a process of its own: it prints a lot, keeps the weights in memory and changes `sys.path`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from export.checkpoint import CheckpointCard
from export.tokenizer import read_vocabulary, save_tokenizer
from runtime.errors import MissingExtra, WorkFailed
from runtime.prompt import chat_template

# accuracy_level 4 computes in int8, where a device's int4 is fast; the parity gate says what that costs.
EXTRA_OPTIONS = {"int4": ["accuracy_level=4"], "fp32": []}


def write_onnx(checkpoint: Path, card: CheckpointCard, out: Path, quantisation: str) -> None:
    """Build `model.onnx`, `genai_config.json` and the tokenizer in `out`; raises WorkFailed with the builder's words."""
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-e", "cpu", "-p", quantisation]
    with tempfile.TemporaryDirectory() as cache:
        command += ["-i", str(checkpoint), "-o", str(out), "-c", cache]
        if EXTRA_OPTIONS[quantisation]:
            command += ["--extra_options", *EXTRA_OPTIONS[quantisation]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise _builder_error(done.stderr)
    # The tokenizer that the student was trained with, not one that passed through another writer.
    save_tokenizer(read_vocabulary(checkpoint), out, chat_template(card.default_thought))


def _builder_error(output: str) -> Exception:
    last = (output.strip().splitlines() or ["no message"])[-1]
    if "No module named" in last:
        return MissingExtra(f"ONNX export: {last}: pip install 'edgethought[build]'")
    return WorkFailed(f"the ONNX builder stopped: {last[:200]}")


def onnx_end_tokens(folder: Path) -> tuple[int, ...]:
    """The end-of-sequence ids in an ONNX folder's `genai_config.json`."""
    value = json.loads((folder / "genai_config.json").read_text(encoding="utf-8"))["model"]["eos_token_id"]
    return tuple(value) if isinstance(value, list) else (int(value),)


def onnx_chat_template(folder: Path) -> str:
    """The chat template in an ONNX folder's tokenizer configuration."""
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    return str(config.get("chat_template", ""))


def onnx_operator_types(folder: Path) -> dict[str, int]:
    """How many weight-carrying operators of each kind `model.onnx` holds (`MatMulNBits` is the quantised one)."""
    import onnx

    graph = onnx.load(folder / "model.onnx", load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    wanted = ("MatMulNBits", "MatMul", "Gather", "GatherBlockQuantized")
    return {kind: kinds.count(kind) for kind in wanted if kind in kinds}
