"""Opening a graph with plain onnxruntime, one way for decoders and for encoder-decoders."""

import contextlib
from pathlib import Path
from typing import Any

import onnxruntime as library
from onnxruntime.capi import onnxruntime_pybind11_state as native

from runtime.values.errors import InputError

REFUSALS = (
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoSuchFile,
    native.NotImplemented,
    native.RuntimeException,
)
# Microsoft's builds can report usage; nothing here phones home.
with contextlib.suppress(AttributeError):
    library.disable_telemetry_events()


def open_session(file: Path, threads: int) -> Any:
    """A session of onnxruntime on the processor; raises InputError with the library's reason when it does not load."""
    options = library.SessionOptions()
    options.intra_op_num_threads = threads
    # Errors only: its warnings are about its own optimiser.
    options.log_severity_level = 3
    try:
        return library.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except REFUSALS as error:
        reason = str(error).splitlines()[0][:300]
        raise InputError(f"{file} could not be loaded by onnxruntime ({reason})") from error
