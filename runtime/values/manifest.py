"""The manifest of an artifact folder: what it is, where it came from, and how it must be prompted."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.prompt import THOUGHTS, Thought
from runtime.values.schema import SCHEMA, migrated

MANIFEST_FILE = "manifest.json"
# What a folder with weights to train or export has.
CHECKPOINT_FILE = "edgethought.json"
SCORER_FILE = "scorer.safetensors"
# What is expected where a file of an artifact is missing or damaged.
AS_EXPORTED = "the file as exported: export again, or for a published student `edgethought model get NAME`"
ArtifactFormat = Literal["gguf", "onnx"]
# A checkpoint that answers as it is has a manifest too, in memory alone.
ModelFormat = Literal["gguf", "onnx", "checkpoint"]
# What the student is; of an encoder-decoder there is an ONNX artifact only.
Architecture = Literal["decoder", "encoder-decoder"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json` of one artifact.

    `files` maps each file's name to its sha256 (the first is the model), `parent` is the checkpoint's hash,
    `tensor_types` counts the tensors by the type they really have, `gate` is the parity gate's own report.
    `near_duplicates` names the tasks whose test questions the student saw with other numbers: there, accuracy is
    reported without them too. A manifest from before `architecture` is a decoder's. `accuracy_levels` names the graph
    of each accuracy level of onnxruntime's four-bit products that the artifact has, by the level; the first is the
    usual one. `scorer` says what the artifact's scorer is (see `runtime.answering.scorer`); empty where it has none.
    `student` has the hashes of the checkpoint's states (see `export.checkpoint.student_hashes`), which artifacts of all
    its quantizations share; a manifest from before has none.
    """

    name: str
    format: ModelFormat
    quantization: str
    parameters: int
    bytes: int
    files: dict[str, str]
    parent: str
    license: str
    default_thought: Thought
    thoughts: tuple[Thought, ...]
    end_tokens: tuple[int, ...]
    prompt_template: str
    tags: dict[str, str]
    max_tokens: int
    context_tokens: int
    tensor_types: dict[str, int]
    tools: dict[str, str]
    gate: dict[str, Any]
    schema: int = SCHEMA
    near_duplicates: tuple[str, ...] = ()
    architecture: Architecture = "decoder"
    accuracy_levels: dict[str, str] = field(default_factory=dict)
    fallbacks: dict[str, int] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    shared_head: bool = False
    scorer: dict[str, Any] = field(default_factory=dict)
    student: tuple[str, ...] = ()

    def save(self, folder: Path) -> None:
        """Write `manifest.json` into the artifact's folder."""
        write_json(folder / MANIFEST_FILE, asdict(self))


def read_manifest(folder: Path) -> Manifest:
    """Read an artifact folder's manifest; raises InputError when the folder is no artifact of ours."""
    try:
        row = migrated(
            json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8")), folder / MANIFEST_FILE
        )
        if isinstance(row, dict) and "format" not in row:
            raise InputError(
                f"{folder / MANIFEST_FILE} is of another kind of folder; expected: an artifact, `edgethought export` "
                "writes one"
            )
        _check_mappings(row)
        manifest = Manifest(
            **{
                **row,
                "thoughts": tuple(row["thoughts"]),
                "end_tokens": tuple(row["end_tokens"]),
                "near_duplicates": tuple(row.get("near_duplicates", ())),
                "student": tuple(map(str, row.get("student", ()))),
            }
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        if (folder / CHECKPOINT_FILE).is_file():
            raise InputError(
                f"{folder} is a checkpoint; expected: an artifact, `edgethought export {folder}` makes one"
            ) from error
        inside = folder / "checkpoint"
        if (inside / CHECKPOINT_FILE).is_file():
            raise InputError(
                f"{folder} is a training's folder; expected: its checkpoint {inside}, or an artifact of it, `edgethought "
                f"export {inside}`"
            ) from error
        what = f"no {MANIFEST_FILE}" if folder.is_dir() else "no such folder"
        raise InputError(
            f"{folder} is no artifact ({what}); expected: a folder that `edgethought export` wrote, or the name of a "
            "student that is here (`edgethought model list` names them, `edgethought model get flagship` makes one)"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{folder / MANIFEST_FILE} is damaged ({type(error).__name__}: {error}); expected: {AS_EXPORTED}"
        ) from error
    known = manifest.format in get_args(ArtifactFormat) and manifest.default_thought in THOUGHTS
    known = known and manifest.architecture in (
        get_args(Architecture) if manifest.format == "onnx" else ("decoder",)
    )
    if manifest.schema != SCHEMA or not known:
        raise InputError(
            f"{folder / MANIFEST_FILE} has schema {manifest.schema!r}, format {manifest.format!r}, default thought "
            f"{manifest.default_thought!r}, architecture {manifest.architecture!r}; expected: schema {SCHEMA}, gguf or "
            f"onnx, {', '.join(THOUGHTS)}, decoder or (onnx) encoder-decoder"
        )
    return manifest


def _check_mappings(row: dict[str, Any]) -> None:
    """Raise TypeError, as a missing or unknown field does, where a mapping is none, or maps to what is no text."""
    for name in (
        "files",
        "tags",
        "accuracy_levels",
        "tensor_types",
        "tools",
        "gate",
        "fallbacks",
        "calibration",
        "scorer",
    ):
        value = row.get(name, {})
        if not isinstance(value, dict):
            raise TypeError(f"{name} is {type(value).__name__}, expected: an object")
        if name in ("files", "tags", "accuracy_levels") and not all(
            isinstance(v, str) for v in value.values()
        ):
            raise TypeError(f"{name} holds what is no text")


def artifact_key(manifest: Manifest) -> str:
    """What tells this artifact from all others: its model file's hash."""
    return next(iter(manifest.files.values()), "")


def broken_files(artifact: Path) -> tuple[str, ...]:
    """The files that an artifact's manifest names and that are missing, or are not what it names; all are read."""
    return tuple(
        name
        for name, sha256 in read_manifest(artifact).files.items()
        if not (artifact / name).is_file() or file_sha256(artifact / name) != sha256
    )


def file_sha256(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
