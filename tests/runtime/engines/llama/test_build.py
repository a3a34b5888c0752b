"""A build of llama.cpp for another CPU ends in one clear line, before its code runs here."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.engines.llama import build as llama_build
from runtime.engines.llama.build import KNOWN_FILE, check_build
from runtime.values.errors import InputError

HASWELL = frozenset({"avx", "avx2", "fma", "f16c", "bmi2"})
ZEN4 = HASWELL | {"avx512f", "avx512_vnni", "avx512_bf16"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A library that says it was compiled with AVX2 and AVX512-VNNI."""
    return compiled(
        tmp_path,
        "int ggml_cpu_has_avx2(void) { return 1; } int ggml_cpu_has_avx512_vnni(void) { return 1; }"
        "int ggml_cpu_has_fma(void) { return 0; }",
    )


def compiled(folder: Path, source: str) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    library = folder / "libggml-cpu.so"
    (folder / "build.c").write_text(source)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "build.c"], check=True)
    return library


def test_a_build_for_this_cpu_passes_and_is_asked_once(
    build: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_build(build, ZEN4)
    monkeypatch.setattr(llama_build, "_asked", lambda library: pytest.fail("asked again"))
    check_build(build, ZEN4)
    assert (home / KNOWN_FILE).is_file()


def test_a_build_that_was_moved_to_an_older_cpu_is_refused_by_name(build: Path, home: Path) -> None:
    check_build(build, ZEN4)
    for _ in range(2):
        with pytest.raises(InputError, match="compiled for a CPU with avx512_vnni, which this one lacks"):
            check_build(build, HASWELL)
        (home / KNOWN_FILE).unlink(missing_ok=True)


def test_a_build_that_dies_as_it_loads_is_refused(tmp_path: Path, home: Path) -> None:
    trap = compiled(tmp_path, "__attribute__((constructor)) void begin(void) { __builtin_trap(); }")
    with pytest.raises(InputError, match="cannot run on this CPU \\(signal"):
        check_build(trap, HASWELL)
    assert not (home / KNOWN_FILE).exists()


def test_another_build_in_the_same_place_is_asked_again(build: Path, tmp_path: Path, home: Path) -> None:
    check_build(build, ZEN4)
    compiled(tmp_path, "int ggml_cpu_has_amx_int8(void) { return 1; }")
    with pytest.raises(InputError, match="amx_int8"):
        check_build(build, ZEN4)


def test_where_the_system_tells_no_flags_nothing_is_refused(build: Path, home: Path) -> None:
    check_build(build, frozenset())
    assert not (home / KNOWN_FILE).exists()


def test_a_damaged_or_unwritable_memory_is_no_failure(build: Path, home: Path) -> None:
    home.mkdir()
    (home / KNOWN_FILE).write_text("[1]")
    check_build(build, ZEN4)
    for uses in ("garbage", [1, 2], {}, None):
        known = json.loads((home / KNOWN_FILE).read_text())
        (home / KNOWN_FILE).write_text(json.dumps({**known, "uses": uses}))
        check_build(build, ZEN4)
        assert json.loads((home / KNOWN_FILE).read_text())["uses"] == ["avx2", "avx512_vnni"]
    shutil.rmtree(home)
    home.write_text("no folder")
    check_build(build, ZEN4)


def test_the_installed_build_runs_here() -> None:
    pytest.importorskip("llama_cpp")
    llama_build.check_installed_build()
