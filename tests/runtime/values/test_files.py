"""Folders that are ours, and those that hold other things."""

from pathlib import Path

import pytest

from runtime.values.errors import InputError
from runtime.values.files import LOCK_FILE, check_own_folder


def test_new_empty_and_begun_folders_are_ours(tmp_path: Path) -> None:
    check_own_folder(tmp_path / "new", ["run.json"])
    (tmp_path / LOCK_FILE).touch()
    check_own_folder(tmp_path, ["run.json"])
    (tmp_path / "run.json").touch()
    (tmp_path / "more").touch()
    check_own_folder(tmp_path, ["run.json"])


def test_other_things_are_named(tmp_path: Path) -> None:
    for name in ("b", "a", "d", "c"):
        (tmp_path / name).touch()
    with pytest.raises(
        InputError, match=r"holds other things \(a, b, c, …\); expected: a new folder, or one that"
    ):
        check_own_folder(tmp_path, ["run.json"])
    with pytest.raises(InputError, match="a is a file; expected: a folder"):
        check_own_folder(tmp_path / "a", ["run.json"])
