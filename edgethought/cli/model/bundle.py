"""What `edgethought bundle` does."""

import sys
from pathlib import Path

from edgethought.stages.progress import say


def bundle_command(artifact: str, out: Path, *, platform: str | None, python: str | None) -> None:
    """Bundle an artifact's folder, or a published student that is here, and say how it is used."""
    import platform as machine

    from edgethought.stages.bundle.build import build_bundle

    bundle = build_bundle(
        _artifact(artifact),
        out,
        platform=platform or machine.machine(),
        python=python or f"{sys.version_info.major}.{sys.version_info.minor}",
        say=lambda line: say(f"  {line}"),
    )
    for name in bundle.to_compile:
        print(f"{name} has no wheel for this platform: compile one there and put it into student/wheels")
    print(f"{out}  {bundle.bytes / 1e6:.0f} MB; on the other machine:")
    print(f"  python3 -m zipfile -e {out.name} student")
    print("  python3 student/self_test.py")


def _artifact(name: str) -> Path:
    from export.students.get import artifact_here
    from export.students.table import known_students
    from runtime.values.errors import InputError

    if name not in known_students() or Path(name).is_dir():
        return Path(name)
    found = artifact_here(name, known_students()[name])
    if found is None:
        raise InputError(f"student {name} is not here: edgethought model get {name}")
    return found
