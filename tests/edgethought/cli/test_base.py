"""`edgethought base` says what there is, and in one line what is wrong."""

import json
from pathlib import Path

import pytest

from edgethought.cli.base.commands import list_command, show_command
from runtime.values.errors import InputError

pytestmark = pytest.mark.usefixtures("home")


def test_every_base_is_listed_with_its_state(capsys: pytest.CaptureFixture[str]) -> None:
    list_command(as_json=True)
    rows = {row["base"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["qwen2.5-coder-0.5b"]["state"] == "to get"
    assert rows["qwen2.5-0.5b"]["state"] == "to get, unverified"
    assert rows["qwen3-0.6b"]["state"] == rows["gemma-3-270m-it"]["state"] == "to get, unverified"
    assert rows["gemma-3-270m"]["state"] == "to get"


def test_a_base_is_shown_with_hashes_and_sources(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_command("qwen2.5-coder-0.5b", as_json=True)
    facts, files, sources = map(json.loads, capsys.readouterr().out.splitlines())
    assert {"fact": "checkpoint", "value": str(home / "bases/qwen2.5-coder-0.5b")} in facts["rows"]
    assert files["rows"][0]["sha256"].startswith("1d961463")
    assert [row["source"].partition(":")[0] for row in sources["rows"]] == ["hub", "package index"]


def test_an_unknown_base_says_which_there_are() -> None:
    with pytest.raises(InputError, match="base 'gpt-9'; expected: smollm2-135m, "):
        show_command("gpt-9", as_json=False)
