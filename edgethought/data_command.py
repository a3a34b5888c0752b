"""What `edgethought data list`, `data show` and `data prepare` do."""

from edgethought.progress import say
from edgethought.table_printing import print_table


def list_command(*, as_json: bool) -> None:
    """Print every data set with counts, licence, and whether it is here."""
    from benchmarks.data_sets import list_data

    print_table(list_data(), as_json=as_json)


def show_command(task: str, *, as_json: bool) -> None:
    """Print one data set in full: splits, faults, leakage, a few rows."""
    from benchmarks.data_sets import show_data

    for table in show_data(task):
        print_table(table, as_json=as_json)


def prepare_command(task: str) -> None:
    """Fetch a data set's splits from the hub to where the loaders find them."""
    from benchmarks.hub import prepare

    for part in prepare(task):
        say(
            f"{part.path}: {part.rows} rows ({part.split.value}), {part.left_out} without a single number left out"
        )
