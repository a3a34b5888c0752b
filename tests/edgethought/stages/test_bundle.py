"""A bundle holds all that another machine needs, and its self-test says whether the student answers there as here."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgethought.cli.model.bundle import bundle_command
from edgethought.stages.bundle.build import QUESTIONS, build_bundle
from edgethought.stages.bundle.wheels import COMPILED, requirements, write_own_wheel
from runtime.values.errors import InputError, WorkFailed

pytestmark = pytest.mark.torch
ROOT = Path(__file__).parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from export.building.build import export_checkpoint
    from export.targets import parse_targets
    from tests.tiny import tiny_checkpoint
    from tests.tiny_seq2seq import one_thread

    folder = tmp_path_factory.mktemp("bundle")
    with one_thread():
        export_checkpoint(tiny_checkpoint(folder / "base"), parse_targets("gguf:bf16"), folder)
    return folder / "gguf-bf16"


def stub(index: Path, requirement: str, tag: str = "py3-none-any") -> None:
    """A wheel of a required package that holds nothing, of a version that is high enough."""
    name = requirement.split(">")[0].split("<")[0].replace("-", "_")
    info = f"{name}-999.0.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 999.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(index / f"{name}-999.0-{tag}.whl", "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)


@pytest.fixture
def index(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index that is a folder; numpy has wheels by platform, llama-cpp-python has none."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    tag = f"cp{PYTHON.replace('.', '')}"
    for requirement in requirements("gguf"):
        if requirement.startswith("numpy"):
            for platform in ("manylinux_2_28_aarch64", "manylinux2014_x86_64"):
                stub(folder, requirement, f"{tag}-{tag}-{platform}")
        elif not requirement.startswith(COMPILED):
            stub(folder, requirement)
    yield folder


@pytest.mark.parametrize("platform", ["x86_64", "aarch64"])
def test_a_bundle_has_the_platforms_wheels_and_says_what_is_compiled(
    artifact: Path, index: Path, tmp_path: Path, platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle_command(str(artifact), tmp_path / "out.zip", platform=platform, python=PYTHON)
    out = capsys.readouterr().out
    assert "llama-cpp-python has no wheel for this platform: compile one there" in out
    assert out.endswith("python3 -m zipfile -e out.zip student\n  python3 student/self_test.py\n")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = set(archive.namelist())
        bundle = json.loads(archive.read("bundle.json"))
        readme = archive.read("README.txt").decode()
        vectors = archive.read("vectors.jsonl").decode().splitlines()
        license = archive.read("licenses/LICENSE").decode()
    assert {"artifact/model.gguf", "artifact/manifest.json", "self_test.py", "licenses/NOTICE"} <= names
    assert names == {*bundle["files"], "bundle.json"}
    assert [name for name in names if "numpy" in name and platform in name]
    assert not [name for name in names if "numpy" in name and platform not in name]
    assert bundle["to_compile"] == ["llama-cpp-python"]
    assert f"Python {PYTHON} on Linux {platform}" in readme
    assert len(vectors) == QUESTIONS
    assert "Apache License" in license


def test_a_wheel_of_llama_cpp_python_is_taken_where_there_is_one(
    artifact: Path, index: Path, tmp_path: Path
) -> None:
    stub(index, "llama-cpp-python>=0.3.16")
    bundle = build_bundle(artifact, tmp_path / "out.zip", platform="x86_64", python=PYTHON)
    assert bundle.to_compile == []
    assert bundle.bytes == (tmp_path / "out.zip").stat().st_size


def unpacked(bundle: Path, folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(bundle), str(folder)], check=True)
    return folder


def test_the_other_machine_installs_without_a_network_and_asks(
    artifact: Path, index: Path, tmp_path: Path
) -> None:
    stub(index, "llama-cpp-python>=0.3.16")
    build_bundle(artifact, tmp_path / "out.zip", platform="x86_64", python=PYTHON)
    folder = unpacked(tmp_path / "out.zip", tmp_path / "student")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    # Its packages are empty here, so it gets as far as asking; the questions are asked by this Python.
    done = subprocess.run(
        [sys.executable, "self_test.py"], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert "files are whole" in done.stdout, done.stderr
    version = [str(folder / "venv/bin/python"), "-c", "import edgethought; print(edgethought.__file__)"]
    found = subprocess.run(version, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(folder / "venv"))
    asked = [sys.executable, str(folder / "self_test.py"), "--ask"]
    env = {**clean, "PYTHONPATH": str(ROOT)}
    right = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
    assert right.returncode == 0, right.stdout + right.stderr
    assert f"{QUESTIONS} of {QUESTIONS} answers as expected: it works" in right.stdout
    rows = [json.loads(line) for line in (folder / "vectors.jsonl").read_text().splitlines()]
    changed = [{**row, "answer": "-1"} for row in rows]
    (folder / "vectors.jsonl").write_text("".join(json.dumps(row) + "\n" for row in changed))
    wrong = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "it does NOT work" in wrong.stdout


def test_a_damaged_bundle_names_the_file(artifact: Path, index: Path, tmp_path: Path) -> None:
    build_bundle(artifact, tmp_path / "out.zip", platform="x86_64", python=PYTHON)
    folder = unpacked(tmp_path / "out.zip", tmp_path / "student")
    (folder / "artifact/model.gguf").write_bytes(b"half")
    done = subprocess.run(
        [sys.executable, "self_test.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("damaged or missing: artifact/model.gguf; expected:")


def test_the_projects_wheel_is_the_same_each_time_and_has_its_data(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first, second = write_own_wheel(tmp_path), write_own_wheel(tmp_path / "again")
    assert first.read_bytes() == second.read_bytes()
    names = set(zipfile.ZipFile(first).namelist())
    assert {"runtime/engines/grammars/eot.lark", "export/bases/bases.yaml", "edgethought/py.typed"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_what_cannot_be_bundled_is_one_line(
    artifact: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.zip"
    with pytest.raises(InputError, match="platform 'riscv'; expected: x86_64, aarch64"):
        build_bundle(artifact, out, platform="riscv", python=PYTHON)
    with pytest.raises(InputError, match="is no artifact"):
        bundle_command(str(tmp_path), out, platform="x86_64", python=PYTHON)
    with pytest.raises(InputError, match=r"flagship is no artifact .*edgethought model get flagship"):
        bundle_command("flagship", out, platform="x86_64", python=PYTHON)
    next(index.glob("typer-*")).unlink()
    with pytest.raises(InputError, match=r"wheels for x86_64, Python .* could not be downloaded \(.*typer"):
        build_bundle(artifact, out, platform="x86_64", python=PYTHON)
    assert not out.exists()


def test_a_damaged_artifact_is_not_bundled(artifact: Path, index: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(artifact, tmp_path / "copy")
    (copy / "model.gguf").write_bytes(b"half")
    with pytest.raises(WorkFailed, match="is not the file that its manifest names"):
        build_bundle(copy, tmp_path / "out.zip", platform="x86_64", python=PYTHON)
