"""The page's files: all there, small, nothing from elsewhere, and no way for a model's text to become markup."""

import json
import re
import struct
from html.parser import HTMLParser
from pathlib import Path

import pytest

from runtime.answering.pipeline import load
from runtime.values.environment import packaged_folder
from tests.runtime.serve.page.stub_server import PAGE, TYPES

HTML = (PAGE / "index.html").read_text()
STYLE = (PAGE / "page.css").read_text()
SCRIPTS = {path.name: path.read_text() for path in sorted(PAGE.glob("*.js"))}
MANIFEST = json.loads((PAGE / "manifest.webmanifest").read_text())
VOID = {"meta", "link", "img", "input", "br", "hr"}
MAX_BYTES = 120_000


class Page(HTMLParser):
    """Reads a page, which must close what it opens."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.examples: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][1].get("class") == "text" and data.strip():
            self.examples.append(data)


PARSED = Page(HTML)
IDS = [attributes["id"] for _, attributes in PARSED.elements if "id" in attributes]


def test_every_element_is_closed_and_every_id_is_there_once() -> None:
    assert HTML.startswith("<!doctype html>") and not PARSED.open
    assert len(IDS) == len(set(IDS))


def test_every_id_that_is_named_exists() -> None:
    named = {
        name
        for _, attributes in PARSED.elements
        for key in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
        for name in (attributes.get(key) or "").split()
    }
    named |= set(re.findall(r'byId\("([\w-]+)"\)', "".join(SCRIPTS.values())))
    for listed in re.findall(r"const id of \[([^\]]+)\]", "".join(SCRIPTS.values())):
        named |= set(re.findall(r'"([\w-]+)"', listed))
    assert named and named <= set(IDS)
    assert set(re.findall(r"#([a-z][\w-]+)[ :\[{,]", STYLE.replace("#fff", ""))) <= set(IDS)


def test_every_field_and_section_has_a_name() -> None:
    labelled = {attributes.get("for") for tag, attributes in PARSED.elements if tag == "label"} | {"careful"}
    for tag, attributes in PARSED.elements:
        if tag in ("input", "textarea", "select"):
            assert attributes["id"] in labelled
        if tag == "section":
            assert attributes["aria-labelledby"]
        if tag == "button":
            assert attributes["type"] in ("button", "submit")


def test_nothing_stands_inline_that_the_policy_forbids() -> None:
    for tag, attributes in PARSED.elements:
        assert not any(key == "style" or key.startswith("on") for key in attributes), attributes
        assert tag != "style" and (tag != "script" or attributes["src"])


@pytest.mark.parametrize("name", [*SCRIPTS, "index.html", "page.css", "manifest.webmanifest", "icon.svg"])
def test_nothing_comes_from_elsewhere(name: str) -> None:
    text = (PAGE / name).read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.findall(r"https?:|(?<![:\w])//\w+\.|@import|url\(", text)
    for path in re.findall(r'(?:src|href)="(/[^"]+)"|"(?:src)": "([^"]+)"', text):
        assert (PAGE / Path("".join(path)).name).is_file()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_tablet_of_2021_reads_the_scripts(name: str) -> None:
    # Safari before 16.4 has no lookbehind, and refuses a whole file for one.
    assert "(?<!" not in SCRIPTS[name] and "(?<=" not in SCRIPTS[name]


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_never_becomes_markup_or_code(name: str) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTML|srcdoc"
        r"|\beval\b|new Function|setTimeout\(\s*[\"'`]|javascript:|createElementNS|\.style\b"
    )
    assert not re.findall(forbidden, SCRIPTS[name])
    assert all((PAGE / module).is_file() for module in re.findall(r'from "\./([\w.]+)"', SCRIPTS[name]))


def test_the_service_worker_keeps_every_file_and_nothing_else() -> None:
    listed = set(re.findall(r'"([\w-]+\.(?:css|js|svg|png))"', SCRIPTS["sw.js"]))
    files = {path.name for path in PAGE.iterdir()} - {"index.html", "sw.js", "manifest.webmanifest"}
    assert listed == files
    assert "/solve" not in SCRIPTS["sw.js"] and "/models" not in SCRIPTS["sw.js"]


def test_the_manifest_lets_the_page_be_installed() -> None:
    assert MANIFEST["start_url"] == MANIFEST["scope"] == "/" and MANIFEST["display"] == "standalone"
    assert {"any", "maskable"} == {icon["purpose"] for icon in MANIFEST["icons"]}
    for icon in MANIFEST["icons"]:
        file = PAGE / Path(icon["src"]).name
        assert TYPES[file.suffix] == icon["type"]
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", file.read_bytes()[16:24])
            assert icon["sizes"] == f"{width}x{height}"


def test_the_page_is_small() -> None:
    assert {path.suffix for path in PAGE.iterdir()} <= TYPES.keys()
    assert sum(path.stat().st_size for path in PAGE.iterdir()) <= MAX_BYTES
    assert len(list(PAGE.iterdir())) <= 16


def test_the_packaged_student_gets_every_example_right() -> None:
    answers = ["8", "36", "30", "12", "180", "10"]
    with load(packaged_folder() / "nano" / "onnx-q4_0") as model:
        assert [one.answer for one in model.answer_batch(PARSED.examples)] == answers
