"""Open an artifact with the engine that its format and its student's architecture ask for."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.engines.drafts import read_followers
from runtime.engines.engine import Engine
from runtime.engines.foreign_files import check_hashes
from runtime.values.cores import physical_cores
from runtime.values.errors import InputError, MissingExtra
from runtime.values.manifest import AS_EXPORTED, MANIFEST_FILE, Manifest, ModelFormat, read_manifest

# More than this llama.cpp does not take.
MAX_THREADS = 512
# (model file, manifest, threads) -> engine
Opener = Callable[[Path, Manifest, int], Engine]


def _open_llama_cpp(model_file: Path, manifest: Manifest, threads: int) -> Engine:
    from runtime.engines.llama.engine import LlamaCppEngine

    # Beside a file that is no artifact's, one of that name may be anything.
    folder = model_file.parent
    followers = read_followers(folder) if (folder / MANIFEST_FILE).is_file() else {}
    return LlamaCppEngine(model_file, manifest, threads, followers=followers)


def _check_complete(folder: Path, manifest: Manifest) -> None:
    """Raise InputError, naming it, where one of an ONNX artifact's files is missing: its weights lie beside the graph."""
    for name in manifest.files:
        if not (folder / name).is_file():
            raise InputError(
                f"no file {folder / name}, though {MANIFEST_FILE} names it; expected: {AS_EXPORTED}"
            )


def _open_onnx(model_file: Path, manifest: Manifest, threads: int) -> Engine:
    from runtime.engines.onnx.engine import OnnxEngine
    from runtime.engines.onnx.weights import complete_weights

    folder = complete_weights(model_file.parent, manifest)
    _check_complete(folder, manifest)
    check_hashes(folder, manifest.files, MANIFEST_FILE)
    return OnnxEngine(folder / model_file.name, manifest, threads)


def _open_onnx_seq2seq(model_file: Path, manifest: Manifest, threads: int) -> Engine:
    from runtime.engines.seq2seq.engine import OnnxSeq2SeqEngine

    _check_complete(model_file.parent, manifest)
    return OnnxSeq2SeqEngine(model_file, manifest, threads)


@dataclass(frozen=True, slots=True)
class EngineKind:
    """An engine: the package it needs, the command that installs that, and how to open an artifact."""

    package: str
    install: str
    open: Opener


ENGINES: dict[ModelFormat, EngineKind] = {
    "gguf": EngineKind("llama_cpp", "pip install 'edgethought[gguf]'", _open_llama_cpp),
    "onnx": EngineKind("tokenizers", "pip install tokenizers", _open_onnx),
}
# Encoder-decoder students in ONNX; onnxruntime and tokenizers come with every installation.
SEQ2SEQ = EngineKind("tokenizers", "pip install tokenizers", _open_onnx_seq2seq)


def engine_installed(format: ModelFormat) -> bool:
    """Whether the package that runs this format is installed; nothing is imported to find out."""
    return importlib.util.find_spec(ENGINES[format].package) is not None


def open_engine(
    folder: Path,
    threads: int | None = None,
    *,
    accuracy_level: int | None = None,
    adapter: Path | None = None,
) -> Engine:
    """Load the artifact in `folder`, by default on every physical core and at its usual accuracy level.

    `adapter` is a GGUF file with a LoRA adapter, loaded beside a GGUF artifact of its base. Raises InputError when the
    folder is no artifact, is damaged or takes no adapter, MissingExtra when its engine is missing.
    """
    manifest = read_manifest(folder)
    kind = SEQ2SEQ if manifest.architecture == "encoder-decoder" else ENGINES[manifest.format]
    if importlib.util.find_spec(kind.package) is None:
        raise MissingExtra(
            f"{folder} is {manifest.format} ({manifest.architecture}), which needs {kind.package}: {kind.install}"
        )
    if threads is not None and not 1 <= threads <= MAX_THREADS:
        raise InputError(f"threads is {threads}; expected: 1 to {MAX_THREADS}")
    file = _model_file(folder, manifest, accuracy_level)
    check_hashes(folder, manifest.files, MANIFEST_FILE)
    if adapter is not None:
        return _open_with_adapter(file, manifest, threads or physical_cores(), adapter)
    return kind.open(file, manifest, threads or physical_cores())


def _open_with_adapter(file: Path, manifest: Manifest, threads: int, adapter: Path) -> Engine:
    if manifest.format != "gguf":
        raise InputError(
            f"{manifest.name} is {manifest.format}, which takes no adapter; expected: a GGUF artifact"
        )
    from runtime.engines.llama.engine import LlamaCppEngine

    return LlamaCppEngine(file, manifest, threads, adapter)


def _model_file(folder: Path, manifest: Manifest, accuracy_level: int | None) -> Path:
    """The artifact's model file; a manifest may come from anywhere, so the name in it must be plain."""
    name = next(iter(manifest.files), "")
    if accuracy_level is not None:
        levels = manifest.accuracy_levels
        if str(accuracy_level) not in levels:
            raise InputError(
                f"accuracy level {accuracy_level} of {manifest.name}; expected: {', '.join(levels) or 'none given'}"
            )
        name = levels[str(accuracy_level)]
    if not name or Path(name).name != name:
        raise InputError(
            f"{folder / MANIFEST_FILE} names the model {name[:80]!r}; expected: a plain file name"
        )
    if not (folder / name).is_file():
        raise InputError(
            f"no file {folder / name}, though {MANIFEST_FILE} names it; expected: it, export the artifact again"
        )
    return folder / name
