"""Graphs on plain onnxruntime, for decoders and for encoder-decoders: opened one way, and stopped from any thread."""

import contextlib
from pathlib import Path
from typing import Any

import onnxruntime as library
from onnxruntime.capi import onnxruntime_pybind11_state as native

from runtime.engines.engine import Interrupted
from runtime.values.errors import InputError
from runtime.values.manifest import AS_EXPORTED

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
        raise InputError(
            f"{file} could not be loaded by onnxruntime ({reason}); expected: {AS_EXPORTED}"
        ) from error


class Runs:
    """Starts runs; `stop` ends the one that is under way, and every later one until `resume`."""

    def __init__(self) -> None:
        self._options: Any = library.RunOptions()

    def run(self, session: Any, binding: Any, *, whole: bool = False) -> None:
        """Run a session over what is bound; raises Interrupted when it was stopped.

        A run that is short goes through as a `whole`: one that can be stopped looks at its flag before every operation,
        2 to 3 % of a step's time.
        """
        if whole and self._options.terminate:
            raise Interrupted
        try:
            session.run_with_iobinding(binding, None if whole else self._options)
        except RuntimeError as error:
            if self._options.terminate:
                raise Interrupted from error
            raise

    def stop(self) -> None:
        """End what runs now."""
        self._options.terminate = True

    def resume(self) -> None:
        """Let runs go on."""
        self._options.terminate = False
