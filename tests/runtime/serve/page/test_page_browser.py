"""The page in a real browser, against recorded replies: `pip install playwright`, chromium, and -m slow.

With EDGETHOUGHT_AXE set to axe-core's axe.min.js its accessibility is checked too.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.serve.page.hostile_texts import HOSTILE
from tests.runtime.serve.page.stub_server import Reply, StubServer, row, step, stub_server

pytestmark = pytest.mark.slow
playwright = pytest.importorskip("playwright.sync_api", reason="a browser is driven by playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = os.environ.get("EDGETHOUGHT_AXE", "")
QUESTION = "Ben has 3 boxes of 24 crayons and gives 30 away. How many crayons does he have left?"
SOLVED = row(
    "42",
    "all_crayons = 3 * 24\nans = all_crayons - 30",
    unit="crayons",
    confidence=0.82,
    steps=[step("all_crayons = 3 * 24", "3 * 24", "72"), step("ans = all_crayons - 30", "72 - 30", "42")],
)
OPEN = row(
    None, "x + y = 10", thought="eot", status="ambiguous", reason="an unknown", steps=[step("x + y = 10")]
)
ABSTAINED = SOLVED | {"answer": None, "status": "abstained", "confidence": 0.21}
# What a result may consist of, whatever a model wrote.
PLAIN_TAGS = {
    *("P", "DIV", "H2", "H3", "SPAN", "STRONG", "OL", "UL", "LI", "PRE", "DETAILS", "SUMMARY"),
    *("BUTTON", "LABEL", "INPUT", "SUP", "METER"),
}
LISTEN = """
window.told = []; window.violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
  const text = document.getElementById('status').textContent; if (text) told.push(text);
}).observe(document.getElementById('status'), { childList: true, characterData: true, subtree: true }));
"""
NO_STORAGE = """
for (const area of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, area, { get() { throw new DOMException('no', 'SecurityError'); } });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[StubServer]:
    with stub_server() as server:
        server.replies[QUESTION] = Reply(SOLVED)
        server.replies[QUESTION, "eot"] = Reply(SOLVED | {"thought": "eot"})
        server.replies[QUESTION, "vote"] = Reply(SOLVED | {"votes": {"42": 5, "48": 2, "7/3": 1}})
        yield server


class Pupil:
    """A browser's window on the page, which notes what a page must not do."""

    def __init__(self, browser: Any, url: str, script: str = "", **context: Any) -> None:
        self.context = browser.new_context(**({"service_workers": "block"} | context))
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.add_init_script(LISTEN + script)
        self.page.set_default_timeout(5000)
        self.open(url)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_load_state("networkidle")

    def ask(self, question: str = QUESTION) -> None:
        self.page.fill("#question", question)
        self.page.click("#solve")
        self.page.wait_for_selector("#result:not([hidden]), #trouble:not([hidden])")

    def check(self, own: str, question: str = QUESTION) -> None:
        self.page.fill("#question", question)
        if not self.page.is_visible("#own"):
            self.page.click("#own-open")
        self.page.fill("#own", own)
        self.page.press("#own", "Enter")

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def shown(self, selector: str) -> bool:
        return bool(self.page.is_visible(selector))

    def finds(self, selector: str, text: str) -> None:
        self.page.wait_for_function(
            "([selector, text]) => document.querySelector(selector).innerText.includes(text)",
            arg=[selector, text],
        )

    def focus(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))

    def close(self) -> None:
        self.wrong += self.page.evaluate("window.violations ?? []")
        self.context.close()
        assert not self.wrong


@pytest.fixture
def pupil(browser: Any, server: StubServer) -> Iterator[Pupil]:
    pupil = Pupil(browser, server.url)
    yield pupil
    pupil.close()


