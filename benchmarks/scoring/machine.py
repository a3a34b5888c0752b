"""The machine a figure was measured on, without which a latency is no figure, and the memory of this process."""

import os
import platform
import resource
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "edgethought",
    "onnxruntime",
    "onnxruntime-genai",
    "llama-cpp-python",
    "sympy",
    "torch",
    "transformers",
    "peft",
    "optimum-onnx",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, cores this process may use, memory in bytes, and the versions of what ran."""

    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    packages: dict[str, str]

    def to_row(self) -> dict[str, object]:
        """The machine as a JSON object."""
        return asdict(self)

    def sentence(self) -> str:
        """The machine in one line for people."""
        memory = f"{self.memory_bytes / 2**30:.0f} GiB" if self.memory_bytes else "unknown memory"
        cores = f"{self.cores} core{'s' * (self.cores != 1)}"
        return f"{self.cpu}, {cores}, {memory}, {self.system}, Python {self.python}"


def describe_machine() -> Machine:
    """Describe this machine."""
    return Machine(
        cpu=_cpu_name(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=_memory_bytes(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages={name: version for name in PACKAGES if (version := _version(name))},
    )


def peak_rss_bytes() -> int:
    """The largest resident memory of this process so far (Linux `VmHWM`, elsewhere `getrusage`)."""
    for line in _lines("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cpu_name() -> str:
    """The processor's name; ARM kernels give none, so a board's model stands in for it."""
    for path, key in (("/proc/cpuinfo", "model name"), ("/proc/cpuinfo", "Model")):
        for line in _lines(path):
            if line.startswith(key):
                return line.partition(":")[2].strip()
    board = _lines("/proc/device-tree/model")
    return board[0].strip("\0 ") if board else platform.processor() or platform.machine()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
