"""Fixtures that more than one part's tests use: real artifacts, and a home folder that is not the user's."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.artifacts import build_gguf, build_onnx, cached_artifact


@pytest.fixture(scope="session")
def gguf_artifact() -> Path:
    """The base as a q4_0 GGUF artifact (a second to build, then cached)."""
    return cached_artifact("base-q4_0", "llama_cpp", build_gguf)


@pytest.fixture(scope="session")
def onnx_artifact() -> Path:
    """The base as an int4 ONNX artifact (half a minute to build, then cached)."""
    return cached_artifact("base-int4", "onnxruntime_genai", build_onnx)


@pytest.fixture(scope="session")
def t5_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random T5 as `checkpoint`, and its artifacts `onnx-fp32` and `onnx-int8` past the gate."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("building ONNX needs pip install 'edgethought[build]'")
    from export.build import export_checkpoint
    from export.targets import parse_targets
    from tests.tiny_seq2seq import one_thread, tiny_t5

    folder = tmp_path_factory.mktemp("t5")
    with one_thread():
        checkpoint = tiny_t5(folder / "checkpoint")
        export_checkpoint(checkpoint, parse_targets("onnx:fp32,onnx:int8"), folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty `EDGETHOUGHT_HOME` and no default model."""
    folder = tmp_path / "home"
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(folder))
    monkeypatch.delenv("EDGETHOUGHT_MODEL", raising=False)
    yield folder
