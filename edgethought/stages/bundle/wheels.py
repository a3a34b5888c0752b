"""Wheels for another machine: this project's own, made of what is installed, and what it needs, downloaded by pip."""

import base64
import hashlib
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from edgethought.stages.bundle.requirements import BASE, PROJECT, wanted_packages
from export.bases.parts import PIP_DOWNLOAD
from runtime.values.errors import InputError, MissingExtra
from runtime.values.manifest import ModelFormat

PLATFORMS = ("x86_64", "aarch64")
# Oldest first; pip takes a wheel of any of these.
_MANYLINUX = ("manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28")
_PACKAGES = ("edgethought", "distill", "export", "runtime", "benchmarks")
_ROOT = Path(__file__).parents[3]
# A zip holds times from 1980 on; the same sources give the same wheel.
_TIME = (1980, 1, 1, 0, 0, 0)
# What each format needs beside the base install, and which of these a platform may have no wheel of.
EXTRAS: dict[ModelFormat, str] = {"gguf": "gguf"}
COMPILED = ("llama-cpp-python",)


def requirements(format: ModelFormat) -> list[str]:
    """What runs an artifact of this format, as pip is asked for it; this project itself is not among it."""
    groups = (BASE, EXTRAS.get(format, BASE))
    return [f"{one.name}{one.requirement.specifier}" for one in wanted_packages() if one.group in groups]


def download_wheels(wanted: Sequence[str], platform: str, python: str, folder: Path) -> list[str]:
    """Put wheels of these requirements and all that they need into `folder`; gives the names that have to be compiled.

    pip downloads as the user has configured it. Raises InputError, with pip's own reason, when a wheel is not to be had.
    """
    compiled = [one for one in wanted if one.startswith(COMPILED)]
    others = [one for one in wanted if one not in compiled]
    if reason := _download(others, platform, python, folder):
        raise InputError(
            f"wheels for {platform}, Python {python} could not be downloaded ({reason}); expected: a package index "
            "with wheels for it"
        )
    return [
        next(name for name in COMPILED if one.startswith(name))
        for one in compiled
        if _download([one], platform, python, folder)
    ]


def _download(wanted: Sequence[str], platform: str, python: str, folder: Path) -> str:
    """Run pip; gives why it failed, empty when it did not."""
    command = [*PIP_DOWNLOAD, "--implementation", "cp", "--python-version", python]
    for kind in _MANYLINUX:
        command += ["--platform", f"{kind}_{platform}"]
    done = subprocess.run(
        [*command, "--dest", str(folder), *wanted], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return (lines or ["pip said nothing"])[-1].removeprefix("ERROR:").strip()[:200]


def write_own_wheel(folder: Path) -> Path:
    """Write this project's wheel of the code that runs now, from a checkout or an installation alike."""
    try:
        project = metadata.distribution(PROJECT)
    except metadata.PackageNotFoundError as error:
        raise MissingExtra(f"{PROJECT} is not installed: pip install .") from error
    info = f"{PROJECT}-{project.version}.dist-info"
    texts = {
        "METADATA": project.read_text("METADATA") or project.read_text("PKG-INFO") or "",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: edgethought\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": project.read_text("entry_points.txt") or "",
    }
    files = dict(_sources()) | {f"{info}/{name}": text.encode() for name, text in texts.items()}
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = folder / f"{PROJECT}-{project.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data, zipfile.ZIP_DEFLATED)
    return wheel


def _sources() -> Iterator[tuple[str, bytes]]:
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(_ROOT).as_posix(), path.read_bytes()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
