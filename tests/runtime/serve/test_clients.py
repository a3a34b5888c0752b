"""Clients as people have them: the openai package and curl, on a server in its own process, with the packaged nano."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PENS = "A pen costs $3. How much do 7 pens cost?"
TOKEN = "a-token-of-the-tests-0123"


def environment(home: Path) -> dict[str, str]:
    """Of a command that finds no student but the package's."""
    known = {name: value for name, value in os.environ.items() if name != "EDGETHOUGHT_MODEL"}
    return {**known, "EDGETHOUGHT_HOME": str(home), "PYTHONPATH": str(ROOT)}


def serve_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "edgethought", "serve", "--port", "0", "--streams", "4", *options]


@contextmanager
def started(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that hears SIGHUP whoever started us, and that does not outlive a test that fails."""
    with subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's address; it must end with status 0."""
    known = {**environment(tmp_path_factory.mktemp("home")), "EDGETHOUGHT_TOKEN": TOKEN}
    with started(serve_command(), known) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("serving nano at http://127.0.0.1:"), line
        yield line.split()[-1]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_openais_client_asks_and_streams(url: str) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{url}/v1", api_key=TOKEN) as client:
        assert {model.id for model in client.models.list()} == {"nano:solve", "nano:raw"}
        assert client.models.retrieve("nano:solve").id == "nano:solve"
        messages = [{"role": "user", "content": PENS}]
        whole = client.chat.completions.create(model="nano", messages=messages)
        assert whole.choices[0].message.content.endswith("#### 21")
        assert whole.solution["answer"] == "21"
        stream = client.chat.completions.create(model="nano:solve", messages=messages, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert text == whole.choices[0].message.content
        raw = client.completions.create(
            model="nano:raw", prompt=f"Question: {PENS}\nProgram:\n", max_tokens=20
        )
        assert "7" in raw.choices[0].text
        response = client.responses.create(model="nano", input=PENS)
        assert response.output_text.endswith("#### 21")
        with client.responses.stream(model="nano", input=PENS) as events:
            assert events.get_final_response().output_text == response.output_text
        with pytest.raises(openai.BadRequestError, match="nano:raw"):
            client.chat.completions.create(model="nano", messages=messages * 2)
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="other", messages=messages)


def test_openais_asynchronous_client_asks_many_at_once(url: str) -> None:
    openai = pytest.importorskip("openai")

    async def ask() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=TOKEN) as client:
            messages = [{"role": "user", "content": PENS}]
            replies = await asyncio.gather(
                *(client.chat.completions.create(model="nano", messages=messages) for _ in range(6))
            )
            return [reply.choices[0].message.content for reply in replies]

    assert all(text.endswith("#### 21") for text in asyncio.run(ask()))


def test_curl_asks_and_streams(url: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl")
    command = [curl, "-sSN", f"{url}/solve", "-H", "Content-Type: application/json"]
    command += ["-H", f"Authorization: Bearer {TOKEN}", "-d"]
    row = json.loads(subprocess.check_output([*command, json.dumps({"question": PENS})], timeout=30))
    assert (row["answer"], row["model"].split()[0]) == ("21", "nano")
    told = subprocess.check_output([*command, json.dumps({"question": PENS, "stream": True})], timeout=30)
    assert told.startswith(b'event: queued\ndata: {"position":0}\n\nevent: text\n')
    assert b"event: solution\n" in told


def test_the_row_is_the_commands(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgethought", "solve", PENS, "--json", "--explain"]
    said = json.loads(subprocess.check_output(command, env=environment(tmp_path), timeout=60))
    request = urllib.request.Request(
        f"{url}/solve",
        json.dumps({"question": PENS}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        served = json.load(reply)
    assert set(served) == set(said)
    assert (served["answer"], served["text"], served["steps"]) == (
        said["answer"],
        said["text"],
        said["steps"],
    )


@pytest.mark.parametrize("second", [False, True])
def test_a_signal_finishes_what_runs_and_a_second_one_ends_it(second: bool, tmp_path: Path) -> None:
    with started(serve_command("--max-tokens", "1500"), environment(tmp_path)) as process:
        assert process.stdout
        place = process.stdout.readline().split()[-1]
        tokens = 1500 if second else 60
        body = {"model": "nano:raw", "prompt": "1 2 3 4 5 6 7 8", "max_tokens": tokens, "stream": True}
        request = urllib.request.Request(
            f"{place}/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            for _ in range(6):
                reply.readline()
            process.send_signal(signal.SIGTERM if second else signal.SIGHUP)
            if second:
                process.send_signal(signal.SIGINT)
                process.send_signal(signal.SIGINT)
            else:
                assert b"[DONE]" in reply.read()
        assert process.wait(20) == 0


def test_a_port_in_use_is_told_in_one_line(url: str, tmp_path: Path) -> None:
    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "edgethought", "serve", "--port", port]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"error: port {port} of 127.0.0.1: address already in use; expected: a free one"
    )
    assert done.stderr.count("\n") == 1
