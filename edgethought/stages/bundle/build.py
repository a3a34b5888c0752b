"""Build a bundle: artifact, licenses, wheels, questions with their answers, and the script that tries them out."""

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from edgethought.stages.bundle.requirements import PROJECT
from edgethought.stages.bundle.wheels import (
    PLATFORMS,
    download_wheels,
    requirements,
    write_own_wheel,
)
from export.gate.probes import probe_problems
from runtime.answering.confidence import CONFIDENCE_FILE
from runtime.answering.pipeline import load
from runtime.engines.drafts import DRAFTS_FILE
from runtime.engines.onnx.weights import complete_weights
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import whole_file, write_json, write_jsonl
from runtime.values.manifest import MANIFEST_FILE, Manifest, file_sha256, read_manifest

SELF_TEST = Path(__file__).with_name("self_test.py")
QUESTIONS = 8
# Files of an artifact that its manifest does not name.
BESIDE = (CONFIDENCE_FILE, DRAFTS_FILE)
Say = Callable[[str], None]
_README = """{name} ({license}), for Python {python} on Linux {platform}. No network is needed.

    python3 -m zipfile -e {file} student
    python3 student/self_test.py
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: its bytes, and the packages that have no wheel for the platform and must be compiled there."""

    bytes: int
    to_compile: list[str]


def build_bundle(
    artifact: Path, out: Path, *, platform: str, python: str, say: Say = lambda line: None
) -> Bundle:
    """Write an artifact with all that it needs on another machine into the zip file `out`, whole or not at all.

    Raises InputError for what is no artifact, an unknown platform, or wheels that are not to be had; WorkFailed when a
    file of the artifact is damaged.
    """
    if platform not in PLATFORMS:
        raise InputError(f"platform {platform!r}; expected: {', '.join(PLATFORMS)}")
    manifest = read_manifest(artifact)
    artifact = complete_weights(artifact, manifest)
    for name, sha256 in manifest.files.items():
        if file_sha256(artifact / name) != sha256:
            raise WorkFailed(f"{artifact / name} is not the file that its manifest names; export it again")
    with tempfile.TemporaryDirectory(prefix="bundle-") as place:
        folder = Path(place)
        say(f"wheels for {platform}, Python {python}")
        (folder / "wheels").mkdir()
        write_own_wheel(folder / "wheels")
        wanted = requirements(manifest.format)
        to_compile = download_wheels(wanted, platform, python, folder / "wheels")
        say("questions and their answers")
        write_jsonl(folder / "vectors.jsonl", _vectors(artifact))
        _write_texts(folder, manifest, out, platform, python)
        shutil.copyfile(SELF_TEST, folder / SELF_TEST.name)
        files = dict(_files(folder, artifact, manifest))
        row = {
            "name": manifest.name,
            "platform": platform,
            "python": python,
            "requirements": [PROJECT, *wanted],
            "to_compile": to_compile,
            "files": {name: file_sha256(path) for name, path in files.items()},
        }
        write_json(folder / "bundle.json", row)
        say(f"{len(files) + 1} files")
        with whole_file(out) as partial:
            _pack(partial, {**files, "bundle.json": folder / "bundle.json"})
    return Bundle(out.stat().st_size, to_compile)


def _vectors(artifact: Path) -> Iterator[dict[str, object]]:
    """What the artifact answers here, greedily: a self-test is that it answers the same elsewhere."""
    with load(artifact) as model:
        for problem in probe_problems()[:QUESTIONS]:
            solution = model.answer(problem.question)
            yield {
                "question": problem.question,
                "answer": solution.answer,
                "thought": solution.thought,
                "text": solution.text,
                "license": problem.license,
            }


def _write_texts(folder: Path, manifest: Manifest, out: Path, platform: str, python: str) -> None:
    """README and licenses: the project's own in full, the model's by name; every wheel carries its own."""
    facts = {"name": manifest.name, "license": manifest.license, "file": out.name}
    (folder / "README.txt").write_text(_README.format(**facts, platform=platform, python=python), "utf-8")
    (folder / "licenses").mkdir()
    notice = f"{manifest.name}: {manifest.license}\n{PROJECT}: Apache-2.0, see LICENSE\nwheels: each as it says inside\n"
    (folder / "licenses/NOTICE").write_text(notice, encoding="utf-8")
    (folder / "licenses/LICENSE").write_text(_own_license(), encoding="utf-8")


def _own_license() -> str:
    checkout = Path(__file__).parents[3] / "LICENSE"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    return metadata.distribution(PROJECT).read_text("licenses/LICENSE") or ""


def _files(folder: Path, artifact: Path, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    """Every file of the bundle by its name in it, but for the list of them."""
    for name in (*manifest.files, MANIFEST_FILE, *BESIDE):
        if name not in BESIDE or (artifact / name).is_file():
            yield f"artifact/{name}", artifact / name
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _pack(out: Path, files: dict[str, Path]) -> None:
    # Weights and wheels are as small as they get.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files.items():
            archive.write(path, name)
