"""The base that most tests of training start from."""

from pathlib import Path

import pytest

from tests.tiny import tiny_checkpoint


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama as a base checkpoint."""
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")
