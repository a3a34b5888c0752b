"""How a server may be set up."""

from pathlib import Path

import pytest

from runtime.serve.settings import ServeSettings, is_loopback, longest_text, memory_bytes, read_tokens
from runtime.values.errors import InputError
from tests.runtime.fake_engine import fake_manifest

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1},
        {"port": 65536},
        {"queue": 0},
        {"streams": 0},
        {"streams": 1000},
        {"max_tokens": 0},
        {"deadline_ms": 0},
        {"deadline_ms": float("nan")},
        {"cors": ("example.org",)},
        {"host": "0.0.0.0"},
        {"host": ""},
        {"tokens": ("with a space in it",)},
        {"tokens": ("short",)},
        {"tokens": ("with\nline\nbreaks\n" * 3,)},
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="expected") as refused:
        ServeSettings(**wrong)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_other_machines_may_ask_with_a_token() -> None:
    assert not ServeSettings(host="0.0.0.0", tokens=(TOKEN,)).loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("192.168.1.2", False),
        ("evil.example", False),
        ("", False),
        ("127.0.0.1.nip.io", False),
    ],
)
def test_this_machine_is_known_by_its_names(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_tokens_come_from_the_environment_and_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGETHOUGHT_TOKEN", TOKEN)
    (tmp_path / "tokens").write_text(f"# ours\n{TOKEN}\n\n  fedcba9876543210\r\n")
    assert read_tokens(None) == (TOKEN,)
    assert read_tokens(tmp_path / "tokens") == (TOKEN, "fedcba9876543210")


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"# none\n", b"\xff\xfe"])
def test_a_file_without_a_token_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "tokens").write_bytes(content)
    with pytest.raises(InputError, match="expected") as refused:
        read_tokens(tmp_path / "tokens")
    assert str(tmp_path / "tokens") in str(refused.value)


@pytest.mark.parametrize("line", ["short", "two tokens of-a-line-0123", "not-ascii-\u00fc-0123456"])
def test_a_line_that_is_no_token_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"# ours\n{TOKEN}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 3 of .*tokens: a token") as refused:
        read_tokens(tmp_path / "tokens")
    assert line not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "longest"), [(None, 320), (1, 1), (500, 500), (7168, 7168), (7169, 7168), (1_000_000, 7168)]
)
def test_the_longest_text_leaves_room_for_a_question(given: int | None, longest: int) -> None:
    assert longest_text(ServeSettings(max_tokens=given), fake_manifest(max_tokens=320)) == longest


def test_memory_is_given_in_gigabytes() -> None:
    assert memory_bytes(None) is None
    assert memory_bytes(1.5) == 1_500_000_000
    for wrong in (0, -1, 1e9, float("nan")):
        with pytest.raises(InputError, match="more than 0, less than 1,000,000"):
            memory_bytes(wrong)
