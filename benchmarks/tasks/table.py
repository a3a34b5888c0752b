"""A table as plain text cells: made once, printed as Markdown, as HTML and on the terminal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table. The first `texts` columns are words, the others figures; `note` says how to read it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    texts: int = 1
