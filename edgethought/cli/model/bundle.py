"""What `edgethought bundle` does."""

import sys
from pathlib import Path

from edgethought.stages.progress import say
from runtime.answering.default_model import named_artifact


def bundle_command(artifact: str, out: Path, *, platform: str | None, python: str | None) -> None:
    """Bundle an artifact's folder, or a published student that is here, and say how it is used."""
    import platform as machine

    from edgethought.stages.bundle.build import build_bundle

    bundle = build_bundle(
        named_artifact(Path(artifact)),
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
