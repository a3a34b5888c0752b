"""Which engine a local teacher writes with: the one that is named, else the quicker one here, measured once."""

import json
from pathlib import Path

import pytest

from distill.teachers.chat.model import Reply
from distill.teachers.local import engines
from distill.teachers.local.engines import chosen_engine
from distill.teachers.local.files import ModelFile, find_model
from distill.teachers.local.settings import LocalSettings
from runtime.values.errors import InputError
from tests.artifacts import base_gguf
from tests.distill.teachers.local.asking import model, request

BASE = LocalSettings(model="smollm2-135m")


@pytest.fixture
def file() -> ModelFile:
    return ModelFile(base_gguf(), "Apache-2.0")


@pytest.fixture
def pays(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with quick bfloat16 products on which the base's checkpoint lies."""
    folder = home / "bases/smollm2-135m"
    folder.mkdir(parents=True)
    for name in ("edgethought.json", "model.safetensors"):
        (folder / name).write_text("x")
    monkeypatch.setattr(engines, "quick_bfloat16", lambda: True)
    return folder


@pytest.mark.parametrize(
    ("rates", "best"), [({"llama": 60.0, "torch": 90.0}, "torch"), ({"llama": 9.0, "torch": 8.0}, "llama")]
)
def test_auto_measures_once(
    rates: dict[str, float],
    best: str,
    pays: Path,
    home: Path,
    file: ModelFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(engines, "opened_engine", lambda name, *_: opened.append(name) or name)
    monkeypatch.setattr(engines, "_rate", lambda engine, count: rates[engine])
    assert [chosen_engine(BASE, file) for _ in range(3)] == [best] * 3
    assert opened == ["llama", "torch"]
    (row,) = json.loads((home / "engines.json").read_text()).values()
    assert row == {"engine": best, "tokens_per_s": rates}


@pytest.mark.parametrize("gone", ["edgethought.json", "model.safetensors", "bfloat16", "memory", "base"])
def test_without_what_torch_needs_llama_writes(
    gone: str, pays: Path, file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_measured", lambda *_: "torch")
    assert chosen_engine(BASE, file) == "torch"
    settings = BASE
    if gone == "bfloat16":
        monkeypatch.setattr(engines, "quick_bfloat16", lambda: False)
    elif gone == "memory":
        monkeypatch.setattr(engines, "_free_memory", lambda: 2.0)
    elif gone == "base":
        settings = LocalSettings(model=str(base_gguf()))
    else:
        (pays / gone).unlink()
    assert chosen_engine(settings, file) == "llama"


def test_what_is_remembered_may_be_damaged(
    pays: Path, home: Path, file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_rate", lambda engine, count: float(count))
    monkeypatch.setattr(engines, "opened_engine", lambda *_: None)
    for content in ("[1]", "{", "{}"):
        (home / "engines.json").write_text(content)
        assert chosen_engine(BASE, file) == "torch"


def test_torch_without_a_base_is_refused(file: ModelFile) -> None:
    with pytest.raises(InputError, match=r"local\.engine=torch with .*gguf; expected: a base of the table"):
        chosen_engine(LocalSettings(model=str(base_gguf()), engine="torch"), file)
    assert chosen_engine(LocalSettings(model="smollm2-135m", engine="llama"), file) == "llama"


@pytest.mark.slow
@pytest.mark.torch
def test_replies_of_torch_are_kept_apart(tmp_path: Path) -> None:
    """With the base of this machine: the first use converts it."""
    find_model(BASE)
    for engine in ("llama", "torch", "torch"):
        with model(tmp_path, engine=engine, model="smollm2-135m", temperature=0.0) as asked:
            replies = [asked.reply(request(number)) for number in range(3)]
    assert asked.reused == 3 and asked.streams == 4
    assert len(list(tmp_path.glob("*/replies.jsonl"))) == 2
    assert all(isinstance(reply, Reply) and "=" in reply.text for reply in replies)
