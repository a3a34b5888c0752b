"""An encoder-decoder checkpoint (T5, FlanT5, CodeT5) to an ONNX folder, through optimum's exporter.

The decoder's first step and its later ones are merged into one file with one set of weights. int8 is onnxruntime's
own dynamic quantisation: weights a channel at a time, activations as they come.
"""

import contextlib
import io
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.checkpoint import CheckpointCard
from export.tokenizer import copy_tokenizer
from runtime.values.errors import InputError, MissingExtra, WorkFailed
from runtime.values.prompt import chat_template

DECODER_FILE, ENCODER_FILE, CONFIG_FILE = "decoder_model_merged.onnx", "encoder_model.onnx", "config.json"
TASK = "text2text-generation-with-past"


def write_seq2seq(checkpoint: Path, card: CheckpointCard, out: Path, quantization: str) -> None:
    """Write both graphs, `config.json` and the tokenizer into `out`; `quantization` is fp32 or int8.

    Raises MissingExtra when the exporter is not installed, WorkFailed with its words when it stops.
    """
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder)
        with _quiet():
            _export(checkpoint, exact)
            for name in (DECODER_FILE, ENCODER_FILE):
                if quantization == "int8":
                    _quantize(exact / name, out / name)
                else:
                    shutil.copy(exact / name, out / name)
        shutil.copy(exact / CONFIG_FILE, out / CONFIG_FILE)
    copy_tokenizer(checkpoint, out, chat_template(card.default_thought))


def _export(checkpoint: Path, out: Path) -> None:
    try:
        from optimum.exporters.onnx import main_export
    except ImportError as error:
        raise MissingExtra(f"ONNX export: {error}: pip install 'edgethought[build]'") from error
    try:
        # The parity gate compares more than the exporter's own validation does.
        main_export(
            str(checkpoint),
            output=out,
            task=TASK,
            device="cpu",
            dtype="fp32",
            do_validation=False,
            local_files_only=True,
        )
    except (ValueError, KeyError, RuntimeError, NotImplementedError) as error:
        raise WorkFailed(f"the ONNX exporter stopped: {str(error).strip()[:200]}") from error
    if list(out.glob("*.onnx_data")):
        raise InputError(
            f"{checkpoint} has a graph over 2 GB; expected: up to 2 GB each of encoder and decoder"
        )


def _quantize(exact: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # The merged decoder keeps its products inside two branches, which are subgraphs.
    options = {"EnableSubgraph": True, "MatMulConstBOnly": True}
    quantize_dynamic(exact, out, weight_type=QuantType.QInt8, per_channel=True, extra_options=options)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's warnings about its own tracing."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def seq2seq_end_tokens(folder: Path) -> tuple[int, ...]:
    """The end-of-sequence ids in an artifact's `config.json`."""
    value = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))["eos_token_id"]
    return tuple(value) if isinstance(value, list) else (int(value),)


def seq2seq_operator_types(folder: Path) -> dict[str, int]:
    """Weight-carrying operators by kind in both graphs, branches included (`MatMulInteger` is the quantised one)."""
    import onnx

    kinds = [kind for name in (ENCODER_FILE, DECODER_FILE) for kind in _kinds(onnx.load(folder / name).graph)]
    wanted = ("MatMulInteger", "MatMul", "Gather")
    return {kind: kinds.count(kind) for kind in wanted if kind in kinds}


def _kinds(graph: Any) -> Iterator[str]:
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _kinds(attribute.g)
