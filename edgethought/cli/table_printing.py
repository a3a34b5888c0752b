"""A table on the terminal, or as one line of JSON."""

import json

from benchmarks.tasks.table import Table


def print_table(table: Table, *, as_json: bool = False) -> None:
    """Print a table for people, or with `as_json` as one JSON object."""
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
        title=escape(table.title),
        caption=caption,
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for index, name in enumerate(table.header):
        grid.add_column(escape(name), justify="left" if index < table.texts else "right", overflow="fold")
    for row in table.rows:
        grid.add_row(*map(escape, row))
    Console().print(grid)
