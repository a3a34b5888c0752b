"""Fixtures that more than one part's tests use: real artifacts, and a home folder that is not the user's."""

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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty `EDGETHOUGHT_HOME` and no default model."""
    folder = tmp_path / "home"
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(folder))
    monkeypatch.delenv("EDGETHOUGHT_MODEL", raising=False)
    yield folder
