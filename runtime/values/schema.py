"""The schema of our JSON documents and settings, and the one way from an older one to the present."""

from collections.abc import Iterable, Mapping
from typing import Any

from runtime.values.errors import InputError

# One number for artifacts, checkpoints, rationale sets, runs and reports. 2 added where a text is from; 3 took the
# field's own words for keys and settings.
SCHEMA = 3

# Keys and settings as they were called up to schema 2, and as they are called now.
RENAMED = {
    "licence": "license",
    "licences": "licenses",
    "text_licence": "text_license",
    "text_licences": "text_licenses",
    "siblings": "near_duplicates",
    "siblings_setting": "near_duplicates_setting",
    "sibling_of": "near_duplicate_of",
    "sibling_rows": "near_duplicate_rows",
    "quantisation": "quantization",
    "lanes": "contexts",
    "micro_tokens": "max_tokens_per_batch",
    "batch_examples": "batch_size",
    "clip_norm": "max_grad_norm",
    "token_budget": "max_tokens",
    "max_example_tokens": "max_seq_len",
    "checkpoint_s": "save_interval_s",
    "mix": "beta",
    "on_policy": "lmbda",
}


def migrated(document: Any, where: object) -> Any:
    """A JSON document with the keys of the present schema; one of the present schema comes back as it is.

    A document that states no schema is read as an old one: no key of today is an old name of another. `where` names
    the document in messages. Raises InputError when its schema is newer than this version's.
    """
    schema = document.get("schema", 1) if isinstance(document, dict) else 1
    if schema == SCHEMA:
        return document
    if type(schema) is not int or not 1 <= schema < SCHEMA:
        raise InputError(f"{where} has schema {schema!r}; expected: at most {SCHEMA}, or a newer edgethought")
    current = with_current_keys(document)
    return {**current, "schema": SCHEMA} if isinstance(document, dict) and "schema" in document else current


def with_current_keys(value: Any) -> Any:
    """The value with every old key in it, at any depth, under its present name."""
    if isinstance(value, dict):
        return {RENAMED.get(key, key): with_current_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_current_keys(inner) for inner in value]
    return value


def told_of_new_names(values: Any, settings: Iterable[str], prefix: str = "") -> Any:
    """The values of some settings unchanged; raises ValueError naming the new name where an old one is given."""
    known = set(settings)
    for name in values if isinstance(values, Mapping) else ():
        if name not in known and RENAMED.get(name) in known:
            raise ValueError(f"{prefix}{name} is now {prefix}{RENAMED[name]}")
    return values
