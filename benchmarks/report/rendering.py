"""The report as a page and as Markdown, by the templates beside this module.

Everything that comes from a model, a data set or a label is escaped: in HTML by Jinja2 itself, in Markdown by `escape`.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from benchmarks.report import kind_tables, profile_tables, tables
from benchmarks.report.curves import deadline_charts, risk_charts
from benchmarks.report.findings import Entry, Findings, failure_examples, percent
from benchmarks.report.page_data import page_samples
from benchmarks.report.page_frontier import page_frontiers
from benchmarks.scoring.samples import Sample
from benchmarks.tasks.table import Table
from runtime.values.errors import MissingExtra

if TYPE_CHECKING:
    from jinja2 import Environment

EXAMPLE_CHARACTERS = 600
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def render_page(findings: Findings) -> str:
    """The whole page in one file, which loads nothing; raises MissingExtra without jinja2.

    Style and script are allowed by their hashes; nothing else may run.
    """
    style, script = (_template_text(name) for name in ("report.css", "report.js"))
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            findings=findings,
            style=style,
            script=script,
            policy=(
                "default-src 'none'; base-uri 'none'; form-action 'none'; "
                f"style-src '{_source_hash(style)}'; script-src '{_source_hash(script)}'"
            ),
            samples=page_samples(findings.entries),
        )
    )


def _template_text(name: str) -> str:
    return resources.files("benchmarks.report").joinpath("templates", name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    """An inline element's hash as a content security policy has it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def render_markdown(findings: Findings, picture: str = "frontier.png") -> str:
    """The whole report; `picture` is the picture's file name beside it. Raises MissingExtra without jinja2."""
    return _templates().get_template("report.md.j2").render(findings=findings, picture=picture)


@cache
def _templates() -> "Environment":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    except ImportError as error:
        raise MissingExtra("reports need jinja2: pip install 'edgethought[build]'") from error
    environment = Environment(
        loader=PackageLoader("benchmarks.report"),
        autoescape=select_autoescape(disabled_extensions=["md.j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        {
            name: make
            for module in (tables, kind_tables, profile_tables)
            for name, make in vars(module).items()
            if name.endswith("_table")
        },
        page_frontiers=page_frontiers,
        deadline_charts=deadline_charts,
        risk_charts=risk_charts,
        ledger_order=tables.LEDGER_ORDER,
        failures=failures,
    )
    environment.filters.update(
        md=escape, fenced=fenced, shortened=shortened, percent=percent, markdown_table=markdown_table
    )
    return environment


def failures(entries: Sequence[Entry], each: int) -> list[tuple[Entry, str, list[Sample]]]:
    """The kinds of failure that entries have samples of, each with its first few."""
    return [
        (entry, name, samples)
        for entry in entries
        for name, samples in failure_examples(entry, each).items()
        if samples
    ]


def escape(text: str) -> str:
    """One line of plain text in which Markdown and HTML mean nothing."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")


def fenced(text: str) -> str:
    """A code block; its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def shortened(text: str) -> str:
    """The text, or its beginning and a mark that more was there."""
    limit = EXAMPLE_CHARACTERS
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text):,} characters)"


def markdown_table(table: Table) -> str:
    """A table with its note."""
    marks = ["---" if column < table.texts else "--:" for column in range(len(table.header))]
    lines = [_line(table.header), "|" + "|".join(marks) + "|", *map(_line, table.rows)]
    return "\n".join(lines) + (f"\n\n{table.note}" if table.note else "")


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(escape, cells)) + " |"
