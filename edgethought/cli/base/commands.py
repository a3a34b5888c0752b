"""What `edgethought base list`, `show` and `get` do."""

from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import progress_bar, say


def list_command(*, as_json: bool) -> None:
    """Print every base of the table."""
    from edgethought.cli.base.listing import list_bases

    print_table(list_bases(), as_json=as_json)


def show_command(name: str, *, as_json: bool) -> None:
    """Print one base in full."""
    from edgethought.cli.base.listing import show_base

    for table in show_base(name):
        print_table(table, as_json=as_json)


def get_command(name: str, *, source: str | None, license: str | None) -> None:
    """Fetch or take in a base, and print where its checkpoint is."""
    from export.bases.base import get_base
    from export.checkpoint import read_card, require_build

    require_build()
    with progress_bar(name) as bar:
        folder, notes = get_base(name, source=source, license=license, progress=bar)
    for note in notes:
        say(f"  {note}")
    print(f"{folder}: {read_card(folder).title}, {read_card(folder).license}")
