"""`edgethought check`: what a person who writes thoughts by hand sees."""

import io
import json
from pathlib import Path

import pytest

from edgethought.cli.check import check_file
from runtime.values.errors import InputError


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize(
    ("thought", "text", "status", "shown"),
    [
        ("eot", "clips = 48 / 2\nans = 48 + clips\n", 0, "72\n"),
        ("eot", "x = 5\n", 1, "ambiguous (no equation names 'ans', the value asked for)\n"),
        ("pot", "ans = 5 / 2", 0, "2.5\n"),
        ("pot", "\ufeffans = 7\r\n", 0, "7\n"),
        ("pot", "import os", 1, "refused (line 1: import of os is outside the allowed language)\n"),
        ("cot", "2 + 2 = 4. The answer is 4.", 0, "4\n"),
        ("cot", "1 + 1 = 3. The answer is 3.", 0, "3 (false on the way: 1 + 1 = 3)\n"),
        (
            "cot",
            "1 + 1 = 3. The answer is yes.",
            1,
            "not_numeric (no number follows the answer phrase, but 'yes.')\nfalse: 1 + 1 = 3\n",
        ),
        ("cot", "   ", 1, "no_thought (the text is empty)\n"),
    ],
)
def test_the_outcome_is_one_line_and_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], thought: str, text: str, status: int, shown: str
) -> None:
    assert check_file(thought, write(tmp_path / "thought.txt", text)) == status
    assert capsys.readouterr().out == shown


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "thought.txt", "1 + 1 = 3 and 2 + 2 = 5. The answer is 1/3.")
    assert check_file("cot", file, as_json=True) == 0
    row = json.loads(capsys.readouterr().out)
    assert row.pop("isolation").startswith("process")
    assert row == {
        "thought": "cot",
        "answer": "1/3",
        "status": "solved",
        "reason": "false on the way: 1 + 1 = 3, 2 + 2 = 5",
        "false_arithmetic": ["1 + 1 = 3", "2 + 2 = 5"],
    }
    assert check_file("eot", write(tmp_path / "thought.txt", "ans = x"), as_json=True) == 1
    row = json.loads(capsys.readouterr().out)
    assert (row["answer"], row["status"], "false_arithmetic" in row) == (None, "ambiguous", False)


def test_a_target_and_standard_input_are_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x = 3\ny = 4\n")))
    assert check_file("eot", "-", target="y") == 0
    assert capsys.readouterr().out == "4\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bytes(range(256)), "is not UTF-8 text"),
        (b"1" * 80_001, "more than 80,000 bytes"),
        (None, "No such file"),
    ],
)
def test_what_is_no_thought_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        write(tmp_path / "thought.txt", content)
    with pytest.raises(InputError, match=message):
        check_file("eot", str(tmp_path / "thought.txt"))


def test_a_folder_and_an_endless_device_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        check_file("eot", str(tmp_path))
    with pytest.raises(InputError, match="more than 80,000 bytes"):
        check_file("eot", "/dev/zero")
