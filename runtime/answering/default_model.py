"""Which artifact is used when nobody names one: what a person chose, the best published student, or a run's last one."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runtime.engines.opening import engine_installed
from runtime.values.environment import home_folder, model_setting, packaged_folder
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.manifest import read_manifest

DEFAULT_FILE = "default.json"
# In the folder of a published student, once its artifacts are whole: their folders' names, and its `rank`.
STUDENT_FILE = "student.json"
_GETTING = "`edgethought model get flagship`, `edgethought quickstart`, or --model FOLDER"
_ADVICE = f"expected: {_GETTING}"


def students_folder() -> Path:
    """Where published students are kept, a folder each."""
    return home_folder() / "students"


def student_artifacts() -> list[Path]:
    """The artifacts of the published students that are here, the best student first; an unfinished one is passed by.

    A student's own come in order of preference. One that was got goes before the same one of the package.
    """
    places = (students_folder(), packaged_folder())
    files = [file for place in places for file in sorted(place.glob(f"*/{STUDENT_FILE}"))]
    found = sorted(filter(None, map(_student, files)), key=lambda student: -student[0])
    return [folder for _, folders in found for folder in folders]


def _student(file: Path) -> tuple[float, list[Path]] | None:
    """What a student is worth beside others, and its artifacts; None for an unfinished one."""
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        rank, folders = float(row["rank"]), [file.parent / str(name) for name in row["artifacts"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    there = [folder for folder in folders if folder.is_dir()]
    return (rank, there) if there else None


def set_default(artifacts: Sequence[Path], *, chosen: bool = False) -> None:
    """Keep these folders, in order of preference, for when nobody names an artifact.

    Those that a person has `chosen` go before published students, others after them. Raises InputError when one of them
    is no artifact.
    """
    folders = [folder.expanduser().resolve() for folder in artifacts]
    for folder in folders:
        read_manifest(folder)
    row = {"artifacts": [str(folder) for folder in folders], "chosen": chosen}
    write_json(home_folder() / DEFAULT_FILE, row)


def default_artifacts() -> list[Path]:
    """What `set_default` kept, in order of preference, empty when nothing was; InputError when damaged."""
    return _kept()[0]


def _kept() -> tuple[list[Path], bool]:
    """What `set_default` kept, and whether a person chose it."""
    file = home_folder() / DEFAULT_FILE
    try:
        row: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        folders, chosen = row["artifacts"], bool(row.get("chosen"))
    except (FileNotFoundError, NotADirectoryError):
        return [], False
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}); expected: a list of folders; delete it, then {_GETTING}"
        ) from error
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise InputError(
            f"{file} names no list of folders; expected: a list of folders; delete it, then {_GETTING}"
        )
    return [Path(folder) for folder in folders], chosen


def candidates() -> list[Path]:
    """Every artifact that may be the default, in order of preference."""
    kept, chosen = _kept()
    return [*kept, *student_artifacts()] if chosen else [*student_artifacts(), *kept]


def runnable(folders: Sequence[Path]) -> Iterator[Path]:
    """Those of these artifacts whose engine is installed."""
    return (
        folder for folder in folders if folder.is_dir() and engine_installed(read_manifest(folder).format)
    )


def named_artifact(name: Path) -> Path:
    """The folder of an artifact that a person names: its path, else the name of a published student that is here."""
    folder = name.expanduser()
    if folder.exists() or len(folder.parts) != 1:
        return folder
    for place in (students_folder(), packaged_folder()):
        if student := _student(place / name / STUDENT_FILE):
            return next(runnable(student[1]), student[1][0])
    return folder


def artifact_folder(model: Path | None = None) -> Path:
    """The artifact to load: the one named, else `EDGETHOUGHT_MODEL`, else the default that can run here.

    A published student goes by its name. Raises InputError when there is none, saying what to do.
    """
    named = model or model_setting()
    if named is not None:
        return named_artifact(named)
    artifacts = candidates()
    for folder in runnable(artifacts):
        return folder
    if artifacts:
        raise InputError(f"no default model can run here (tried {', '.join(map(str, artifacts))}); {_ADVICE}")
    raise InputError(f"there is no model yet; {_ADVICE}")
