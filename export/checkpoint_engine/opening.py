"""Opening a model that may be a checkpoint: where an artifact is taken, a checkpoint is too, and answers as it is."""

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from runtime.answering.pipeline import Model, load
from runtime.solver.solver import Solver
from runtime.values.cores import physical_cores
from runtime.values.errors import InputError
from runtime.values.manifest import CHECKPOINT_FILE, MANIFEST_FILE, Manifest, read_manifest

# A step of many rows costs little more than one of few.
CHECKPOINT_STREAMS = 128


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder is a checkpoint of ours, and no artifact."""
    return (folder / CHECKPOINT_FILE).is_file() and not (folder / MANIFEST_FILE).is_file()


def model_manifest(folder: Path) -> Manifest:
    """The manifest of an artifact, or what it would say of a checkpoint; raises InputError for other folders."""
    if not is_checkpoint(folder):
        from export.adapters.adapter import is_adapter

        if is_adapter(folder):
            raise InputError(
                f"{folder} is an adapter; expected: `edgethought distill merge` of it, or --adapter beside its base"
            )
        if not folder.exists():
            raise InputError(
                f"{folder} is no artifact (nothing is there); expected: an artifact, checkpoint or student that is here"
            )
        return read_manifest(folder)
    from export.building.manifests import checkpoint_manifest
    from export.checkpoint import is_encoder_decoder

    if is_encoder_decoder(folder):
        raise InputError(
            f"{folder} is an encoder-decoder's checkpoint; expected: a decoder's, or an artifact"
        )
    return checkpoint_manifest(folder)


def load_model(folder: Path | None, *, threads: int | None = None, adapter: Path | None = None) -> Model:
    """What `runtime.answering.pipeline.load` gives, of a checkpoint too.

    `folder` may name a base that is here. `adapter` is a LoRA adapter's folder beside a checkpoint, a GGUF file beside an
    artifact.
    """
    from export.adapters.adapter import is_adapter

    if folder and not folder.exists():
        folder = _named_base(folder)
    if folder and is_checkpoint(folder):
        return load_checkpoint(folder, threads=threads, adapter=adapter)
    if adapter and is_adapter(adapter):
        raise InputError(
            f"adapter {adapter} is a folder; expected: a checkpoint to load it beside, or an artifact and a .gguf adapter"
        )
    return load(folder, threads=threads, adapter=adapter)


def _named_base(folder: Path) -> Path:
    """The checkpoint of a base that is named, else the path as it is."""
    from export.bases.base import base_checkpoint
    from export.bases.table import known_bases

    return base_checkpoint(str(folder)) if str(folder) in known_bases() else folder


def load_checkpoint(
    folder: Path, *, threads: int | None = None, adapter: Path | None = None, dtype: Any = None
) -> Model:
    """A model that answers with a checkpoint's own weights, bfloat16 where that is quick here, else float32.

    An `adapter` in peft's layout is added to them as `edgethought distill merge` would add it. Raises InputError for a
    folder that is no checkpoint of a decoder or an adapter that does not fit, MissingExtra where torch is not installed.
    """
    from export.adapters.adapter import Adapter, read_adapter
    from export.adapters.merge import merged_card
    from export.building.manifests import checkpoint_manifest
    from export.checkpoint_engine.engine import CheckpointEngine

    started = perf_counter()
    manifest = model_manifest(folder)
    added: Adapter | None = None
    if adapter:
        added = read_adapter(adapter)
        card = merged_card(added, adapter, folder)
        manifest = checkpoint_manifest(folder, replace(card, name=f"{card.title}+{adapter.name}"))
    solver = Solver(workers=1).__enter__()
    try:
        engine = CheckpointEngine(folder, manifest, threads or physical_cores(), adapter=added, dtype=dtype)
    except BaseException:
        solver.close()
        raise
    return Model(engine, manifest, solver, (perf_counter() - started) * 1e3, CHECKPOINT_STREAMS)
