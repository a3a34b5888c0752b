"""What this project's own metadata asks for, and whether what is installed fits it. Imports none of it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = "edgethought"
BASE = "base"
_PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One required package and the extra it belongs to (`base` for none)."""

    group: str
    requirement: Requirement

    @property
    def name(self) -> str:
        """The package's name."""
        return self.requirement.name

    @property
    def installed(self) -> str | None:
        """The version that is installed, or None."""
        return installed_version(self.name)

    @property
    def fits(self) -> bool:
        """Whether a version is installed and allowed."""
        version = self.installed
        return version is not None and allows(self.requirement, version)


def allows(requirement: Requirement, version: str) -> bool:
    """Whether a requirement is met by this version; one before its release counts too."""
    return requirement.specifier.contains(version, prereleases=True)


def installed_version(name: str) -> str | None:
    """The installed version of a distribution, or None; nothing is imported."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def wanted_packages() -> list[Wanted]:
    """Every package that the base install and its extras ask for, from the installed metadata or the checkout."""
    return [wanted for wanted in _declared() if wanted.name != PROJECT]


def _declared() -> Iterator[Wanted]:
    if _PYPROJECT.is_file():
        project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]
        for group, texts in {BASE: project["dependencies"], **project["optional-dependencies"]}.items():
            yield from (Wanted(group, Requirement(text)) for text in texts)
        return
    extras = metadata.metadata(PROJECT).get_all("Provides-Extra") or []
    for requirement in map(Requirement, metadata.requires(PROJECT) or []):
        groups = [extra for extra in ("", *extras) if _applies(requirement, extra)]
        if groups:
            yield Wanted(groups[0] or BASE, requirement)


def _applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def conflicts(names: list[str]) -> list[str]:
    """One sentence for each requirement of the named installed packages that another installed one breaks."""
    version_of = cache(installed_version)  # each is asked for by many, and read from a file
    found = []
    for name in names:
        if version_of(name) is None:
            continue
        for requirement in filter(_applies, map(Requirement, metadata.requires(name) or [])):
            version = version_of(requirement.name)
            if version and not allows(requirement, version):
                needs = f"{requirement.name}{requirement.specifier}"
                found.append(f"{name} {version_of(name)} needs {needs}, but {version} is installed")
    return found
