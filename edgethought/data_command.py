"""What `edgethought data list`, `data show` and `data prepare` do."""

import json
from typing import TYPE_CHECKING

from edgethought.progress import say

if TYPE_CHECKING:
    from benchmarks.table import Table


def list_command(*, as_json: bool) -> None:
    """Print every data set with counts, licence, and whether it is here."""
    from benchmarks.data_sets import list_data

    _print(list_data(), as_json=as_json)


def show_command(task: str, *, as_json: bool) -> None:
    """Print one data set in full: splits, faults, leakage, a few rows."""
    from benchmarks.data_sets import show_data

    for table in show_data(task):
        _print(table, as_json=as_json)


def prepare_command(task: str) -> None:
    """Fetch a data set's splits from the hub to where the loaders find them."""
    from benchmarks.hub import prepare

    for part in prepare(task):
        say(
            f"{part.path}: {part.rows} rows ({part.split.value}), {part.left_out} without a single number left out"
        )


def _print(table: "Table", *, as_json: bool) -> None:
    if as_json:
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        print(json.dumps({"title": table.title, "rows": rows}, ensure_ascii=False))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Grid

    caption = escape(table.note) or None
    grid = Grid(
        title=escape(table.title), caption=caption, title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for index, name in enumerate(table.header):
        grid.add_column(escape(name), justify="left" if index < table.texts else "right", overflow="fold")
    for row in table.rows:
        grid.add_row(*map(escape, row))
    Console().print(grid)
