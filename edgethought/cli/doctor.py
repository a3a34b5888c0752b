"""Doctor: what this machine has, what is missing, and the command that mends it."""

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from edgethought.cli.terminal import bold, dim, printable
from edgethought.stages.bundle.requirements import BASE, Wanted, conflicts, installed_version, wanted_packages
from edgethought.stages.recipe import read_recipe
from runtime.engines.llama.build import REBUILD, check_installed_build
from runtime.values.environment import data_folder, home_folder
from runtime.values.errors import EdgethoughtError

State = Literal["ok", "missing", "wrong"]
OLDEST_PYTHON = (3, 11)
# Loading a model, its cache and the solver's workers; measured 250 MB for 135M parameters in four bits.
MIN_MEMORY_BYTES = 512 * 2**20
MIN_DISK_BYTES = 2**30
# The quickstart's training: tokens, floating-point operations a token (LoRA on SmolLM2-135M), the share of the rate of
# products that training reaches; and the seconds of all its other stages. Measured, see docs/any_cpu.md.
QUICKSTART_TOKENS = 66_749
OPERATIONS = 0.5e9
TRAINING_SHARE = 0.65
OTHER_STAGES_S = 220.0
_INSTALL = {BASE: "pip install edgethought"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `mend` is the command that puts it right; `needed` things fail the whole visit."""

    name: str
    state: State
    detail: str
    mend: str = ""
    needed: bool = False


def judged(name: str, right: bool, detail: str, mend: str, *, needed: bool = False) -> Check:
    """A check that is right, or wrong and mended by a command."""
    return Check(name, "ok" if right else "wrong", detail, "" if right else mend, needed)


def doctor_command(*, as_json: bool = False) -> int:
    """Look at this machine and print what was found; 1 when something the base install needs is not right."""
    checks = list(examine())
    healthy = not any(check.needed and check.state != "ok" for check in checks)
    if as_json:
        print(json.dumps({"healthy": healthy, "checks": [asdict(check) for check in checks]}))
    else:
        print(describe(checks))
    return 0 if healthy else 1


def describe(checks: list[Check]) -> str:
    """The findings as a table for people, each with the command that mends it on the line below."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        state = dim(f"{check.state:8}") if check.state == "ok" else bold(f"{check.state:8}")
        lines.append(state + printable(f"{check.name:{width}}  {check.detail}"))
        if check.mend:
            lines.append(f"{'':8}{'':{width}}  → {printable(check.mend)}")
    return "\n".join(lines)


def examine() -> Iterator[Check]:
    """Every check, from the machine to the models."""
    yield check_python()
    yield from check_machine()
    packages = wanted_packages()
    groups = [
        BASE,
        *(group for group in dict.fromkeys(p.group for p in packages) if group not in (BASE, "all")),
    ]
    for group in groups:
        yield check_packages(group, [package for package in packages if package.group == group])
    yield check_versions(packages)
    yield check_training()
    yield check_compiler()
    yield check_llama_build()
    yield check_sandbox()
    yield check_base_weights()
    yield check_data()
    yield check_default_model()


def check_python() -> Check:
    """Whether this Python is new enough."""
    right = sys.version_info[:2] >= OLDEST_PYTHON
    detail = f"{platform.python_version()} ({sys.executable})"
    mend = f"install Python {'.'.join(map(str, OLDEST_PYTHON))}+"
    return judged("Python", right, detail, mend, needed=True)


def check_machine() -> Iterator[Check]:
    """Processor, memory, and room in the home folder."""
    from benchmarks.scoring.machine import describe_machine
    from runtime.values.cores import physical_cores
    from runtime.values.processor import processor_features

    machine = describe_machine()
    features = ", ".join(processor_features()) or "its instruction sets are not told"
    cores = f"{physical_cores()} physical cores usable"
    yield Check("processor", "ok", f"{machine.cpu}, {cores}, {machine.system}; {features}")
    memory, least = machine.memory_bytes, MIN_MEMORY_BYTES
    enough = memory == 0 or memory >= least
    detail = f"{memory / 2**30:.1f} GiB" if memory else "unknown"
    yield judged("memory", enough, detail, f"solving needs {least // 2**20} MiB")
    yield _check_disk()


def _check_disk() -> Check:
    home = home_folder()
    folder = next(parent for parent in (home, *home.parents) if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        mend = "export EDGETHOUGHT_HOME=/a/folder/that/can/be/written"
        return Check("home folder", "wrong", f"{home} cannot be written ({folder})", mend)
    free = shutil.disk_usage(folder).free
    detail = f"{home}, {free / 2**30:.1f} GiB free"
    return judged("home folder", free >= MIN_DISK_BYTES, detail, "export EDGETHOUGHT_HOME=/a/larger/disk")


def check_packages(group: str, packages: list[Wanted]) -> Check:
    """Whether a group's packages are installed in versions that fit."""
    name = "base packages" if group == BASE else f"[{group}] packages"
    install = _INSTALL.get(group, f"pip install 'edgethought[{group}]'")
    missing = [package for package in packages if package.installed is None]
    wrong = [package for package in packages if package.installed is not None and not package.fits]
    if missing or wrong:
        absent = ", ".join(package.name for package in missing)
        unfit = ", ".join(f"{p.name} {p.installed} (expected: {p.requirement.specifier})" for p in wrong)
        detail = "; ".join(filter(None, [absent and f"not installed: {absent}", unfit]))
        return Check(name, "missing" if missing else "wrong", detail, install, group == BASE)
    versions = ", ".join(f"{package.name} {package.installed}" for package in packages)
    return Check(name, "ok", versions, "", group == BASE)


def check_versions(packages: list[Wanted]) -> Check:
    """Whether the installed packages agree with each other."""
    broken = "; ".join(conflicts(sorted({package.name for package in packages})))
    detail = broken or "the installed packages fit together"
    return judged("versions", not broken, detail, "pip install 'edgethought[all]'")


def check_training() -> Check:
    """The type that training would compute in, the rates behind it, and how long the quickstart takes with them.

    Measured in a process of its own: PyTorch takes seconds to load.
    """
    if installed_version("torch") is None:
        return Check("training", "missing", "PyTorch is not installed", "pip install 'edgethought[build]'")
    done = subprocess.run(
        [sys.executable, "-m", "distill.training.calibration"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1][:160]
        return Check(
            "training", "wrong", f"PyTorch does not run: {reason}", "pip install 'edgethought[build]'"
        )
    row = json.loads(done.stdout.splitlines()[-1])
    rates = ", ".join(f"{name} {rate:.0f}" for name, rate in row["gflops"].items())
    minutes = quickstart_s(row["gflops"][row["compute"]]) / 60
    detail = f"on the CPU in {row['compute']} (products, GFLOP/s: {rates})"
    detail += f"; the quickstart takes about {minutes:.0f} minutes"
    return Check("training", "ok", detail)


def quickstart_s(gflops: float) -> float:
    """Seconds of the quickstart where products reach this rate; its training is cut to its time budget."""
    training = QUICKSTART_TOKENS * OPERATIONS / (gflops * 1e9 * TRAINING_SHARE)
    return min(training, read_recipe("quickstart").train.time_budget_s) + OTHER_STAGES_S


def check_llama_build() -> Check:
    """Whether the installed llama.cpp was compiled for instructions that this processor has."""
    if importlib.util.find_spec("llama_cpp") is None:
        return Check("llama.cpp", "missing", "GGUF artifacts need it", "pip install 'edgethought[gguf]'")
    try:
        check_installed_build()
    except EdgethoughtError as error:
        return Check("llama.cpp", "wrong", str(error), REBUILD)
    return Check("llama.cpp", "ok", "compiled for instructions that this processor has")


def check_compiler() -> Check:
    """A C++ compiler: llama-cpp-python comes as source."""
    found = next((path for name in ("c++", "g++", "clang++") if (path := shutil.which(name))), None)
    if found:
        return Check("C++ compiler", "ok", found)
    if importlib.util.find_spec("llama_cpp"):
        return Check("C++ compiler", "ok", "none, and none needed: llama-cpp-python is installed")
    return Check("C++ compiler", "missing", "GGUF artifacts need it once", "sudo apt-get install g++")


def check_sandbox() -> Check:
    """Which isolation the solver's worker really reaches here, from a thought solved in it."""
    from runtime.solver.solver import Solver

    try:
        with Solver(workers=1) as solver:
            outcome = solver.solve("eot", "ans = 6 * 7")
    except EdgethoughtError as error:
        return Check("solver", "wrong", str(error), "", True)
    if not outcome.solved:
        return Check("solver", "wrong", f"{outcome.status}: {outcome.reason}", "", True)
    return Check("solver", "ok", f"isolation: {outcome.isolation}", "", True)


def check_base_weights() -> Check:
    """The base model that students start from."""
    from export.bases.base import DEFAULT_BASE
    from export.bases.fetch import files_here
    from export.bases.table import known_bases

    here = {name: files_here(name, base) for name, base in known_bases().items()}
    if found := [f"{name}: {folder}" for name, folder in here.items() if folder]:
        return Check("base weights", "ok", "; ".join(found))
    mend = f"edgethought base get {DEFAULT_BASE}"
    return Check("base weights", "missing", f"{DEFAULT_BASE}; training needs one", mend)


def check_data() -> Check:
    """The folder of public data sets."""
    mend = "export EDGETHOUGHT_DATA=/path/to/data"
    folder = data_folder()
    if folder is None:
        return Check("data folder", "missing", "EDGETHOUGHT_DATA is not set; quickstart needs none", mend)
    if not folder.is_dir():
        return Check("data folder", "wrong", f"EDGETHOUGHT_DATA is {folder}, which is no folder", mend)
    count = sum(1 for path in folder.iterdir() if path.name.endswith((".jsonl", ".jsonl.gz")))
    return Check("data folder", "ok", f"{folder}, {count} problem files")


def check_default_model() -> Check:
    """The artifact that `solve` uses when nobody names one."""
    from runtime.answering.default_model import artifact_folder
    from runtime.values.manifest import read_manifest

    try:
        folder = artifact_folder()
        manifest = read_manifest(folder)
    except EdgethoughtError as error:
        return Check("default model", "missing", str(error), "edgethought quickstart")
    size = f"{manifest.bytes / 1e6:.0f} MB"
    return Check(
        "default model",
        "ok",
        f"{manifest.name} ({manifest.format} {manifest.quantization}, {size}): {folder}",
    )
