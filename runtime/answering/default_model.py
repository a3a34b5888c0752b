"""Which artifact `solve` uses when nobody names one: what was exported or tuned last for this machine."""

import json
from collections.abc import Sequence
from pathlib import Path

from runtime.engines.opening import engine_installed
from runtime.values.environment import home_folder, model_setting
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.manifest import read_manifest

DEFAULT_FILE = "default.json"
_ADVICE = "run `edgethought quickstart`, or pass --model FOLDER"


def set_default(artifacts: Sequence[Path]) -> None:
    """Make `solve` use the first of these folders whose engine is installed, in order of preference.

    Raises InputError when one of them is no artifact.
    """
    folders = [folder.expanduser().resolve() for folder in artifacts]
    for folder in folders:
        read_manifest(folder)
    write_json(home_folder() / DEFAULT_FILE, {"artifacts": [str(folder) for folder in folders]})


def default_artifacts() -> list[Path]:
    """The default artifacts in order of preference, empty when none were set; InputError when damaged."""
    file = home_folder() / DEFAULT_FILE
    try:
        folders = json.loads(file.read_text(encoding="utf-8"))["artifacts"]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is damaged ({type(error).__name__}); delete it, then {_ADVICE}") from error
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise InputError(f"{file} names no list of folders; delete it, then {_ADVICE}")
    return [Path(folder) for folder in folders]


def artifact_folder(model: Path | None = None) -> Path:
    """The artifact to load: the one named, else `EDGETHOUGHT_MODEL`, else the default that can run here.

    Raises InputError when there is none, saying what to do.
    """
    named = model or model_setting()
    if named is not None:
        return named.expanduser()
    artifacts = default_artifacts()
    for folder in artifacts:
        if folder.is_dir() and engine_installed(read_manifest(folder).format):
            return folder
    if artifacts:
        raise InputError(f"no default model can run here (tried {', '.join(map(str, artifacts))}); {_ADVICE}")
    raise InputError(f"there is no model yet; {_ADVICE}")
