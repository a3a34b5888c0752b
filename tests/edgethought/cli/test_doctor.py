"""Doctor names what is missing and the command that mends it, and fails only for what everybody needs."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from edgethought.cli import doctor
from edgethought.cli.doctor import doctor_command, examine
from edgethought.stages.bundle import requirements
from edgethought.stages.bundle.requirements import BASE, Wanted, conflicts, wanted_packages
from runtime.answering.default_model import set_default
from runtime.values import processor
from tests.runtime.fake_engine import fake_manifest


@pytest.fixture(autouse=True)
def training_is_measured_where_it_is_looked_at(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch takes seconds to load: tests without its mark read what such a measurement told."""
    if request.node.get_closest_marker("torch"):
        return
    told = json.dumps({"compute": "bfloat16", "gflops": {"float32": 103.1, "bfloat16": 219.4}})

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        assert command[1:] == ["-m", "distill.training.calibration"]
        return subprocess.CompletedProcess(command, 0, f"{told}\n", "")

    monkeypatch.setattr(doctor, "subprocess", SimpleNamespace(run=run))


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Distributions that are to look as if they were not installed."""
    names: set[str] = set()
    version = metadata.version

    def pretend(name: str) -> str:
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(requirements.metadata, "version", pretend)
    return names


@pytest.mark.usefixtures("home")
def test_every_finding_that_is_not_right_says_what_mends_it() -> None:
    checks = list(examine())
    assert {check.name for check in checks} >= {
        "Python",
        "processor",
        "memory",
        "versions",
        "solver",
        "default model",
    }
    assert [check.name for check in checks if check.state != "ok" and not check.mend] == []
    assert [check.name for check in checks if check.state == "ok" and check.mend] == []


@pytest.mark.parametrize(
    ("package", "name", "mend", "status"),
    [
        ("sympy", "base packages", "pip install edgethought", 1),
        ("llama-cpp-python", "[gguf] packages", "pip install 'edgethought[gguf]'", 0),
        ("torch", "[build] packages", "pip install 'edgethought[build]'", 0),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_missing_package_is_named_with_its_command(
    absent: set[str], package: str, name: str, mend: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    absent.add(package)
    check = next(check for check in examine() if check.name == name)
    assert (check.state, check.mend) == ("missing", mend)
    assert package in check.detail
    assert doctor_command() == status
    assert mend in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_a_version_that_is_not_allowed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    check = doctor.check_packages(BASE, [Wanted(BASE, Requirement("pytest<1"))])
    assert check.state == "wrong"
    assert "expected: <1" in check.detail


@pytest.mark.parametrize(
    ("version", "versions", "allowed"),
    [
        ("4.57.6", ">=4.57,<4.58", True),
        ("5.0.0", ">=4.57,<4.58", False),
        ("2.13.0+cpu", ">=2.7", True),
        ("1", "", True),
    ],
)
def test_versions_are_compared_as_versions(
    version: str, versions: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "installed_version", {"torch": version}.get)
    assert Wanted(BASE, Requirement(f"torch{versions}")).fits is allowed


def test_the_projects_own_requirements_are_read() -> None:
    wanted = {(package.group, package.name) for package in wanted_packages()}
    assert {(BASE, "typer"), ("gguf", "llama-cpp-python"), ("build", "torch")} <= wanted
    assert not [package for package in wanted_packages() if package.name == "edgethought"]


def test_requirements_come_from_the_installed_metadata_without_a_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    texts = ["typer>=0.15", 'torch<3,>=2.7; extra == "build"', 'edgethought[gguf]; extra == "all"', "x[y]>=1"]
    monkeypatch.setattr(requirements, "_PYPROJECT", tmp_path / "none.toml")
    monkeypatch.setattr(requirements.metadata, "requires", lambda name: texts)
    assert wanted_packages() == [
        Wanted(BASE, Requirement(texts[0])),
        Wanted("build", Requirement(texts[1])),
        Wanted(BASE, Requirement(texts[3])),
    ]


def test_packages_that_do_not_fit_together_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = {"optimum-onnx": ["transformers<4.58", 'ruff>99; extra == "dev"', "not-here>1"]}
    versions = {"optimum-onnx": "0.1.0", "transformers": "5.0", "ruff": "0.1"}
    monkeypatch.setattr(requirements, "installed_version", versions.get)
    monkeypatch.setattr(requirements.metadata, "requires", lambda name: needs.get(name))
    assert conflicts(["optimum-onnx", "transformers", "absent"]) == [
        "optimum-onnx 0.1.0 needs transformers<4.58, but 5.0 is installed"
    ]


def test_the_default_model_is_shown(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_default_model().mend == "edgethought quickstart"
    (tmp_path / "artifact").mkdir()
    fake_manifest().save(tmp_path / "artifact")
    set_default([tmp_path / "artifact"])
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: True)
    check = doctor.check_default_model()
    assert (check.state, check.detail.startswith("fake (gguf none")) == ("ok", True)


@pytest.mark.usefixtures("home")
def test_the_data_folder_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGETHOUGHT_DATA", raising=False)
    assert doctor.check_data().state == "missing"
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path / "none"))
    assert doctor.check_data().state == "wrong"
    (tmp_path / "a.jsonl").touch()
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    assert doctor.check_data().detail.endswith("1 problem files")


@pytest.mark.usefixtures("home")
def test_the_solver_is_really_asked() -> None:
    assert doctor.check_sandbox().detail.startswith("isolation: process")


@pytest.mark.torch
@pytest.mark.usefixtures("home")
def test_the_processors_instruction_sets_and_the_type_of_training_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processor, "processor_flags", lambda: frozenset({"avx2", "avx512_bf16", "amx_tile"}))
    assert next(doctor.check_machine()).detail.endswith("; AVX2, AVX512-BF16, AMX")
    monkeypatch.setattr(processor, "processor_flags", lambda: frozenset({"asimd", "asimddp", "i8mm"}))
    assert next(doctor.check_machine()).detail.endswith("; NEON, NEON dotprod, NEON i8mm")
    monkeypatch.setattr(processor, "processor_flags", frozenset)
    assert next(doctor.check_machine()).detail.endswith("its instruction sets are not told")
    training = doctor.check_training()
    assert training.state == "ok"
    assert "on the CPU in " in training.detail and "the quickstart takes about " in training.detail


@pytest.mark.parametrize(("gflops", "seconds"), [(440, 337), (125, 520), (5, 520)])
def test_the_quickstart_takes_what_products_allow_and_no_more_than_its_budget(
    gflops: float, seconds: float
) -> None:
    assert doctor.quickstart_s(gflops) == pytest.approx(seconds, abs=1)


@pytest.mark.usefixtures("home")
def test_a_llama_cpp_for_another_cpu_is_told_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("llama_cpp")
    monkeypatch.setattr("runtime.engines.llama.build.processor_flags", lambda: frozenset({"mmx"}))
    check = doctor.check_llama_build()
    assert check.state == "wrong" and "compiled for a CPU with" in check.detail
    assert check.mend.startswith("pip install --force-reinstall")


def test_a_home_that_cannot_be_a_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("runtime.values.environment._PACKAGED", tmp_path / "packaged")
    monkeypatch.delenv("EDGETHOUGHT_MODEL", raising=False)
    checks = {check.name: check for check in examine()}
    assert checks["home folder"].state == "wrong" and "cannot be written" in checks["home folder"].detail
    assert checks["default model"].mend == "edgethought quickstart"
    assert "damaged" not in checks["default model"].detail


@pytest.mark.usefixtures("home")
def test_json_holds_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    doctor_command(as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["healthy"] is True
    assert set(report["checks"][0]) == {"name", "state", "detail", "mend", "needed"}


@pytest.mark.usefixtures("home")
def test_looking_imports_none_of_the_heavy_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = {"torch", "transformers", "onnxruntime", "onnxruntime_genai", "llama_cpp", "sympy"}
    before = heavy & set(sys.modules)
    list(examine())
    assert heavy & set(sys.modules) == before
