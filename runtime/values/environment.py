"""Environment variables, read here and nowhere else, and the folders that they or the installation name."""

import os
from pathlib import Path

_PACKAGED = Path(__file__).parents[1] / "packaged"


def data_folder() -> Path | None:
    """The folder of public data sets (`EDGETHOUGHT_DATA`), or None when it is not set."""
    value = os.environ.get("EDGETHOUGHT_DATA", "")
    return Path(value).expanduser() if value else None


def home_folder() -> Path:
    """Where edgethought keeps what outlives a run (`EDGETHOUGHT_HOME`, default `~/.edgethought`)."""
    return Path(os.environ.get("EDGETHOUGHT_HOME") or "~/.edgethought").expanduser()


def packaged_folder() -> Path:
    """Students inside the package, in folders like those at home; nothing is ever written to it."""
    return _PACKAGED


def model_setting() -> Path | None:
    """The artifact that `solve` uses (`EDGETHOUGHT_MODEL`), or None when it is not set."""
    value = os.environ.get("EDGETHOUGHT_MODEL", "")
    return Path(value).expanduser() if value else None


def students_setting() -> Path | None:
    """The folder with published students' adapters (`EDGETHOUGHT_STUDENTS`), or None when it is not set."""
    value = os.environ.get("EDGETHOUGHT_STUDENTS", "")
    return Path(value).expanduser() if value else None


def secret(variable: str) -> str | None:
    """A secret, such as an endpoint's key, from the variable that the user names; None when it is not set."""
    return os.environ.get(variable) or None
