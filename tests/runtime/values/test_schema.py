"""Documents of an older schema are read with the keys of the present one; newer ones are refused by their number."""

from typing import Any

import pytest

from runtime.values.errors import InputError
from runtime.values.schema import SCHEMA, migrated, told_of_new_names, with_current_keys


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"schema": 1, "quantisation": "q4_0", "licence": "MIT"}, {"quantization": "q4_0", "license": "MIT"}),
        (
            {"schema": 2, "sibling_rows": {"svamp": 3}, "kind": "rationales"},
            {"near_duplicate_rows": {"svamp": 3}},
        ),
        (
            {"settings": {"siblings": "keep", "train": {"micro_tokens": 9}}},
            {"settings": {"near_duplicates": "keep", "train": {"max_tokens_per_batch": 9}}},
        ),
        ({"artifacts": [{"lanes": 2}]}, {"artifacts": [{"contexts": 2}]}),
    ],
)
def test_old_keys_are_read_under_their_present_names(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = migrated(old, "manifest.json")
    assert {key: found[key] for key in new} == new
    assert found.get("schema") == (SCHEMA if "schema" in old else None)


def test_a_document_of_the_present_schema_comes_back_as_it_is() -> None:
    document = {"schema": SCHEMA, "siblings": "a task of this name"}
    assert migrated(document, "manifest.json") is document


@pytest.mark.parametrize("schema", [SCHEMA + 1, 0, "3", None, True])
def test_another_schema_is_refused_by_its_number(schema: Any) -> None:
    with pytest.raises(InputError, match=rf"run.json has schema {schema!r}; expected: at most {SCHEMA}"):
        migrated({"schema": schema}, "run.json")


@pytest.mark.parametrize("value", [None, 3, "licence", ["licence"]])
def test_what_is_no_object_has_no_keys(value: Any) -> None:
    assert with_current_keys(value) == value
    assert migrated(value, "run.json") == value


def test_an_old_setting_is_told_its_new_name() -> None:
    with pytest.raises(ValueError, match=r"train\.mix is now train\.beta"):
        told_of_new_names({"mix": 0.5}, ["beta"], "train.")
    assert told_of_new_names({"mix": 0.5}, ["mix", "beta"]) == {"mix": 0.5}
