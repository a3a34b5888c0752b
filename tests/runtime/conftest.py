"""Both engines on the tiny student, opened once a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.engines.engine import Engine
from runtime.engines.opening import open_engine


@pytest.fixture(scope="module")
def engines(gguf_artifact: Path, onnx_artifact: Path) -> Iterator[dict[str, Engine]]:
    # onnxruntime's second thread spins while it waits, which on a busy machine takes longer than the work.
    opened = {"gguf": open_engine(gguf_artifact), "onnx": open_engine(onnx_artifact, 1)}
    yield opened
    for engine in opened.values():
        engine.close()


@pytest.fixture(params=["gguf", "onnx"])
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    return engines[request.param]