def test_a_problem_is_solved_by_keyboard_alone_and_told_once(pupil: Pupil, server: StubServer) -> None:
    server.replies[QUESTION] = Reply(SOLVED, pieces=6, pause_s=0.1, position=2)
    pupil.page.keyboard.press("Tab")
    pupil.page.keyboard.press("Enter")
    assert pupil.focus() == "question"
    pupil.page.keyboard.type(QUESTION)
    pupil.page.keyboard.press("Enter")
    pupil.finds("#working", "2 before you")
    pupil.finds("#thought", "all_crayons = ")
    pupil.finds("#answer", "42 crayons")
    assert " ".join(pupil.text("#steps").split()) == "all crayons = 3 × 24 = 72 answer = 72 − 30 = 42"
    assert "Quite sure, 82%." in pupil.text("#sure") and "about 82 are right" in pupil.text("#sure")
    assert pupil.text("#cost") == "nano onnx:q4_0 wrote a program in 0.8 seconds."
    assert pupil.page.evaluate("told") == ["Thinking.", "Answer: 42 crayons. Quite sure."]
    assert server.requests == [{"question": QUESTION, "model": "nano", "stream": True}]
    assert pupil.focus() == "question" and not pupil.shown("#working")


@pytest.mark.parametrize(
    ("found", "title", "reason"),
    [(OPEN, "I’m not sure", "more than one number"), (ABSTAINED, "I’m not sure", "only 21% sure")],
)
def test_no_answer_is_said_plainly(
    pupil: Pupil, server: StubServer, found: dict[str, Any], title: str, reason: str
) -> None:
    server.replies[QUESTION] = Reply(found)
    pupil.ask()
    assert pupil.text("#result-title") == title and reason in pupil.text("#reason")
    assert pupil.text("#steps-title") == "What I tried" and not pupil.shown("#answer")
    assert not pupil.shown("#sure")


def test_a_student_that_cannot_tell_says_so(pupil: Pupil, server: StubServer) -> None:
    server.replies[QUESTION] = Reply(row("7/3", "ans = 7 / 3", unit="$"))
    pupil.ask()
    assert "can’t tell how sure" in pupil.text("#sure") and not pupil.shown("#dots")
    assert pupil.text("#about-value") == "about $2.33"
    assert pupil.page.text_content("#answer") == "$7/3"


def test_a_model_may_write_what_it_likes(pupil: Pupil, server: StubServer) -> None:
    assert len(HOSTILE) >= 100
    for text in HOSTILE:
        server.replies[QUESTION] = Reply(
            row(
                text,
                text,
                unit=text,
                model=text,
                reason=text,
                thought=text,
                votes={text: 2, "7": 1},
                confidence=0.5,
                steps=[step(text), {"written": text, "name": text, "filled": text, "value": text}],
            ),
            pieces=2,
        )
        pupil.ask()
        pupil.page.wait_for_selector("#working", state="hidden")
        tags = pupil.page.evaluate(
            "[...new Set([...document.querySelectorAll('#result, #result *, #past *')].map((one) => one.tagName))]"
        )
        assert set(tags) - {"SECTION"} <= PLAIN_TAGS, text
        assert pupil.page.evaluate("document.querySelectorAll('body > *').length") == 4
    assert pupil.page.evaluate("violations") == [] and pupil.page.url == server.url
    assert pupil.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_other_ways_and_votes_stand_beside_the_answer(pupil: Pupil, server: StubServer) -> None:
    pupil.ask()
    pupil.page.click("#ways")
    pupil.finds("#others-summary", "Both ways come to the same answer")
    server.replies[QUESTION, "eot"] = Reply(SOLVED | {"thought": "eot", "answer": "48"})
    pupil.page.click("#ways")
    pupil.finds("#others-summary", "They do not agree")
    assert "With equations 48 crayons a different answer" in " ".join(pupil.text("#others").split())
    pupil.page.click("#votes")
    pupil.finds("#others-summary", "Most say 42 crayons.")
    assert [" ".join(line.split()) for line in pupil.page.locator("#others li").all_inner_texts()] == [
        "42 crayons 5 of 8 tries",
        "48 crayons 2 of 8 tries",
        "7/3 crayons 1 of 8 tries",
    ]
    assert [asked.get("thought") or asked.get("mode") for asked in server.requests] == [
        None, "eot", "eot", "vote",
    ]  # fmt: skip


