"""What `edgethought tune` found on this machine, kept for every later start: threads and streams for an artifact."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from runtime.answering.modes import DEFAULT_SAMPLES, MODES, Mode
from runtime.values.cores import physical_cores
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.manifest import Manifest, artifact_key
from runtime.values.schema import migrated

TUNING_FILE = "tuning.json"


@dataclass(frozen=True, slots=True)
class Tuned:
    """The quickest settings of one artifact: threads, how many thoughts to write at a time, and on how many lanes.

    `accuracy_level` is None where the artifact has but one. `mode` and `samples` are the way of answering that keeps to
    the latency that was asked for.
    """

    threads: int
    streams: int
    contexts: int = 1
    accuracy_level: int | None = None
    mode: Mode = "single"
    samples: int = DEFAULT_SAMPLES


def remember(found: dict[str, Tuned]) -> None:
    """Keep what was found for some artifacts (by `artifact_key`), in place of what was known of this machine."""
    rows = {key: asdict(tuned) for key, tuned in found.items()}
    write_json(home_folder() / TUNING_FILE, {"cores": physical_cores(), "artifacts": rows})


def remembered(manifest: Manifest) -> Tuned | None:
    """What was found for this very artifact, unless the number of cores has changed since; InputError if damaged."""
    file = home_folder() / TUNING_FILE
    try:
        values = migrated(json.loads(file.read_text(encoding="utf-8")), file)
        row = values["artifacts"].get(artifact_key(manifest)) if values["cores"] == physical_cores() else None
        return None if row is None else _tuned(row)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}); expected: what `edgethought tune` writes; delete it"
        ) from error


def _tuned(row: dict[str, Any]) -> Tuned:
    level = row.get("accuracy_level")
    if level is not None and type(level) is not int:
        raise TypeError(f"accuracy_level {level!r}")
    if (mode := row.get("mode", "single")) not in MODES:
        raise ValueError(f"mode {mode!r}")
    return Tuned(
        int(row["threads"]),
        int(row["streams"]),
        int(row.get("contexts", 1)),
        level,
        mode,
        int(row.get("samples", DEFAULT_SAMPLES)),
    )
