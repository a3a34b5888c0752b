"""A manifest may come from anywhere: what is wrong in it is one line."""

import json
from pathlib import Path

import pytest

from runtime.values.errors import InputError
from runtime.values.manifest import CHECKPOINT_FILE, MANIFEST_FILE, read_manifest
from tests.runtime.fake_engine import fake_manifest


def test_a_manifest_reads_back(tmp_path: Path) -> None:
    fake_manifest().save(tmp_path)
    assert read_manifest(tmp_path) == fake_manifest()


@pytest.mark.parametrize(
    "change",
    [
        {"accuracy_levels": 5},
        {"accuracy_levels": [1]},
        {"accuracy_levels": {"1": 5}},
        {"files": ["model.gguf"]},
        {"files": {"model.gguf": None}},
        {"tags": "eot"},
        {"gate": []},
        {"scorer": "probe"},
        {"student": 5},
        {"no_such_field": 1},
    ],
)
def test_a_field_of_another_kind_is_one_line(tmp_path: Path, change: dict[str, object]) -> None:
    fake_manifest().save(tmp_path)
    file = tmp_path / MANIFEST_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(InputError, match=r"manifest\.json is damaged \(TypeError"):
        read_manifest(tmp_path)


def test_folders_of_other_kinds_are_called_that(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_text('{"rows": 3}')
    with pytest.raises(InputError, match="is of another kind of folder; expected: an artifact"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST_FILE).unlink()
    inside = tmp_path / "checkpoint"
    inside.mkdir()
    (inside / CHECKPOINT_FILE).write_text("{}")
    with pytest.raises(InputError, match=r"is a training's folder; expected: its checkpoint .*checkpoint"):
        read_manifest(tmp_path)