def test_a_pupils_own_answer_is_checked_before_anything_is_told(pupil: Pupil, server: StubServer) -> None:
    pupil.check("40 crayons")
    pupil.finds("#verdict", "I get something else")
    assert "doesn’t make yours wrong" in pupil.text("#verdict")
    assert "42" not in pupil.text("body") and not pupil.shown("#steps-block")
    pupil.page.click("#more")
    pupil.finds("#steps", "3 × 24")
    assert "72 − 30" not in pupil.text("body") and pupil.text("#more") == "Show the last step and the answer"
    pupil.check("$42.00")
    pupil.finds("#verdict", "that’s what I get too")
    pupil.page.click("#more")
    pupil.finds("#answer", "42 crayons")
    assert pupil.focus() == "result-title"
    assert len(server.requests) == 1
    pupil.check("forty")
    assert "Write one number" in pupil.text("#own-note") and pupil.focus() == "own"
    assert pupil.page.get_attribute("#own", "aria-invalid") == "true"
    assert not pupil.shown("#verdict")
    pupil.check("41")
    assert pupil.shown("#verdict")


def test_an_answer_is_not_checked_where_there_is_none(pupil: Pupil, server: StubServer) -> None:
    server.replies[QUESTION] = Reply(OPEN)
    pupil.check("1/2")
    pupil.finds("#verdict", "I can’t check this one")
    pupil.page.click("#all" if pupil.shown("#all") else "#more")
    pupil.finds("#reason", "more than one number")


def test_earlier_problems_stay_in_this_browser_until_they_are_deleted(
    pupil: Pupil, server: StubServer
) -> None:
    pupil.ask()
    pupil.ask("What is 3 + 4?")
    pupil.open(server.url)
    assert pupil.page.locator("#past li").count() == 2
    assert "42 crayons" in pupil.text("#past")
    pupil.page.click("#past li:nth-child(2) .again")
    assert pupil.page.input_value("#question") == QUESTION and len(server.requests) == 2
    pupil.page.click("#past li:nth-child(1) .quiet")
    assert pupil.page.locator("#past li").count() == 1
    assert pupil.page.evaluate("document.activeElement.textContent") == "Delete"
    pupil.page.click("#forget")
    assert not pupil.shown("#history") and pupil.focus() == "question"
    assert pupil.page.evaluate("Object.keys(localStorage)") == []


def test_an_answer_that_was_not_shown_is_not_in_the_list(pupil: Pupil) -> None:
    pupil.check("40")
    pupil.finds("#verdict", "I get something else")
    assert "42" not in pupil.text("#past")
    pupil.page.click("#all")
    pupil.finds("#past", "42 crayons")


def test_a_window_without_storage_works(browser: Any, server: StubServer) -> None:
    pupil = Pupil(browser, server.url, NO_STORAGE)
    pupil.ask()
    pupil.finds("#answer", "42 crayons")
    assert "keeps nothing" in pupil.text("#history-note") and pupil.page.locator("#past li").count() == 1
    pupil.page.click("#forget")
    assert not pupil.shown("#history")
    pupil.close()


def test_a_link_fills_in_the_problem_and_asks_nothing(browser: Any, server: StubServer) -> None:
    sender = Pupil(browser, server.url, permissions=["clipboard-read", "clipboard-write"])
    sender.ask()
    sender.page.click("#share")
    sender.finds("#share", "Link copied")
    link = sender.page.evaluate("navigator.clipboard.readText()")
    assert link == sender.page.input_value("#link") and link.startswith(f"{server.url}#q=Ben%20has")
    sender.close()
    reader = Pupil(browser, link)
    assert reader.page.input_value("#question") == QUESTION
    assert "came with the link" in reader.text("#question-note")
    assert len(server.requests) == 1
    reader.open(f"{server.url}#q=%E0%A4%A")
    assert len(server.requests) == 1
    reader.close()


