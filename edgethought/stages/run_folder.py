"""The run folder: what a run was asked for, which stages are finished, and who works in it now."""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgethought.stages.recipe import Recipe
from runtime.values.errors import InputError
from runtime.values.files import locked, write_json

RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder; `run.json` in it has the recipe, its settings, and every finished stage's seconds."""

    path: Path

    def read(self) -> dict[str, Any]:
        """The contents of `run.json`, empty when there is none; raises InputError when it is damaged."""
        try:
            value = json.loads((self.path / RUN_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            raise InputError(f"{self.path / RUN_FILE} is damaged; expected: another --out") from error
        return value if isinstance(value, dict) else {}

    def begin(self, name: str, recipe: Recipe) -> None:
        """Note the settings, or raise InputError when the folder belongs to a run with others."""
        settings = recipe.model_dump(mode="json")
        known = self.read()
        if not known:
            write_json(self.path / RUN_FILE, {"recipe": name, "settings": settings, "stages": {}})
        elif known.get("settings") != settings:
            changed = ", ".join(_differences(known.get("settings", {}), settings))
            raise InputError(
                f"{self.path} holds a run of {known.get('recipe')!r} with other settings ({changed}); "
                "expected: the same settings, or another --out"
            )

    def finished(self, stage: str) -> bool:
        """Whether a stage is finished."""
        return stage in self.read().get("stages", {})

    def finish(self, stage: str, seconds: float, result: dict[str, Any]) -> None:
        """Note that a stage is finished; seconds of earlier, interrupted attempts are not in it."""
        known = self.read()
        made = datetime.now(UTC).isoformat(timespec="seconds")
        known["stages"][stage] = {"seconds": round(seconds, 1), "finished": made, **result}
        write_json(self.path / RUN_FILE, known)

    def locked(self) -> AbstractContextManager[None]:
        """Hold the folder for this process; raises InputError when another run works in it."""
        return locked(self.path)

    @contextmanager
    def timed(self, stage: str, result: dict[str, Any]) -> Iterator[None]:
        """Run a stage and note it as finished, with what it put into `result`."""
        began = time.monotonic()
        yield
        self.finish(stage, time.monotonic() - began, result)


def _differences(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, f"{prefix}{key}.")
        elif before != after:
            yield f"{prefix}{key}: {before} there, {after} now"
