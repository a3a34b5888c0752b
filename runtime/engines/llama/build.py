"""Whether the installed llama.cpp can run on this processor, found out before its library is loaded.

llama-cpp-python compiles for the CPU that it is built on. Moved to an older one (an image, a disk, a shared folder), its
first matrix product would end the process with a signal, and no line would say why. Which instructions a build uses is
asked in a process of its own, once a build, and kept.
"""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.processor import processor_flags

KNOWN_FILE = "llama_cpp_build.json"
# What the library says it was compiled with, by its own names, and Linux's flag for each.
INSTRUCTIONS = {
    "avx": "avx",
    "avx2": "avx2",
    "fma": "fma",
    "f16c": "f16c",
    "bmi2": "bmi2",
    "avx_vnni": "avx_vnni",
    "avx512": "avx512f",
    "avx512_vbmi": "avx512vbmi",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "amx_int8": "amx_int8",
    "neon": "asimd",
    "fp16_va": "asimdhp",
    "dotprod": "asimddp",
    "matmul_int8": "i8mm",
    "sve": "sve",
    "sme": "sme",
}
_ASK = (
    "import ctypes, sys; library = ctypes.CDLL(sys.argv[1]); "
    "print(*(n for n in sys.argv[2:] if getattr(library, 'ggml_cpu_has_' + n, int)()))"
)
REBUILD = "pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python"


def check_build(library: Path, flags: Collection[str]) -> list[str]:
    """Which of `INSTRUCTIONS` a build of `libggml-cpu` uses; InputError when a processor with these `flags` lacks some.

    Without flags (systems that do not tell) nothing is known, and nothing refused.
    """
    if not flags:
        return []
    uses = _known(library)
    if uses is None:
        uses = _asked(library)
        _keep(library, uses)
    missing = [name for name in uses if INSTRUCTIONS.get(name) not in flags]
    if missing:
        raise InputError(
            f"llama-cpp-python was compiled for a CPU with {', '.join(missing)}, which this one lacks; expected: a build "
            f"made here ({REBUILD}), or an ONNX artifact"
        )
    return uses


def _asked(library: Path) -> list[str]:
    """The instructions that a build says it uses, from a process that may die of them."""
    command = [sys.executable, "-I", "-S", "-c", _ASK, str(library), *INSTRUCTIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0:
        raise InputError(
            f"llama-cpp-python cannot run on this CPU (signal {-done.returncode} as it loaded); expected: a build made "
            f"here ({REBUILD}), or an ONNX artifact"
        )
    # A library that does not load at all says why when it is loaded in earnest.
    return done.stdout.split() if done.returncode == 0 else []


def _stamp(library: Path) -> dict[str, object]:
    state = library.stat()
    return {"library": str(library), "bytes": state.st_size, "modified_ns": state.st_mtime_ns}


def _known(library: Path) -> list[str] | None:
    try:
        row = json.loads((home_folder() / KNOWN_FILE).read_text(encoding="utf-8"))
        uses = row.pop("uses")
        known = isinstance(uses, list) and all(name in INSTRUCTIONS for name in uses)
        return uses if known and row == _stamp(library) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(library: Path, uses: list[str]) -> None:
    try:
        write_json(home_folder() / KNOWN_FILE, {**_stamp(library), "uses": uses})
    except OSError:
        # A home that cannot be written costs a few milliseconds at the next start.
        return


def _libraries() -> Iterator[Path]:
    spec = importlib.util.find_spec("llama_cpp")
    for place in (spec.submodule_search_locations if spec else None) or ():
        yield from Path(place, "lib").glob("libggml-cpu.*")


def check_installed_build() -> list[str]:
    """`check_build` of the installed llama-cpp-python on this processor; nothing where it has no library of its own."""
    library = next(_libraries(), None)
    return check_build(library, processor_flags()) if library else []
