"""The report as Markdown. Labels and model text are escaped: they are somebody else's words."""

import re

from benchmarks.report.findings import Findings, failure_examples
from benchmarks.report.tables import (
    comparison_table,
    deadline_table,
    ledger_table,
    machine_table,
    provenance_table,
    result_table,
    spread_table,
    stage_table,
)
from benchmarks.scoring.samples import Sample
from benchmarks.tasks.table import Table

EXAMPLE_CHARACTERS = 600
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def escape(text: str) -> str:
    """One line of plain text in which Markdown and HTML mean nothing."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")


def fenced(text: str) -> str:
    """A code block; its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def shortened(text: str, limit: int = EXAMPLE_CHARACTERS) -> str:
    """The text, or its beginning and a mark that more was there."""
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text):,} characters)"


def markdown_table(table: Table) -> str:
    """A table with its note."""
    marks = ["---" if column < table.texts else "--:" for column in range(len(table.header))]
    lines = [_line(table.header), "|" + "|".join(marks) + "|", *map(_line, table.rows)]
    return "\n".join(lines) + (f"\n\n{table.note}" if table.note else "")


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(escape, cells)) + " |"


def render_markdown(findings: Findings, picture: str = "frontier.png") -> str:
    """The whole report; `picture` is the picture's file name beside it."""
    parts = [f"# {escape(findings.title)}", *(f"**{escape(line)}**" for line in findings.headlines)]
    parts.append(f"![Accuracy against time per answer]({picture})")
    for task in findings.tasks:
        for make in (result_table, stage_table, deadline_table, ledger_table):
            parts += _section(make(findings, task))
        parts += _examples(findings, task)
    for table in (spread_table(findings), comparison_table(findings), provenance_table(findings)):
        parts += _section(table)
    parts += ["## How to get these figures again", fenced(findings.command)]
    parts += [f"- {escape(note)}" for note in findings.notes]
    parts += _section(machine_table(findings))
    parts.append(f"Made {escape(findings.made)}.")
    return "\n\n".join(parts) + "\n"


def _section(table: Table) -> list[str]:
    return [f"## {escape(table.title)}", markdown_table(table)] if table.rows else []


def _examples(findings: Findings, task: str) -> list[str]:
    parts: list[str] = []
    for entry in findings.on(task):
        for name, samples in failure_examples(entry, each=1).items():
            parts += [_example(entry.label, name, sample) for sample in samples]
    return [f"### Failures on {escape(task)}, one of each kind", *parts] if parts else []


def _example(label: str, name: str, sample: Sample) -> str:
    told = [f"gold {sample.gold}", f"answered {sample.value}" if sample.value else sample.reason]
    head = (
        f"**{escape(label)}**, {escape(name)}, {escape(sample.id)}: {escape(', '.join(filter(None, told)))}"
    )
    return f"{head}\n\n> {escape(shortened(sample.question))}\n\n{fenced(shortened(sample.text))}"
