"""What the page's JavaScript makes of numbers, expressions, events and links, run by node."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tests.runtime.serve.page.stub_server import PAGE

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node runs the page's JavaScript")
RUN = """
import { stdin } from "node:process";
let text = "";
for await (const piece of stdin) text += piece;
const { file, call, rows } = JSON.parse(text);
const page = await import(file);
const run = new Function("page", "row", `return ${call}`);
const found = rows.map((row) => run(page, row));
console.log(JSON.stringify(found, (_, value) => (typeof value === "bigint" ? String(value) : value)));
"""


def run_page(file: str, call: str, rows: Sequence[Any]) -> list[Any]:
    """What an expression over `page` (a module's exports) and `row` gives for each row."""
    asked = json.dumps({"file": (PAGE / file).as_uri(), "call": call, "rows": list(rows)})
    command = [str(NODE), "--no-warnings", "--input-type=module", "-e", RUN]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def of_table(file: str, call: str, table: dict[Any, Any]) -> None:
    assert dict(zip(table, run_page(file, call, list(table)), strict=True)) == table


def test_numbers_are_read_as_people_write_them() -> None:
    table = {
        "12": ["12/1"],
        " 12 pens ": ["12/1"],
        "= 12.": ["12/1"],
        "x = 12": ["12/1"],
        "about 12": ["12/1"],
        "The answer is 12": ["12/1"],
        "-3": ["-3/1"],
        "−3": ["-3/1"],
        "+3": ["3/1"],
        "007": ["7/1"],
        "3.50": ["350/100"],
        ".5": ["5/10"],
        "0,5": ["5/10"],
        "$3.50": ["350/100"],
        "-$3.50": ["-350/100"],
        "$-3": ["-3/1"],
        "3,50 €": ["350/100"],
        "1/2": ["1/2"],
        "1 / 2": ["1/2"],
        "½": ["1/2"],
        "1 1/2": ["3/2"],
        "1½": ["3/2"],
        "1 and 1/2": ["3/2"],
        "-1 1/2": ["-3/2"],
        "2.5/5": ["25/50"],
        "3⁄4 cup": ["3/4"],
        "1,234": ["1234/1", "1234/1000"],
        "1.234": ["1234/1000", "1234/1"],
        "1,234.5": ["12345/10"],
        "1.234,5": ["12345/10"],
        "1,234,567": ["1234567/1"],
        "1.234.567": ["1234567/1"],
        "12,34,567": ["1234567/1"],
        "1 234": ["1234/1"],
        "1\u202f234,5": ["12345/10"],
        "1'234": ["1234/1"],
        "0,500": ["500/1000"],
        "50%": ["50/1", "50/100"],
        "50 %": ["50/1", "50/100"],
        "12.5%": ["125/10", "125/1000"],
        "50 percent": ["50/1"],
        "50¢": ["50/1", "50/100"],
        "5 m²": ["5/1"],
        "60 km/h": ["60/1"],
        "１２": ["12/1"],
        "٣٤": ["34/1"],
        "1" * 60: ["1" * 60 + "/1"],
        "": [],
        "no idea": [],
        "3:30": [],
        "3x4": [],
        "3 + 4": [],
        "1e5": [],
        "1/0": [],
        "1 2/0": [],
        "1/2/3": [],
        "12,3,4": [],
        "1.2.3": [],
        "--3": [],
        "NaN": [],
        "Infinity": [],
        "0x10": [],
        "<b>7</b>": [],
        "1" * 100: [],
    }
    of_table("numbers.js", "page.readings(row).map((one) => `${one.top}/${one.bottom}`)", table)


def test_answers_are_compared_exactly() -> None:
    table = {
        ("1/2", "0.5"): "same",
        ("2/4", "0.5"): "same",
        ("50%", "0.5"): "same",
        ("50%", "50"): "same",
        ("$3.50", "3.5"): "same",
        ("1,234", "1234"): "same",
        ("0,5", "0.5"): "same",
        ("1 1/2", "3/2"): "same",
        ("7/3", "7/3"): "same",
        ("-4", "-4"): "same",
        ("2.33", "7/3"): "rounded",
        ("2.3", "7/3"): "rounded",
        ("2.35", "7/3"): "different",
        ("2", "7/3"): "different",
        ("0.1", "0.10000000000000000001"): "rounded",
        ("100000000000000000001", "100000000000000000000"): "different",
        ("4", "-4"): "opposite",
        ("-4", "4"): "opposite",
        ("0", "0"): "same",
        ("0", "-0"): "same",
        ("5", "7"): "different",
        ("half", "0.5"): "different",
    }
    assert (
        dict(zip(table, run_page("numbers.js", "page.compare(row[0], row[1])", list(table)), strict=True))
        == table
    )
    units = {("21%", "21", "$"): "different", ("50¢", "0.5", "$"): "same", ("50¢", "50", "$"): "different"}
    units |= {("36%", "36", "%"): "same", ("21", "21", "$"): "same", ("50%", "1/2", ""): "same"}
    told = run_page("numbers.js", "page.compare(row[0], row[1], row[2])", list(units))
    assert dict(zip(units, told, strict=True)) == units
    assert run_page("numbers.js", "page.nearly(row)", ["7/3", "-7/3", "1/1000", "2/3", "999/1000", "5"]) == [
        "2.33", "-2.33", "0.00", "0.67", "1.00", "",
    ]  # fmt: skip


def test_expressions_are_typeset() -> None:
    of_table(
        "typesetting.js",
        "page.plain(page.pieces(row))",
        {
            "3 * 24": "3 × 24",
            "72 / 3": "72 ÷ 3",
            "48/2": "48/2",
            "72 - 24-6": "72 − 24 − 6",
            "-3 + -4": "−3 + −4",
            "(-3) * 2": "(−3) × 2",
            "(2/3) * 3": "2/3 × 3",
            "(-2/3) * 3": "−2/3 × 3",
            "100/4/5": "100 ÷ 4 ÷ 5",
            "2*8/4": "2 × 8 ÷ 4",
            "2**8/4": "2^8 ÷ 4",
            "x8/4": "x8 ÷ 4",
            "1,000*2,000": "1,000 × 2,000",
            "5/2**2": "5 ÷ 2^2",
            "3 ** 2": "3^2",
            "3^2": "3^2",
            "2 ** (1 + 1)": "2 ** (1 + 1)",
            "17 // 5": "17 div 5",
            "17 % 5": "17 mod 5",
            "20% * 5": "20% × 5",
            "1234567 * 2": "1,234,567 × 2",
            "1,234 * 2": "1,234 × 2",
            "max(100,200)": "max(100, 200)",
            "1234.5678": "1,234.5678",
            ".5 * 2": ".5 × 2",
            "half_price * 2": "half price × 2",
            "math.floor(7 / 2)": "floor(7 ÷ 2)",
            "2 * (3 + 4)": "2 × (3 + 4)",
            "x - z = 4": "x − z = 4",
            "a if b > 3 else c": "a if b > 3 else c",
            "3 ( -4 )": "3 ( −4 )",
            "": "",
            "<img src=x onerror=alert(1)>": "<img src = x onerror = alert(1)>",
            "9" * 3000: "9" * 3000,
        },
    )


def test_answers_have_their_units() -> None:
    of_table(
        "words.js",
        "page.amount(...JSON.parse(row))",
        {
            json.dumps(given): said
            for given, said in [
                (["42", "pens"], "42 pens"),
                (["1", "pens"], "1"),
                (["3.5", "$"], "$3.50"),
                (["3.25", "$"], "$3.25"),
                (["-3.5", "$"], "−$3.50"),
                (["12000", "$"], "$12,000"),
                (["7/3", "$"], "$7/3"),
                (["36", "%"], "36%"),
                (["-4", ""], "−4"),
                (["60", "miles per hour"], "60 miles per hour"),
            ]
        },
    )
    assert run_page("words.js", "page.about(row[0], row[1])", [("7/3", "$"), ("2/3", "cups"), ("5", "")]) == [
        "about $2.33",
        "about 0.67 cups",
        "",
    ]
    assert run_page("words.js", "page.duration(row)", [3, 812, 4200, 11_000, 61_000, None]) == [
        "0.1 seconds", "0.8 seconds", "4.2 seconds", "11 seconds", "1 min 1 s", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("confidence", "word", "level"),
    [
        (1, "Very sure", 5),
        (0.82, "Quite sure", 4),
        (0.5, "Fairly sure", 3),
        (0.3, "Not very sure", 2),
        (0, "Hardly sure", 1),
    ],
)
def test_sureness_is_a_plain_word(confidence: float, word: str, level: int) -> None:
    (found,) = run_page("words.js", "page.surenessOf(row)", [confidence])
    assert (found["word"], found["level"], found["percent"]) == (word, level, round(confidence * 100))


def test_events_are_read_wherever_the_stream_is_cut() -> None:
    text = 'event: queued\r\ndata: {"position": 1}\r\n\r\n: comment\n\nevent: text\ndata: a\ndata: b\n\n'
    text += "data:c\n\nevent: text\ndata: half"
    whole = [["queued", '{"position": 1}'], ["text", "a\nb"], ["message", "c"]]
    cuts = [[text[:cut], text[cut:]] for cut in range(len(text))] + [list(text)]
    call = "(() => { const reader = new page.EventReader(); return row.flatMap((piece) => reader.read(piece)); })()"
    for found in run_page("asking.js", call, cuts):
        assert found == whole


def test_a_link_holds_the_question_and_a_damaged_one_none() -> None:
    question = "Tom's 2 + 2 = 100% & #more?\nÄ ½ 😀"
    page = {"origin": "http://here", "pathname": "/"}
    (link,) = run_page("problems.js", "page.linkTo(row[0], row[1])", [[question, page]])
    assert link.startswith("http://here/#q=Tom's%202%20%2B%202")
    given = [link.partition("/#")[2], "q=", "x=1", "", "q=%E0%A4%A"]
    found = run_page("problems.js", "page.questionIn('#' + row)", given)
    assert found == [question, "", "", "", ""]
