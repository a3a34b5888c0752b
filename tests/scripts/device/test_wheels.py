"""Wheels alone install this project on both processors, and what comes is small. Asks a package index."""

import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename

from edgethought.stages.bundle.wheels import PLATFORMS, download_wheels, requirements, write_own_wheel

pytestmark = pytest.mark.slow
PYTHON = "3.11"
# What is unpacked from the wheels, and what pip compiles of it, in bytes.
MAX_BYTES = 400e6
TOO_LARGE = {"torch", "transformers", "onnx", "llama-cpp-python"}


def installed_bytes(wheel: Path) -> float:
    """What pip leaves on the disk; Python's compiled files are half as large again as their sources."""
    with zipfile.ZipFile(wheel) as archive:
        entries = archive.infolist()
    return sum(entry.file_size * (2.5 if entry.filename.endswith(".py") else 1) for entry in entries)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_base_install_is_wheels_without_torch_and_small(tmp_path: Path, platform: str) -> None:
    # An ONNX artifact needs what `pip install edgethought` brings, and no extra.
    assert download_wheels(requirements("onnx"), platform, PYTHON, tmp_path) == []
    write_own_wheel(tmp_path)
    files = list(tmp_path.iterdir())
    assert {file.suffix for file in files} == {".whl"}
    wheels = [parse_wheel_filename(file.name) for file in files]
    names = {canonicalize_name(name) for name, *_ in wheels}
    assert {"edgethought", "numpy", "onnxruntime", "sympy", "tokenizers"} <= names
    assert not names & TOO_LARGE
    assert all(
        tag.platform == "any" or tag.platform.endswith(platform) for *_, tags in wheels for tag in tags
    )
    size = sum(map(installed_bytes, files))
    wheel_bytes = sum(file.stat().st_size for file in files)
    print(f"{platform}: {len(files)} wheels of {wheel_bytes / 1e6:.0f} MB, {size / 1e6:.0f} MB installed")
    assert size < MAX_BYTES
