"""Several models under a ceiling of memory."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from runtime.serve.errors import over_memory
from runtime.serve.settings import ServeSettings
from runtime.serve.work.models import served_models
from runtime.values.environment import packaged_folder
from runtime.values.errors import InputError
from tests.runtime.serve.running import PENS, Running, running

NANO = packaged_folder() / "nano"


def ask(server: Running, model: str, question: str = PENS) -> httpx.Response:
    return httpx.post(f"{server.url}/solve", json={"question": question, "model": model}, timeout=20)


def loaded(server: Running) -> list[str]:
    return [row["name"] for row in httpx.get(f"{server.url}/models").json()["models"] if row["loaded"]]


def test_models_load_when_they_are_asked_for_and_the_least_used_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, memory_bytes=2500)
    with running(monkeypatch, settings, names=("one", "two", "three"), model_bytes=1000) as server:
        assert loaded(server) == ["one"]
        for name in ("two", "one", "three"):
            assert ask(server, name).json()["answer"] == "21"
        assert loaded(server) == ["one", "three"]
        assert server.engines["two"][0].closed
        assert ask(server, "two").json()["answer"] == "21"
        assert loaded(server) == ["two", "three"]


def test_a_model_that_answers_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, memory_bytes=1500)
    with (
        running(monkeypatch, settings, names=("one", "two"), step_s=0.01) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        long = pool.submit(ask, server, "one", "Endless")
        time.sleep(0.3)
        assert ask(server, "two").json()["answer"] == "21"
        assert long.done()
        assert long.result().json()["reason"].startswith("the model wrote 200 tokens")


def test_a_model_that_never_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.serve.work.models.ROOM_S", 0.2)
    settings = ServeSettings(port=0, memory_bytes=1500)
    with running(monkeypatch, settings, names=("one", "two"), step_s=0.02) as server:
        assert server.models
        server.models.named("two").bytes = 2000
        reply = ask(server, "two")
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "over_memory")
        assert "retry-after" in reply.headers


def test_a_model_over_the_ceiling_alone_is_told_with_both() -> None:
    message = over_memory("nano", 480_000_000, 0, 400_000_000).message
    assert message == (
        "nano takes about 0.48 GB, more than the ceiling of 0.4 GB; expected: a larger --memory-gb"
    )
    assert "beside the 0.3 GB" in over_memory("nano", 200_000_000, 300_000_000, 400_000_000).message


def test_a_model_that_cannot_be_loaded_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, names=("one", "two")) as server:

        def refuse(folder: Path) -> None:
            raise InputError(f"{folder}/secret is damaged; expected: another")

        monkeypatch.setattr("runtime.serve.work.models.load", refuse)
        reply = ask(server, "two")
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "model_failed")
        assert "secret" not in reply.text
        assert ask(server, "one").json()["answer"] == "21"


def test_models_go_by_the_students_name_the_folders_or_one_that_is_given(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "my artifact!"
    own.mkdir()
    shutil.copy(NANO / "onnx-q4_0" / "manifest.json", own)
    names = [str(NANO / "gguf-q4_0"), str(own), f"mine={own}"]
    served = served_models(names)
    assert [one.name for one in served] == ["nano", "my-artifact", "mine"]
    assert [one.manifest.format for one in served] == ["gguf", "onnx", "onnx"]


def test_two_models_of_one_name_are_refused(home: Path) -> None:
    with pytest.raises(InputError, match="NAME=FOLDER"):
        served_models([str(NANO / "gguf-q4_0"), str(NANO / "onnx-q4_0")])


@pytest.mark.parametrize("name", ["nothing", "a=nothing", "/tmp"])
def test_what_is_no_artifact_is_refused(name: str, home: Path) -> None:
    with pytest.raises(InputError, match="expected"):
        served_models([name])