@pytest.mark.parametrize("way", ["#stop", "Escape"])
def test_an_answer_that_takes_too_long_is_stopped(pupil: Pupil, server: StubServer, way: str) -> None:
    server.replies[QUESTION] = Reply(SOLVED, pieces=40, pause_s=0.2)
    pupil.page.fill("#question", QUESTION)
    pupil.page.click("#solve")
    pupil.finds("#thought", "all")
    pupil.page.click(way) if way.startswith("#") else pupil.page.keyboard.press(way)
    pupil.finds("#question-note", "Stopped")
    assert not pupil.shown("#working") and not pupil.shown("#result") and not pupil.shown("#trouble")
    server.replies[QUESTION] = Reply(SOLVED)
    pupil.ask()
    pupil.finds("#answer", "42 crayons")


@pytest.mark.parametrize(
    ("reply", "title", "text"),
    [
        (Reply(status=429, retry_after="7"), "Too much to do", "Try again in 7 seconds."),
        (Reply(status=503), "Too much to do", "Try again in a moment."),
        (Reply(status=400, message="<b>odd</b>"), "That didn’t work", "It says: <b>odd</b>"),
        (Reply(status=413), "That didn’t work", "did not take"),
        (Reply(SOLVED, stream_error="no thought"), "That didn’t work", "It says: no thought"),
        (Reply(SOLVED, breaks=True), "The connection broke off", "Your problem stays here"),
    ],
)
def test_trouble_is_said_plainly_and_can_be_tried_again(
    pupil: Pupil, server: StubServer, reply: Reply, title: str, text: str
) -> None:
    server.replies[QUESTION] = reply
    pupil.ask()
    assert title in pupil.text("#trouble-title") and text in pupil.text("#trouble")
    assert pupil.page.input_value("#question") == QUESTION
    server.replies[QUESTION] = Reply(SOLVED)
    pupil.page.click("#again")
    pupil.finds("#answer", "42 crayons")
    assert not pupil.shown("#trouble")


def test_a_token_is_asked_for_and_kept_for_the_window(pupil: Pupil, server: StubServer) -> None:
    server.token = "secret"
    pupil.open(server.url)
    pupil.finds("#trouble", "asks for a token")
    assert pupil.focus() == "token"
    pupil.page.keyboard.type("wrong")
    pupil.page.keyboard.press("Enter")
    pupil.finds("#trouble", "isn’t right")
    pupil.page.fill("#token", "secret")
    pupil.page.press("#token", "Enter")
    pupil.page.wait_for_selector("#trouble", state="hidden")
    pupil.ask()
    pupil.finds("#answer", "42 crayons")
    assert pupil.page.evaluate("[...Object.keys(sessionStorage), ...Object.keys(localStorage)].sort()") == [
        "edgethought.draft", "edgethought.history", "edgethought.token",
    ]  # fmt: skip


def test_the_page_opens_without_its_server_and_keeps_the_problem(browser: Any) -> None:
    with stub_server() as server:
        server.replies[QUESTION] = Reply(SOLVED)
        pupil = Pupil(browser, server.url, service_workers="allow")
        pupil.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        pupil.ask()
        pupil.finds("#answer", "42 crayons")
        kept = pupil.page.evaluate(
            "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) => "
            "(await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat())"
        )
        assert len(kept) == 15 and not {"/solve", "/models"} & set(kept)
    pupil.page.reload()
    pupil.finds("#trouble", "The server can’t be reached")
    assert pupil.page.input_value("#question") == QUESTION
    pupil.ask()
    pupil.finds("#trouble", "can’t be reached")
    pupil.close()


