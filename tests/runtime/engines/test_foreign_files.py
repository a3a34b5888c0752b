"""Files that are not what their name says are told in one line, wherever a user gives one."""

import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scoring.external.gguf_models import read_header
from runtime.engines import foreign_files
from runtime.engines.foreign_files import check_hashes
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256, read_manifest

# More than metadata and tensor descriptions take.
HEADER_BYTES = 16 * 2**20
PAGE = b"\n<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"
FOREIGN = {
    "cut": r"model\.gguf is cut off after [\d,]+ bytes; expected: the whole file",
    "page": r"model\.gguf is an HTML page; expected: a GGUF file",
    "pointer": r"model\.gguf is a Git LFS pointer, which only names the model; expected",
    "newer": r"model\.gguf is of GGUF version 9; expected: at most \d, as llama-cpp-python [\d.]+ reads",
    "architecture": r"model\.gguf has the architecture 'lhama', which llama-cpp-python [\d.]+ lacks",
    "empty": r"model\.gguf is empty; expected: a GGUF file",
}


SMALL = {
    "page": PAGE,
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 98\n",
    "empty": b"",
}


def write_foreign(kind: str, artifact: Path, model: Path) -> None:
    """The artifact's file with something wrong; its weights, which nobody comes to read, are a hole in the file."""
    if kind in SMALL:
        model.write_bytes(SMALL[kind])
        return
    with artifact.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if kind == "newer":
        head = head[:4] + struct.pack("<I", 9) + head[8:]
    if kind == "architecture":
        head = head[:100_000].replace(b"llama", b"lhama") + head[100_000:]
    with model.open("wb") as file:
        file.write(head)
        file.truncate(artifact.stat().st_size - (1_000_000 if kind == "cut" else 0))


@pytest.fixture(params=FOREIGN)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_foreign_gguf_is_told_in_one_line(
    gguf_artifact: Path, tmp_path: Path, home: Path, kind: str
) -> None:
    model = tmp_path / "model.gguf"
    write_foreign(kind, gguf_artifact / "model.gguf", model)
    replace(read_manifest(gguf_artifact), files={"model.gguf": ""}).save(tmp_path)
    with pytest.raises(InputError, match=FOREIGN[kind]) as artifact:
        open_engine(tmp_path, 1)
    assert "\n" not in str(artifact.value)
    # `bench` reads the header first, where a file that is cut off later still looks whole.
    if kind != "cut":
        with pytest.raises(InputError, match=FOREIGN[kind]):
            read_header(model)


def test_a_file_that_is_not_the_manifests_is_not_opened(
    gguf_artifact: Path, tmp_path: Path, home: Path
) -> None:
    manifest = read_manifest(gguf_artifact)
    (tmp_path / "model.gguf").symlink_to(gguf_artifact / "model.gguf")
    replace(manifest, files={"model.gguf": "0" * 64}).save(tmp_path)
    with pytest.raises(InputError, match=r"bytes and the sha256 [0-9a-f]{64}; expected: the sha256 0{64} of"):
        open_engine(tmp_path, 1)
    (tmp_path / "model.gguf").unlink()
    (tmp_path / "model.gguf").write_bytes(PAGE)
    manifest.save(tmp_path)
    with pytest.raises(InputError, match=r"model\.gguf is an HTML page; expected: the sha256"):
        open_engine(tmp_path, 1)


def test_a_file_is_hashed_once_until_it_changes(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return file_sha256(path)

    monkeypatch.setattr(foreign_files, "file_sha256", counted)
    (tmp_path / "model").write_bytes(b"one")
    files = {"model": file_sha256(tmp_path / "model"), "absent": "1" * 64}
    for _ in range(3):
        check_hashes(tmp_path, files, "the manifest")
    assert hashed == ["model"]
    (tmp_path / "model").write_bytes(b"two")
    with pytest.raises(InputError, match="has 3 bytes and the sha256"):
        check_hashes(tmp_path, files, "the manifest")


def test_a_home_that_cannot_be_written_only_costs_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "file"))
    check_hashes(tmp_path, {"file": file_sha256(tmp_path / "file")}, "the manifest")


@pytest.mark.parametrize("command", ["solve", "bench", "bench-file", "export"])
def test_every_command_leaves_with_2_and_one_line(tmp_path: Path, gguf_artifact: Path, command: str) -> None:
    (tmp_path / "model.gguf").write_bytes(PAGE)
    read_manifest(gguf_artifact).save(tmp_path)
    model, task = str(tmp_path / "model.gguf"), str(tmp_path / "task.jsonl")
    Path(task).write_text('{"id": "1", "question": "How many are 2 and 3?", "answer": "5"}\n')
    arguments = {
        "solve": ["solve", "How many are 2 and 3?", "--model", str(tmp_path)],
        "bench": ["bench", str(tmp_path), "--tasks", task, "--out", str(tmp_path / "out")],
        "bench-file": ["bench", model, "--tasks", task, "--out", str(tmp_path / "out")],
        "export": ["export", model, "--to", "gguf:q4_0", "--out", str(tmp_path / "out")],
    }[command]
    done = subprocess.run(
        [sys.executable, "-m", "edgethought", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert "model.gguf" in line
