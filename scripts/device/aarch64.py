"""An aarch64 Python with this project in it, in one folder of a Debian machine: nothing is installed, no root is needed.

Packages of the machine's own Debian release are unpacked, never configured; pip resolves and downloads aarch64 wheels.
qemu-user looks for files below `root` first. Each part is there whole or not at all: the same call goes on after a kill.
"""

import os
import shlex
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edgethought.stages.bundle.wheels import download_wheels, requirements, write_own_wheel
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import whole_folder

QEMU = "qemu-aarch64-static"
TOOLS = ("apt-get", "dpkg", "dpkg-deb")
# Where Debian names its mirrors, by age of the installation.
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
# onnxruntime's wheel links to the second.
PACKAGES = ("python3", "libstdc++6")
# onnxruntime asks for the processor's type at its import and dies of an x86 answer: this is a Raspberry Pi 4's.
_PROCESSOR = """processor\t: {number}
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

"""
_APT = """APT::Architecture "arm64";
APT::Architectures {{ "arm64"; "{here}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{sources}";
Dir::Etc::sourceparts "-";
"""


@dataclass(frozen=True, slots=True)
class Aarch64:
    """What was made: the Python to start and the folder that all of it lies in."""

    python: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this machine's own but the way to its programs."""
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "EDGETHOUGHT_HOME": str(self.folder / "home")}


def missing() -> list[str]:
    """What this machine lacks; empty when everything can be made."""
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    return tools or ([] if _sources() else [" or ".join(map(str, SOURCES))])


def _sources() -> Path | None:
    return next((file for file in SOURCES if file.is_file()), None)


def make_aarch64(folder: Path) -> Aarch64:
    """Make what is not in `folder` yet, but for the project's own wheel, which is written and unpacked anew.

    Raises InputError where a tool or a wheel is missing, WorkFailed where apt, dpkg or pip fails.
    """
    if lacks := missing():
        raise InputError(f"{', '.join(lacks)} not found; expected: a Debian machine")
    root, qemu, wheels = folder / "root", folder / "qemu", folder / "wheels"
    if not root.is_dir():
        with whole_folder(root) as partial:
            _unpack_python(folder / "apt", partial)
    if not qemu.is_dir():
        with whole_folder(qemu) as partial:
            _get_qemu(folder / "apt", partial)
    version = (root / "usr/bin/python3").readlink().name.removeprefix("python")
    if not wheels.is_dir():
        with whole_folder(wheels) as partial:
            partial.mkdir()
            download_wheels(requirements("onnx"), "aarch64", version, partial)
    return Aarch64(_install(folder, version), folder)


def _apt(folder: Path, *words: str, cwd: Path | None = None) -> None:
    """Run apt-get on lists, state and packages of its own, so that this machine's do not change."""
    for place in ("state/lists/partial", "cache/archives/partial"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    here = _run("dpkg", "--print-architecture").strip()
    config = folder / "apt.conf"
    config.write_text(_APT.format(here=here, folder=folder, sources=_sources()), encoding="utf-8")
    _run("apt-get", "--quiet", *words, environment={**os.environ, "APT_CONFIG": str(config)}, cwd=cwd)


def _unpack_python(apt: Path, root: Path) -> None:
    _apt(apt, "update")
    _apt(apt, "install", "--yes", "--download-only", *PACKAGES)
    root.mkdir()
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        _run("dpkg-deb", "--extract", str(package), str(root))
    (root / "proc").mkdir()
    processors = range(os.cpu_count() or 1)
    (root / "proc/cpuinfo").write_text("".join(_PROCESSOR.format(number=number) for number in processors))


def _get_qemu(apt: Path, folder: Path) -> None:
    folder.mkdir()
    if installed := shutil.which(QEMU):
        (folder / QEMU).symlink_to(installed)
        return
    _apt(apt, "update")
    here = _run("dpkg", "--print-architecture").strip()
    _apt(apt, "download", f"qemu-user-static:{here}", cwd=folder)
    package = next(folder.glob("*.deb"))
    _run("dpkg-deb", "--extract", str(package), str(folder))
    (folder / "usr/bin" / QEMU).rename(folder / QEMU)
    shutil.rmtree(folder / "usr")
    package.unlink()


def _install(folder: Path, version: str) -> Path:
    """A virtual environment whose Python is qemu with the unpacked one, so that a process may start another."""
    own, place, root = folder / "own", folder / "venv", folder / "root"
    for old in (own, place):
        shutil.rmtree(old, ignore_errors=True)
    own.mkdir()
    write_own_wheel(own)
    site = place / f"lib/python{version}/site-packages"
    for wheel in (*(folder / "wheels").glob("*.whl"), *own.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    python = place / "bin/python"
    python.parent.mkdir()
    emulated = shlex.join(["-L", str(root), str(root / f"usr/bin/python{version}")])
    start = f'exec {shlex.quote(str(folder / "qemu" / QEMU))} -0 "$0" {emulated} "$@"'
    python.write_text(f"#!/bin/sh\n{start}\n", encoding="utf-8")
    python.chmod(0o755)
    (place / "pyvenv.cfg").write_text(f"home = {root / 'usr/bin'}\n", encoding="utf-8")
    return python


def _run(*command: str, environment: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WorkFailed(f"{command[0]} failed: {last_line(done.stderr)}")
    return done.stdout


def last_line(text: str) -> str:
    """What a program said last."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
