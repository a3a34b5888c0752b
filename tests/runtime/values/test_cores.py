"""Cores are counted as this process may use them: siblings once, a container's quota as the limit."""

from pathlib import Path

import pytest

from runtime.values import cores


@pytest.mark.parametrize(
    ("near_duplicates", "quota", "expected"),
    [
        (["0-1", "0-1", "2-3", "2-3"], "max 100000", 2),
        (["0", "1", "2", "3"], "max 100000", 4),
        (["0", "1", "2", "3"], "150000 100000", 2),
        (["0", "1"], "20000 100000", 1),
        (["0", "1"], "nonsense", 2),
        ([None, None], "max 100000", 2),
    ],
)
def test_physical_cores(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    near_duplicates: list[str | None],
    quota: str,
    expected: int,
) -> None:
    for processor, text in enumerate(near_duplicates):
        if text is not None:
            (tmp_path / str(processor)).write_text(text + "\n")
    (tmp_path / "quota").write_text(quota + "\n")
    monkeypatch.setattr(cores, "_TOPOLOGY", str(tmp_path / "{}"))
    monkeypatch.setattr(cores, "_QUOTA", tmp_path / "quota")
    monkeypatch.setattr(cores, "allowed_processors", lambda: set(range(len(near_duplicates))))
    assert cores.physical_cores() == expected


def test_this_machine_has_a_core() -> None:
    assert 1 <= cores.physical_cores() <= len(cores.allowed_processors())
