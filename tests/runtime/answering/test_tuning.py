"""What tuning found is used at the next start, for the same artifact on the same cores only."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.answering import tuning
from runtime.answering.tuning import TUNING_FILE, Tuned, remember, remembered
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.manifest import artifact_key
from tests.runtime.fake_engine import fake_manifest

ONE = replace(fake_manifest(), files={"model.gguf": "a1"})
OTHER = replace(fake_manifest(), files={"model.gguf": "b2"})


@pytest.mark.usefixtures("home")
def test_nothing_is_known_before_tuning() -> None:
    assert remembered(ONE) is None


@pytest.mark.usefixtures("home")
def test_settings_are_kept_by_artifact() -> None:
    remember({artifact_key(ONE): Tuned(2, 8)})
    assert remembered(ONE) == Tuned(2, 8)
    assert remembered(OTHER) is None


@pytest.mark.usefixtures("home")
def test_an_accuracy_level_is_kept_and_older_tunings_still_read() -> None:
    remember({artifact_key(ONE): Tuned(2, 8, 1, 4)})
    assert remembered(ONE) == Tuned(2, 8, 1, accuracy_level=4)
    file = home_folder() / TUNING_FILE
    row = json.loads(file.read_text())
    del row["artifacts"][artifact_key(ONE)]["accuracy_level"]
    file.write_text(json.dumps(row))
    assert remembered(ONE) == Tuned(2, 8, 1)


@pytest.mark.usefixtures("home")
def test_settings_of_another_number_of_cores_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    remember({artifact_key(ONE): Tuned(2, 8)})
    monkeypatch.setattr(tuning, "physical_cores", lambda: 64)
    assert remembered(ONE) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"cores": 2}',
        '{"cores": 2, "artifacts": 7}',
        "\x00",
        '{"cores": 2, "artifacts": {"a1": {"threads": 1, "streams": 1, "accuracy_level": 1.5}}}',
        '{"cores": 2, "artifacts": {"a1": {"threads": 1, "streams": 1, "accuracy_level": true}}}',
    ],
)
def test_a_damaged_file_is_told(home: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "physical_cores", lambda: 2)
    home.mkdir()
    (home / TUNING_FILE).write_text(content)
    with pytest.raises(InputError, match=r"tuning\.json .*delete it"):
        remembered(ONE)
