"""The page in a real browser: needs `pip install playwright` and a Chromium, and is skipped without."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report.rendering import render_page
from tests.benchmarks.fakes import findings, hostile_findings, model_right_on, scored

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>\u2028 ]]> <b>bold</b>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        if CHROMIUM is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium here")
        # Root has no sandbox in a container.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


def opened(browser: Any, file: Path, page: str, width: int = 1200) -> tuple[Any, list[str]]:
    """The page, once it can be used, and whatever it complained about or asked the network for."""
    file.write_text(page, encoding="utf-8", errors="replace")
    tab, said = browser.new_page(viewport={"width": width, "height": 800}), []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
    tab.goto(file.as_uri())
    tab.wait_for_selector("#browser:not([hidden])", timeout=10_000)
    return tab, said


def test_hostile_text_is_text_there_too(browser: Any, tmp_path: Path) -> None:
    tab, said = opened(browser, tmp_path / "report.html", render_page(hostile_findings(HOSTILE)))
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    tab.wait_for_selector(".answer pre")
    assert tab.locator(".answer pre").first.text_content() == HOSTILE
    tab.locator(".wide .point").first.focus()
    assert HOSTILE in tab.locator("#tip strong").text_content()
    assert tab.evaluate("window.hit") is None and tab.locator("img, main b").count() == 0
    assert not said


def test_answers_are_chosen_and_tables_sort_by_keyboard(browser: Any, tmp_path: Path) -> None:
    report = findings(scored("fast", model_right_on(4, 6)), scored("good", model_right_on(30, total_ms=2000)))
    tab, said = opened(browser, tmp_path / "report.html", render_page(report))
    assert tab.locator(".count").text_content() == "46 of 80 answers"
    tab.locator("[name=verdict]").select_option("wrong")
    assert tab.locator(".count").text_content() == "6 of 80 answers"
    tab.locator(".answer summary").first.press("Enter")
    facts = tab.locator(".answer dl").first.text_content()
    assert "gold answer" in facts and "good: right" in facts
    tab.locator("[name=words]").fill("no such words")
    assert tab.locator(".count").text_content() == "0 of 80 answers"
    table = tab.locator("table").first
    table.locator("th button", has_text="time p50").press("Enter")
    assert table.locator("tbody tr").first.text_content().startswith("fast")
    table.locator("th button", has_text="time p50").press("Enter")
    assert table.locator("tbody tr").first.text_content().startswith("good")
    assert table.locator("th[aria-sort=descending]").count() == 1
    assert not said


def test_nothing_is_wider_than_a_phone(browser: Any, tmp_path: Path) -> None:
    label = "a-student-with-a-long-name " * 4
    report = findings(scored(label, model_right_on(4)), scored("b", model_right_on(8), task="svamp test"))
    tab, _ = opened(browser, tmp_path / "report.html", render_page(report), width=360)
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.locator(".narrow").first.is_visible() and not tab.locator(".wide").first.is_visible()
