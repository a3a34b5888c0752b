"""Prefixes on disk: the same tokens after a new start, nothing from damaged or foreign files, the oldest let go."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.engines import prefix_store
from runtime.engines.engine import Decoding, Engine
from runtime.engines.opening import open_engine
from runtime.engines.prefix_store import PrefixStore
from tests.runtime.fake_engine import fake_manifest

EXAMPLES = "Question: A pen costs 3 dollars. How much do 7 pens cost?\nEquations:\nans = 7 * 3\n\n" * 4
QUESTION = "Question: Ann has 48 clips and sells half as many in May. How many in all?\nEquations:\n"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(params=["gguf", "onnx"])
def artifact(request: pytest.FixtureRequest, gguf_artifact: Path, onnx_artifact: Path) -> Path:
    return gguf_artifact if request.param == "gguf" else onnx_artifact


@pytest.fixture
def opened(artifact: Path) -> Iterator[Engine]:
    engine = open_engine(artifact, 1)
    yield engine
    engine.close()


def written(engine: Engine) -> list[int]:
    prefix = engine.encode(EXAMPLES)
    engine.keep(prefix)
    return list(engine.generate([*prefix, *engine.encode(QUESTION)], Decoding(16), shared=len(prefix)))


def files(home: Path) -> list[Path]:
    return sorted((home / "prefixes").glob("*.kv"))


def test_a_new_start_writes_the_same_from_what_lies_on_disk(
    opened: Engine, artifact: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(opened)
    (file,) = files(home)
    monkeypatch.setattr(PrefixStore, "save", lambda *given: pytest.fail("computed again"))
    again = open_engine(artifact, 1)
    assert written(again) == before
    assert written(again) == before
    again.close()
    assert files(home) == [file]


def test_a_damaged_file_is_computed_anew(opened: Engine, artifact: Path, home: Path) -> None:
    before = written(opened)
    (file,) = files(home)
    whole = file.read_bytes()
    for damaged in (b"", whole[:50], whole[:-1], whole[:-1] + b"x"):
        file.write_bytes(damaged)
        again = open_engine(artifact, 1)
        assert written(again) == before
        again.close()
        assert file.read_bytes() == whole


def test_a_short_prefix_is_left_alone(opened: Engine, home: Path) -> None:
    opened.keep(opened.encode("Question: "))
    assert files(home) == []


def test_what_another_artifact_or_library_left_is_not_taken() -> None:
    prefix = list(range(100))
    manifest = replace(fake_manifest(), files={"model.gguf": "a" * 64})
    store = PrefixStore(manifest, "numpy")
    store.save(prefix, b"state")
    assert store.load(prefix) == b"state"
    assert store.load([*prefix, 1]) is None
    assert PrefixStore(manifest, "sympy").load(prefix) is None
    assert PrefixStore(replace(manifest, files={"model.gguf": "b" * 64}), "numpy").load(prefix) is None


def test_the_oldest_are_let_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix_store, "MAX_BYTES", 400)
    store = PrefixStore(fake_manifest(), "numpy")
    for number in range(5):
        store.save([number] * 100, bytes(100))
    assert len(files(home)) == 3


def test_a_folder_that_cannot_be_written_is_no_error(home: Path) -> None:
    (home / "prefixes").write_text("a file stands where the folder should", encoding="utf-8")
    store = PrefixStore(fake_manifest(), "numpy")
    store.save([1] * 100, b"state")
    assert store.load([1] * 100) is None
