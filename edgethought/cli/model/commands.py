"""What `edgethought model list` and `get` do."""

from pathlib import Path

from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import progress_bar, say


def list_command(*, as_json: bool) -> None:
    """Print every published student."""
    from edgethought.cli.model.listing import list_students

    print_table(list_students(), as_json=as_json)


def get_command(name: str, *, source: Path | None) -> None:
    """Make a student on this machine, and print where its artifact is."""
    from export.checkpoint import require_build
    from export.students.get import get_student
    from runtime.values.manifest import read_manifest

    require_build()
    with progress_bar(name) as bar:
        folder = get_student(name, source=source, progress=bar, say=lambda line: say(f"  {line}"))
    manifest = read_manifest(folder)
    print(f"{folder}: {manifest.name}, {manifest.bytes / 1e6:.0f} MB, {manifest.license}")
