"""The base that most tests of training start from, and a picture that is not drawn anew for each of their runs."""

from pathlib import Path

import pytest

import distill.training.loop
from distill.training.report.metrics import Metrics
from tests.tiny import tiny_checkpoint

_DRAWN: list[bytes] = []
_draw = distill.training.loop.draw_training


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama as a base checkpoint."""
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(autouse=True)
def pictures_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes longer than a tiny student's training; after the first, every run gets that run's picture."""

    def draw(metrics: Metrics, path: Path, title: str) -> None:
        if not _DRAWN:
            _draw(metrics, path, title)
            _DRAWN.append(path.read_bytes())
        path.write_bytes(_DRAWN[0])

    monkeypatch.setattr(distill.training.loop, "draw_training", draw)
