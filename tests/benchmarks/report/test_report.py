"""Reports say what was measured, stand alone, and take nobody's text for markup."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.report.build import write_report
from benchmarks.report.findings import compare_entries, comparisons_of, gain_headline
from benchmarks.report.rendering import escape, fenced, render_markdown
from runtime.values.errors import InputError
from runtime.values.schema import SCHEMA
from tests.benchmarks.fakes import findings, hostile_findings, model_right_on, scored

HOSTILE = "</pre><script>alert('x')</script> | ``` $x$ <img src=http://evil.example/a.png>"


def test_the_headline_says_the_gain_with_n_interval_and_test() -> None:
    report = findings(
        scored("base", model_right_on(4)), scored("student", model_right_on(20)), baseline="base"
    )
    (headline,) = report.headlines
    assert headline.startswith(
        "Distillation gained +40.0 points on gsm8k test: 10.0 % → 50.0 % (n = 40, 95 % CI +"
    )
    assert "McNemar p < 0.001" in headline


@pytest.mark.parametrize(
    ("base", "student", "words"),
    [
        (20, 4, "Distillation lost -40.0 points"),
        (10, 11, "made no difference that gsm8k test could show: +2.5 points"),
    ],
)
def test_a_loss_and_a_chance_difference_are_said_as_such(base: int, student: int, words: str) -> None:
    first, second = scored("base", model_right_on(base)), scored("student", model_right_on(student))
    assert words in gain_headline(compare_entries(first, second), "Distillation")


def test_without_a_baseline_the_headline_names_the_best() -> None:
    report = findings(scored("a", model_right_on(4)), scored("b", model_right_on(8)))
    assert report.headlines[0].startswith("b: 20.0 % right on gsm8k test (n = 40, 95 % CI")


def test_only_shared_problems_are_paired() -> None:
    first, second = scored("a", model_right_on(9), n=40), scored("b", model_right_on(9), n=25)
    assert compare_entries(first, second).paired.n == 25
    other = scored("a", model_right_on(9), task="svamp test")
    with pytest.raises(InputError, match="expected: one task"):
        compare_entries(first, other)


def test_the_baseline_is_compared_with_each_and_few_artifacts_with_each_other() -> None:
    entries = [scored(label, model_right_on(5)) for label in ("base", "q4_0", "q8_0", "int4")]
    pairs = [(c.first.label, c.second.label) for c in comparisons_of(entries, "base")]
    assert pairs[:3] == [("base", "q4_0"), ("base", "q8_0"), ("base", "int4")]
    assert len(pairs) == 6
    many = [scored(f"a{number}", model_right_on(5)) for number in range(6)]
    assert comparisons_of(many) == ()


def test_an_empty_report_or_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(InputError, match="no scored artifacts"):
        findings()
    with pytest.raises(InputError, match="no artifact 'x' in the report; expected: a"):
        findings(scored("a", model_right_on(1)), baseline="x")


def test_the_markdown_shows_hostile_text_as_text() -> None:
    text = render_markdown(hostile_findings(HOSTILE))
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "alert" in outside
    assert not re.search(r"(?<!\\)<", outside)
    for table in re.findall(r"(?:^\|.*\n)+", outside, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("text", "shown"), [("a|b", r"a\|b"), ("<b>", r"\<b\>"), ("x\n# y", r"x \# y"), ("&lt;", "&amp;lt;")]
)
def test_markdown_is_escaped(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced("a ```` b").startswith("`````text\n")


def test_all_files_are_written_and_the_json_row_traces_back(tmp_path: Path) -> None:
    report = findings(
        scored("base", model_right_on(4)), scored("student", model_right_on(20)), baseline="base"
    )
    paths = write_report(tmp_path / "out", report)
    assert [path.name for path in paths] == [
        "report.json",
        "report.md",
        "report.html",
        "frontier.png",
        "frontier.svg",
    ]
    row = json.loads(paths[0].read_text())
    assert row["schema"] == SCHEMA and row["command"] == "edgethought bench a b"
    student = row["entries"][1]
    assert (student["n"], student["correct"], student["accuracy"]) == (40, 20, 0.5)
    assert student["sha256"] == "07" * 32 and student["ledger"] == {"right": 20, "bad_syntax": 20}
    assert row["comparisons"][0]["only_second"] == 16
    assert row["machine"]["cores"] >= 1 and row["machine"]["packages"]
    assert paths[3].read_bytes().startswith(b"\x89PNG")
    assert "| student" in paths[1].read_text()
