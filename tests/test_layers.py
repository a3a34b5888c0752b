"""Imports point only downwards: runtime < export < benchmarks < distill < edgethought, and row by row inside each."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["runtime", "export", "benchmarks", "distill", "edgethought"]
# Inside a package, from the ground up; what is in no row may import every row and be imported by all.
ROWS = {
    "runtime": ["values", "solver", "engines", "answering", "serve"],
    "benchmarks": ["annotations", "rewriting", "tasks", "devices", "scoring", "report", "interop"],
    "distill": ["teachers", "stories", "labeling", "training"],
    "edgethought": ["stages", "cli"],
}
MODULES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import on line {node.lineno}"
            assert node.module is not None
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_only_downwards(layer: str) -> None:
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    upwards = {
        str(path.relative_to(ROOT)): names
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == layer
        and (names := {name for name in imported_modules(path) if name.partition(".")[0] in above})
    }
    assert not upwards


@pytest.mark.parametrize(("package", "row"), [(package, row) for package in ROWS for row in ROWS[package]])
def test_a_row_imports_only_rows_below_it(package: str, row: str) -> None:
    rows = ROWS[package]
    above = {f"{package}.{name}" for name in rows[rows.index(row) + 1 :]}
    inside = [path for path in MODULES if path.relative_to(ROOT).parts[:2] == (package, row)]
    upwards = {
        str(path.relative_to(ROOT)): names
        for path in inside
        if (names := {name for name in imported_modules(path) if ".".join(name.split(".")[:2]) in above})
    }
    assert inside and not upwards


def test_no_folder_lists_more_than_sixteen_files() -> None:
    folders = {path.parent for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]}
    crowded = {
        str(folder.relative_to(ROOT)): len(list(folder.iterdir()))
        for folder in folders
        if sum(child.name != "__pycache__" for child in folder.iterdir()) > 16
    }
    assert not crowded


def top_level_imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in parsed(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    names = {module_name(path): path for path in MODULES}
    graph = {
        name: {other for other in top_level_imports(path) if other in names} for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name not in done:
            for other in graph[name] - {name}:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


HEAVY = [
    "torch",
    "transformers",
    "sympy",
    "onnxruntime",
    "onnxruntime_genai",
    "llama_cpp",
    "numpy",
    "pydantic",
    "jinja2",
    "httpx",
    "openai",
    "httpx2",
    "fastapi",
    "uvicorn",
]


@pytest.mark.parametrize(
    "statement",
    ["import runtime", "import runtime.solver.solver", "import edgethought", "import edgethought.cli.app"],
)
def test_start_up_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        == "[]\n"
    )