def test_options_are_kept_and_sent(pupil: Pupil, server: StubServer) -> None:
    pupil.page.click("#options summary")
    pupil.page.check("#careful")
    pupil.ask()
    pupil.page.select_option("#student", "flagship")
    assert "half a billion" in pupil.text("#student-note") and not pupil.shown("#careful")
    pupil.open(server.url)
    pupil.ask()
    sent = [{key: asked.get(key) for key in ("model", "min_confidence")} for asked in server.requests]
    assert sent == [
        {"model": "nano", "min_confidence": 0.5},
        {"model": "flagship", "min_confidence": None},
    ]


@pytest.mark.parametrize(("question", "note"), [("", "Type a problem first"), ("a " * 2001 + "b", "4,003")])
def test_what_cannot_be_asked_is_not(pupil: Pupil, server: StubServer, question: str, note: str) -> None:
    pupil.page.fill("#question", question)
    pupil.page.click("#solve")
    assert note in pupil.text("#question-note") and pupil.focus() == "question"
    assert server.requests == []


def test_an_example_is_filled_in_by_a_click(pupil: Pupil, server: StubServer) -> None:
    pupil.page.click(".examples li:nth-child(3) button")
    assert pupil.page.input_value("#question").startswith("A shirt costs $40")
    assert server.requests == [] and pupil.focus() == "question"


@pytest.mark.parametrize("percent", [100, 200, 400])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_is_wider_than_the_window(browser: Any, server: StubServer, width: int, percent: int) -> None:
    pupil = Pupil(browser, server.url, viewport={"width": width, "height": 640})
    pupil.page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
    pupil.ask()
    pupil.page.click("#votes")
    pupil.finds("#others-summary", "Most say")
    assert pupil.page.evaluate("document.documentElement.scrollWidth") <= width
    pupil.close()


def test_motion_and_paper_are_respected(browser: Any, server: StubServer) -> None:
    pupil = Pupil(browser, server.url, reduced_motion="reduce")
    assert (
        pupil.page.evaluate(
            "getComputedStyle(document.getElementById('working-title'), '::before').animationName"
        )
        == "none"
    )
    pupil.ask()
    pupil.page.emulate_media(media="print")
    assert pupil.shown("#asked") and pupil.shown("#answer") and pupil.shown("#steps")
    assert not any(map(pupil.shown, ("#ask", "#examples", "#history", "#ways")))
    pupil.close()


@pytest.mark.skipif(not AXE, reason="EDGETHOUGHT_AXE is not set")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, server: StubServer, scheme: str, width: int) -> None:
    pupil = Pupil(browser, server.url, color_scheme=scheme, viewport={"width": width, "height": 800})
    source = Path(AXE).read_text()

    def look(state: str) -> None:
        pupil.page.mouse.move(1, 1)
        pupil.page.evaluate(source)
        found = pupil.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        told = [(one["id"], [node["html"][:90] for node in one["nodes"]]) for one in found]
        assert not told, f"{state}: {json.dumps(told)}"

    look("empty")
    pupil.page.click("#options summary")
    pupil.ask()
    pupil.page.click("#votes")
    pupil.finds("#others-summary", "Most say")
    look("votes")
    pupil.page.click("#ways")
    pupil.finds("#others-summary", "Both")
    pupil.page.click("#others summary")
    pupil.page.click("#written-block summary")
    pupil.page.click("#share")
    look("answered")
    server.replies["unsure"] = Reply(ABSTAINED)
    pupil.ask("unsure")
    look("unsure")
    pupil.check("40")
    pupil.page.click("#more")
    look("checked")
    pupil.check("forty")
    look("unreadable")
    server.replies["slow"] = Reply(SOLVED, pieces=50, pause_s=0.1)
    pupil.page.fill("#question", "slow")
    pupil.page.click("#solve")
    pupil.finds("#thought", "all")
    look("thinking")
    pupil.page.click("#stop")
    server.replies["broken"] = Reply(SOLVED, breaks=True)
    pupil.ask("broken")
    look("trouble")
    server.token = "secret"
    pupil.open(server.url)
    pupil.finds("#trouble", "token")
    look("token")
    pupil.close()
