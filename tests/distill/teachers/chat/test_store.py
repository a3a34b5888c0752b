"""Where replies go: a folder that cannot be made is told before anything is asked, and none is left behind."""

from pathlib import Path

import pytest

from distill.teachers.chat.store import check_store
from runtime.values.errors import InputError


def test_a_folder_that_can_be_made_is_not_there_afterwards(tmp_path: Path) -> None:
    check_store("", "local.store")
    check_store(str(tmp_path / "a/b"), "local.store")
    assert not list(tmp_path.iterdir())
    (tmp_path / "there").mkdir()
    check_store(str(tmp_path / "there"), "local.store")
    assert (tmp_path / "there").is_dir()


def test_one_that_cannot_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(
            InputError, match=r"local.store=.* cannot be made .*; expected: a folder of yours"
        ):
            check_store(str(place), "local.store")
