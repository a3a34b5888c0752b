"""A manifest may come from anywhere: what is wrong in it is one line."""

import json
from pathlib import Path

import pytest

from runtime.values.errors import InputError
from runtime.values.manifest import MANIFEST_FILE, read_manifest
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
