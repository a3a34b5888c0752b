"""The report as one HTML page: self-contained, no request to anywhere, readable on a phone, light and dark.

Everything that comes from a model, a data set or a label goes through `html.escape`.
"""

import base64
from html import escape

from benchmarks.report.findings import Entry, Findings, failure_examples
from benchmarks.report.frontier import DARK, LIGHT, draw_frontier
from benchmarks.report.markdown import shortened
from benchmarks.report.page_style import STYLE
from benchmarks.report.tables import (
    LEDGER_ORDER,
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
from benchmarks.scoring.scores import RIGHT, WRONG
from benchmarks.tasks.table import Table

# Nothing but the page's own style and embedded pictures may load; scripts not at all.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def render_page(findings: Findings) -> str:
    """The whole page; raises MissingExtra without matplotlib."""
    body = [
        f"<h1>{escape(findings.title)}</h1>",
        *(f'<p class="headline">{escape(line)}</p>' for line in findings.headlines),
        f'<p class="quiet">{escape(findings.machine.sentence())} · {escape(findings.made)}</p>',
    ]
    for task in findings.tasks:
        body += _task_sections(findings, task)
    tables = (spread_table(findings), comparison_table(findings), provenance_table(findings))
    body += [*map(_section, tables), _again(findings)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(findings.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{chr(10).join(filter(None, body))}\n</main>\n</body>\n</html>\n"
    )


def _task_sections(findings: Findings, task: str) -> list[str]:
    return [
        f"<h2>{escape(task)}</h2>",
        _picture(findings, task),
        _accuracy_bars(findings, task),
        _section(result_table(findings, task)),
        _section(stage_table(findings, task)),
        _section(deadline_table(findings, task)),
        _section(ledger_table(findings, task), _ledger_bars(findings, task)),
        _failures(findings, task),
    ]


def _picture(findings: Findings, task: str) -> str:
    light, dark = (_data_uri(draw_frontier(findings, theme, [task])) for theme in (LIGHT, DARK))
    told = "; ".join(
        f"{entry.label}: {100 * entry.score.accuracy:.1f} % right, {entry.score.latency['total'].p50:.0f} ms"
        for entry in findings.on(task)
    )
    return (
        f'<figure><picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
        f'<img src="{light}" alt="{escape(f"Accuracy against time per answer. {told}")}"></picture></figure>'
    )


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _accuracy_bars(findings: Findings, task: str) -> str:
    return f'<div class="bars">{"".join(map(_accuracy_bar, findings.on(task)))}</div>'


def _accuracy_bar(entry: Entry) -> str:
    score = entry.score
    share, low, high = (100 * value for value in (score.accuracy, score.interval.low, score.interval.high))
    return (
        f'<div class="bar"><span class="name">{escape(entry.label)}</span>'
        f'<span class="track"><span class="fill" style="width:{share:.2f}%"></span>'
        f'<span class="range" style="left:{low:.2f}%;width:{high - low:.2f}%"></span></span>'
        f'<span class="figure">{share:.1f} %</span></div>'
    )


def _ledger_bars(findings: Findings, task: str) -> str:
    legend = (
        '<p class="legend"><span class="key right"></span>right <span class="key wrong"></span>wrong '
        '<span class="key none"></span>no answer</p>'
    )
    return f'<div class="bars">{legend}{"".join(map(_ledger_bar, findings.on(task)))}</div>'


def _ledger_bar(entry: Entry) -> str:
    n = max(entry.score.n, 1)
    parts = "".join(
        f'<span class="{name if name in (RIGHT, WRONG) else "none"}" style="width:{100 * count / n:.2f}%" '
        f'title="{escape(name)}: {count}"></span>'
        for name in LEDGER_ORDER
        if (count := entry.score.ledger.get(name, 0))
    )
    return f'<div class="bar"><span class="name">{escape(entry.label)}</span><span class="track">{parts}</span></div>'


def _section(table: Table, bars: str = "") -> str:
    return f"<h3>{escape(table.title)}</h3>\n{bars}{html_table(table)}" if table.rows else ""


def html_table(table: Table) -> str:
    """A table in a frame that scrolls sideways on a narrow screen, with its note."""
    head = "".join(
        f'<th scope="col"{_side(table, column)}>{escape(cell)}</th>'
        for column, cell in enumerate(table.header)
    )
    rows = "\n".join(f"<tr>{_cells(table, row)}</tr>" for row in table.rows)
    note = f'<p class="quiet">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>{note}"
    )


def _side(table: Table, column: int) -> str:
    return "" if column < table.texts else ' class="number"'


def _cells(table: Table, row: tuple[str, ...]) -> str:
    return "".join(f"<td{_side(table, column)}>{escape(cell)}</td>" for column, cell in enumerate(row))


def _failures(findings: Findings, task: str) -> str:
    blocks = [
        _failure_kind(entry, name, samples)
        for entry in findings.on(task)
        for name, samples in failure_examples(entry).items()
        if samples
    ]
    return f"<h3>Failures to read on {escape(task)}</h3>\n{chr(10).join(blocks)}" if blocks else ""


def _failure_kind(entry: Entry, name: str, samples: list[Sample]) -> str:
    title = f"{entry.label}: {name.replace('_', ' ')} ({entry.score.ledger[name]})"
    return f"<details><summary>{escape(title)}</summary>{''.join(map(_example, samples))}</details>"


def _example(sample: Sample) -> str:
    answered = f"answered {sample.value}" if sample.value is not None else sample.reason
    return (
        f'<div class="example"><p>{escape(shortened(sample.question))}</p>'
        f"<pre>{escape(shortened(sample.text))}</pre>"
        f'<p class="quiet">{escape(sample.id)} · gold {escape(sample.gold)} · {escape(answered)}</p></div>'
    )


def _again(findings: Findings) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in findings.notes)
    return (
        f"<h3>How to get these figures again</h3>\n<pre>{escape(findings.command)}</pre>\n"
        + (f"<ul>{notes}</ul>\n" if notes else "")
        + _section(machine_table(findings))
    )
