"""Fixtures that more than one part's tests use: real artifacts, a warm solver, and a home that is not the user's."""

import fcntl
import gc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from runtime.solver.solver import Solver
from tests.artifacts import build_gguf, build_onnx, cached_artifact

# Tests run on every core at once, and sums this small are only slower on two: torch and what the tests start use one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background job ignores Ctrl-C, and so would every command that the tests start and stop by it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Compiled files are kept, whatever the environment says: without them each process of the tests compiles the project
# anew and rewrites the asserts of every test, which takes longer than half of the tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Whole folders of tests that need torch, but for these files; elsewhere a fixture says so, or the test itself.
TORCH_FOLDERS = ("distill/recipes", "distill/training", "export")
NEED_NO_TORCH = (
    "distill/recipes/test_sampling.py",
    "distill/training/checkpoints/test_selection.py",
    "distill/training/distributed/test_processes.py",
    "distill/training/report/test_run_comparison.py",
    "distill/training/test_mixture.py",
    "export/test_contract_in_artifacts.py",
    "export/trim/test_vocabulary.py",
)
IMPORTED_TORCH: list[str] = []
FIXTURE_MARKERS = {
    "gguf_artifact": ("artifact",),
    "onnx_artifact": ("artifact", "torch"),  # the first run makes it with torch
    "t5_artifacts": ("torch",),
    "base": ("torch",),
    "killed_run": ("torch",),
    "recipe": ("torch",),
}


@cache
def needs_torch(path: Path) -> bool:
    """Whether every test of this file needs torch."""
    place = path.relative_to(Path(__file__).parent).as_posix()
    return place not in NEED_NO_TORCH and place.startswith(tuple(f"{folder}/" for folder in TORCH_FOLDERS))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import what needs torch where nobody wants it, or where it is not installed."""
    if not collection_path.name.startswith("test_") or not needs_torch(collection_path):
        return None
    unwanted = "not torch" in config.option.markexpr or importlib.util.find_spec("torch") is None
    return True if unwanted else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs torch or real artifacts; leave slow tests out unless `-m` names them."""
    for item in items:
        wanted = {"torch"} if needs_torch(item.path) else set()
        for name in getattr(item, "fixturenames", ()):
            wanted.update(FIXTURE_MARKERS.get(name, ()))
        for marker in sorted(wanted):
            item.add_marker(marker)
    if "slow" not in config.option.markexpr:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("slow")])
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_collection_finish() -> None:
    """What was collected is no garbage: looking for some among it again and again takes a tenth of the tests' time."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_sessionfinish() -> None:
    """Garbage is collected once, so that what fails on its way out is told; pytest looks through the rest five times."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """With `-m "not torch"` the first test that imports it all the same fails."""
    if "not torch" in item.config.option.markexpr and "torch" in sys.modules and not IMPORTED_TORCH:
        IMPORTED_TORCH.append(item.nodeid)
        pytest.fail("it imports torch: give it that mark")


@pytest.fixture(scope="session")
def gguf_artifact() -> Path:
    """The base as a q4_0 GGUF artifact (a second to build, then cached)."""
    return cached_artifact("base-q4_0", "llama_cpp", build_gguf)


@pytest.fixture(scope="session")
def onnx_artifact() -> Path:
    """The base as an int4 ONNX artifact (half a minute to build, then cached)."""
    return cached_artifact("base-int4", "onnxruntime_genai", build_onnx)


@pytest.fixture(scope="session")
def t5_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random T5 as `checkpoint`, and its artifacts `onnx-fp32` and `onnx-int8` past the gate.

    One for all processes of the tests.
    """
    if importlib.util.find_spec("torch") is None:
        pytest.skip("building ONNX needs pip install 'edgethought[build]'")
    from export.building.build import export_checkpoint
    from export.targets import parse_targets
    from tests.tiny_seq2seq import one_thread, tiny_t5

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "t5"
    with (shared / "t5.lock").open("w") as lock, one_thread():
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process of the tests may be building it: wait for that one
        if not (folder / "checkpoint").is_dir():
            tiny_t5(folder / "checkpoint")
        export_checkpoint(folder / "checkpoint", parse_targets("onnx:fp32,onnx:int8"), folder)
    return folder


@pytest.fixture(scope="module", autouse=True)
def engines_take_one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where nobody says how many: as many tests run at once as there are cores. The runtime's own tests take all."""
    with pytest.MonkeyPatch.context() as patched:
        if not request.path.is_relative_to(Path(__file__).parent / "runtime"):
            patched.setattr("runtime.engines.opening.physical_cores", lambda: 1)
        yield


@pytest.fixture(scope="session")
def solver() -> Iterator[Solver]:
    """A solver with one worker, warm for all tests: its worker with sympy takes two seconds to start."""
    with Solver(workers=1) as warm:
        warm._pools["sympy"].spares = 0  # a second one would be started as soon as the first is asked
        yield warm


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty `EDGETHOUGHT_HOME`, no student in the package and no default model."""
    folder = tmp_path / "home"
    monkeypatch.setattr("runtime.values.environment._PACKAGED", tmp_path / "packaged")
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(folder))
    monkeypatch.delenv("EDGETHOUGHT_MODEL", raising=False)
    yield folder
