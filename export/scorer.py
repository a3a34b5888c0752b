"""A scorer goes into artifacts: a small file beside the model, which itself stays as it is."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from export.checkpoint import read_config, student_hashes
from export.targets import Target
from runtime.answering.scorer import read_scorer
from runtime.values.errors import InputError
from runtime.values.files import whole_file
from runtime.values.manifest import SCORER_FILE, Manifest, file_sha256, read_manifest


def check_scorer(file: Path, checkpoint: Path, targets: Sequence[Target]) -> None:
    """Raise InputError where a file is no scorer of states of this width, or a target's engine gives none."""
    read_scorer(file, int(read_config(checkpoint)["hidden_size"]))
    for target in targets:
        if target.format != "gguf":
            raise InputError(f"a scorer with {target}, which gives no hidden states; expected: GGUF targets")


def check_student(file: Path, checkpoint: Path) -> None:
    """Raise InputError where a scorer learned from another student's states than this checkpoint's."""
    read_scorer(file, student=student_hashes(checkpoint))


def add_scorer(artifact: Path, file: Path) -> Manifest:
    """Put a scorer into an artifact, in the place of one that may be there, and name it in the manifest.

    Raises InputError where it is another student's.
    """
    manifest = read_manifest(artifact)
    about = read_scorer(file, student=manifest.student).about
    with whole_file(artifact / SCORER_FILE) as partial:
        shutil.copyfile(file, partial)
    files = {**manifest.files, SCORER_FILE: file_sha256(artifact / SCORER_FILE)}
    size = sum((artifact / name).stat().st_size for name in files)
    manifest = replace(manifest, files=files, bytes=size, scorer=about)
    manifest.save(artifact)
    return manifest
