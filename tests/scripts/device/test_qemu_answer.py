"""What the emulated answer needs is said in one line before anything is made; the rest is run by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.device.qemu_answer import main
from tests.runtime.fake_engine import fake_manifest


@pytest.mark.parametrize(
    ("format", "words", "said"),
    [
        ("onnx", 1, "1 words; expected: FOLDER ARTIFACT, and a QUESTION if you like"),
        ("gguf", 2, "is gguf; expected: an ONNX artifact"),
        ("onnx", 2, "apt-get, dpkg, dpkg-deb not found; expected: a Debian machine"),
    ],
)
def test_what_is_missing_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    format: str,
    words: int,
    said: str,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    artifact = tmp_path / "artifact"
    artifact.mkdir()
    replace(fake_manifest(), format=format).save(artifact)  # type: ignore[arg-type]
    assert main([str(tmp_path / "made"), str(artifact)][:words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
