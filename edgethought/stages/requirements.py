"""What this project's own metadata asks for, and whether what is installed fits it. Imports none of it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PROJECT = "edgethought"
BASE = "base"
_PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One required package: the extra it belongs to (`base` for none) and the versions allowed."""

    group: str
    name: str
    versions: str

    @property
    def installed(self) -> str | None:
        """The version that is installed, or None."""
        return installed_version(self.name)

    @property
    def fits(self) -> bool:
        """Whether a version is installed and allowed."""
        version = self.installed
        return version is not None and version_allowed(version, self.versions)


def installed_version(name: str) -> str | None:
    """The installed version of a distribution, or None; nothing is imported."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def version_allowed(version: str, versions: str) -> bool:
    """Whether a version is in a set such as `>=4.57,<4.58`; without the `packaging` library, always."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True
    return SpecifierSet(versions).contains(version, prereleases=True)


def wanted_packages() -> list[Wanted]:
    """Every package that the base install and its extras ask for, from the installed metadata or the checkout."""
    return [_parse(group, text) for group, text in _declared() if not text.startswith(PROJECT)]


def _declared() -> Iterator[tuple[str, str]]:
    if _PYPROJECT.is_file():
        project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]
        yield from ((BASE, text) for text in project["dependencies"])
        for group, texts in project["optional-dependencies"].items():
            yield from ((group, text) for text in texts)
        return
    for text in metadata.requires(PROJECT) or []:
        requirement, _, marker = text.partition(";")
        extra = _EXTRA.search(marker)
        yield extra[1] if extra else BASE, requirement.strip()


def _parse(group: str, text: str) -> Wanted:
    name = _NAME.match(text)
    assert name is not None, text
    return Wanted(group, name[0], text[name.end() :].partition("]")[2] or text[name.end() :].strip())


def conflicts(names: list[str]) -> list[str]:
    """One sentence for each requirement of the named installed packages that another installed one breaks."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return []
    found = []
    for name in names:
        if installed_version(name) is None:
            continue
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            here = installed_version(requirement.name)
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if applies and here and not requirement.specifier.contains(here, prereleases=True):
                needs = f"{requirement.name}{requirement.specifier}"
                found.append(f"{name} {installed_version(name)} needs {needs}, but {here} is installed")
    return found
