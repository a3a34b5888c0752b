"""A run: its recipe, its folder with the names of what is in it, and which of its stages are finished."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgethought.stages.recipe import Recipe
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.schema import SCHEMA, migrated

RUN_FILE = "run.json"
RATIONALES, STUDENT, ARTIFACTS, SAMPLES = "rationales", "student", "artifacts", "samples.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its recipe under a name, its folder, and the command that started it.

    `run.json` in the folder has the recipe, its settings, and every finished stage's seconds.
    """

    name: str
    recipe: Recipe
    path: Path
    command: str

    def read(self) -> dict[str, Any]:
        """The contents of `run.json`, empty when there is none; raises InputError when it is damaged."""
        try:
            value = migrated(
                json.loads((self.path / RUN_FILE).read_text(encoding="utf-8")), self.path / RUN_FILE
            )
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            raise InputError(f"{self.path / RUN_FILE} is damaged; expected: another --out") from error
        return value if isinstance(value, dict) else {}

    def begin(self) -> None:
        """Note the settings, or raise InputError when the folder belongs to a run with others."""
        settings = self.recipe.deciding()
        known = self.read()
        if not known:
            row = {"schema": SCHEMA, "recipe": self.name, "settings": settings, "stages": {}}
            write_json(self.path / RUN_FILE, row)
        elif known.get("settings") != settings:
            changed = ", ".join(differences(known.get("settings", {}), settings))
            raise InputError(
                f"{self.path} holds a run of {known.get('recipe')!r} with other settings ({changed}); "
                "expected: the same settings, or another --out"
            )

    def finished(self) -> dict[str, Any]:
        """What every finished stage noted, by its name."""
        stages: dict[str, Any] = self.read().get("stages", {})
        return stages

    def finish(self, stage: str, seconds: float, result: dict[str, Any]) -> None:
        """Note that a stage is finished; seconds of earlier, interrupted attempts are not in it."""
        known = self.read()
        made = datetime.now(UTC).isoformat(timespec="seconds")
        known["stages"][stage] = {"seconds": round(seconds, 1), "finished": made, **result}
        write_json(self.path / RUN_FILE, known)

    def carry_out(self, stage: str, work: "Work") -> tuple[dict[str, Any], float]:
        """Do the work of a stage and note that it is finished; gives what it noted, and its seconds."""
        began = time.monotonic()
        result = work(self)
        seconds = time.monotonic() - began
        self.finish(stage, seconds, result)
        return result, seconds


# What a stage does, and what is noted of it.
Work = Callable[[Run], dict[str, Any]]


def differences(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Settings that are others, each with what it is there and now."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from differences(before, after, f"{prefix}{key}.")
        elif before != after:
            yield f"{prefix}{key}: {before} there, {after} now"


def base_artifact(run: Run) -> Path:
    """The untouched base as an artifact, made once a machine."""
    from export.bases.base import base_checkpoint
    from export.building.build import export_checkpoint
    from export.checkpoint import is_encoder_decoder
    from export.targets import DEFAULT_TARGETS

    checkpoint = base_checkpoint(run.recipe.train.base)
    target = DEFAULT_TARGETS[is_encoder_decoder(checkpoint)]
    out = home_folder() / "artifacts" / checkpoint.name
    export_checkpoint(checkpoint, [target], out)
    return out / target.folder_name
