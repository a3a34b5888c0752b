"""The page stands alone, takes nobody's text for markup, and says which answers it leaves out."""

import base64
import gzip
import hashlib
import json
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from benchmarks.report.findings import Entry
from benchmarks.report.page_data import page_samples
from benchmarks.report.rendering import render_page
from tests.benchmarks.fakes import findings, hostile_findings, model_right_on, scored

HOSTILE = [
    "</pre><script>alert('x')</script> | ``` $x$ <img src=http://evil.example/a.png>",
    "<img src=x onerror=alert(1)>",
    "]]></svg><script>alert(1)</script><!--",
    '"><b onclick=alert(1)>\u2028\u2029{{ 7 * 7 }}{% raw %}',
    "a lone \ud800 surrogate",
]


class PageReader(HTMLParser):
    """Collects tags, handlers and whatever a page would load, and checks that what opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "srcset", "href", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.inside[self.open[-1]] if self.open and self.open[-1] in self.inside else self.text).append(data)


def unpacked(encoded: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(encoded)))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_stands_alone_and_shows_hostile_text_as_text(text: str) -> None:
    page = render_page(hostile_findings(text)).encode("utf-8", "replace").decode()
    reader = PageReader()
    reader.feed(page)
    assert not reader.open
    assert reader.tags.count("script") == 2 and "img" not in reader.tags and not reader.handlers
    assert all(load.startswith("#") for load in reader.loads)
    assert text.replace("\ud800", "?") in " ".join(reader.text)


def test_only_the_pages_own_style_and_script_may_run() -> None:
    page = render_page(findings(scored("a", model_right_on(4))))
    reader = PageReader()
    reader.feed(page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    allowed = set(re.findall(r"sha256-([^&']+)", policy[1]))
    own = (reader.inside["style"][0], reader.inside["script"][-1])
    assert allowed == {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own}
    assert policy[1].startswith("default-src &#39;none&#39;") and "unsafe" not in policy[1]
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_parts_without_data_are_not_there() -> None:
    page = render_page(findings(scored("a", model_right_on(4))))
    assert "risk against coverage" not in page and "pass@k" not in page and "by number of steps" not in page


def varied(label: str, right: int, count: int) -> Entry:
    draw = random.Random(label)
    entry = scored(label, model_right_on(right, wrong=right), n=count)
    samples = (
        replace(sample, text="".join(draw.choices("abcdefgh =+\n0123456789", k=200)))
        for sample in entry.samples
    )
    return replace(entry, samples=tuple(samples))


def test_a_small_report_carries_every_answer() -> None:
    data = page_samples([varied("a", 3, 20), varied("b", 5, 20)])
    assert (data.kept, data.total, data.left_out) == (40, 40, {})
    rows = unpacked(data.encoded)
    assert rows["artifacts"] == ["a", "b"] and len(rows["problems"]) == 20
    artifact, problem, verdict, thought, text, value, *_ = rows["samples"][0]
    assert rows["problems"][problem][1:] == ["p-0", "What is 0 + 1?", "1"]
    assert (rows["artifacts"][artifact], rows["verdicts"][verdict], thought, value) == (
        "a",
        "right",
        "eot",
        "1",
    )
    assert len(text) == 200


def test_a_large_report_keeps_rare_failures_and_says_what_it_leaves_out() -> None:
    entries = [varied("a", 95, 192), varied("b", 60, 192)]
    data = page_samples(entries, max_bytes=20_000)
    assert len(data.encoded) <= 20_000 and 0 < data.kept < data.total == 384
    assert sum(data.left_out.values()) == data.total - data.kept
    rows = unpacked(data.encoded)
    kept = [(rows["artifacts"][row[0]], rows["verdicts"][row[2]]) for row in rows["samples"]]
    assert kept.count(("a", "bad_syntax")) == 2
    page = render_page(findings(*entries))
    assert "All 384 answers" in page


def test_a_part_of_a_task_brings_no_answer_twice() -> None:
    entry = varied("a", 3, 20)
    part = replace(entry, task="gsm8k test, without near duplicates", samples=entry.samples[:10])
    assert page_samples([entry, part]).total == 20
