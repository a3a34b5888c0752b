"""A model on this machine is asked nothing twice, draws by its seeds, and a kill at any time loses no reply."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from distill.teachers.chat.model import ChatRequest, Reply, StoredModel
from distill.teachers.chat.prompts import read_prompt
from distill.teachers.local.model import LocalModel, checked_settings
from runtime.engines.engine import Decoding
from runtime.values.errors import InputError
from runtime.values.rationale import Declined
from tests.distill.teachers.local.asking import SHORT, model, request, rows, settings

pytest.importorskip("llama_cpp")
MANY = [(number, sample) for number in range(3) for sample in range(3)]


def ask(asked: LocalModel, wanted: list[tuple[int, int]] = MANY) -> list[Reply | Declined]:
    for number, sample in wanted:
        asked.send(request(number, sample))
    return [asked.reply(request(number, sample)) for number, sample in wanted]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with replies of each of MANY."""
    folder = tmp_path_factory.mktemp("replies")
    with model(folder) as asked:
        kept: StoredModel = asked
        replies = ask(asked)
        assert kept.replies == asked.stats.answered == len(MANY) and "9 asked, " in kept.told()
    texts = [reply.text for reply in replies if isinstance(reply, Reply)]
    assert len(set(texts)) > 5
    return folder


def test_nothing_is_asked_twice_by_any_run(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(LocalModel, "engine", None)
        with model(store) as asked:
            again = ask(asked)
            assert ask(asked, [(0, 0)]) == again[:1]
    assert (asked.stats.answered, asked.reused) == (0, 10) and len(rows(store)) == 9
    stored = {row["key"]: row for row in rows(store)}
    for reply in again:
        assert isinstance(reply, Reply) and reply.text == stored[reply.request]["reply"]["text"]
    row = rows(store)[0]
    assert (row["prompt"], row["cached"] > 20, row["input"] > row["cached"]) == ("annotate_eot", True, True)


@pytest.mark.parametrize("change", [{"temperature": 0.3}, {"max_tokens": 17}, {"seed": 1}])
def test_what_decides_a_reply_is_asked_anew(store: Path, change: dict[str, float]) -> None:
    with model(store, **change) as asked:
        ask(asked, [(0, 0)])
    assert asked.stats.answered == 1 and asked.reused == 0


def test_a_sample_is_what_one_sequence_writes(store: Path) -> None:
    """On slots, beside others, with a shared prefix: the same text as the engine's own loop gives."""
    with model(store, seed=5) as asked:
        replies = ask(asked, [(0, 0), (0, 1), (1, 0)])
        for reply, one in zip(replies, [request(0, 0), request(0, 1), request(1, 0)], strict=True):
            assert isinstance(reply, Reply)
            job = asked.job(one)
            ids = asked.engine.generate([*job.head, *job.tail], job.decoding, shared=len(job.head))
            written: list[int] = []
            for token in ids:
                written.append(token)
                if job.stop(asked.engine.decode(written)):
                    break
            assert asked.engine.decode(written) == reply.text


def test_slots_grow_for_longer_questions_and_what_never_fits_is_declined(store: Path) -> None:
    long, endless = (ChatRequest(SHORT, f"{'A pen and a pot. ' * count}How many?") for count in (60, 3000))
    with model(store) as asked:
        for one in (request(7), long, endless, request(8)):
            asked.send(one)
        replies = [asked.reply(one) for one in (request(7), long, endless, request(8))]
    assert [isinstance(reply, Reply) for reply in replies] == [True, True, False, True]
    assert isinstance(replies[2], Declined) and replies[2].reason == "question_too_long"


def test_a_reply_that_is_json_is_held_to_its_schema(tmp_path: Path) -> None:
    pytest.importorskip("llguidance")
    prompt = read_prompt("harder")
    with model(tmp_path, max_tokens=120, temperature=0.0) as asked:
        form = asked._form(prompt)
        assert json.loads(form.schema)["additionalProperties"] is False
        job = asked.job(ChatRequest(prompt, "How many?"))
        assert job.decoding == Decoding(120, 0.0, job.decoding.seed, None, form.schema)
        reply = asked.reply(ChatRequest(prompt, "Ben buys 3 pens for $2 each. How much?"))
    assert isinstance(reply, Reply) and reply.text.startswith('{"questions": ["')
    with model(tmp_path, structured="never") as asked:
        assert not asked._form(prompt).schema


def test_thoughts_are_held_to_their_grammar_where_that_is_wanted(tmp_path: Path) -> None:
    pytest.importorskip("llguidance")
    with model(tmp_path, grammar=True) as asked:
        assert asked._form(SHORT).grammar == "eot"
        assert asked._form(read_prompt("annotate_cot")).grammar is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"samples": 2, "temperature": 0.0}, "expected: a temperature above 0, or one sample")],
)
def test_settings_that_do_not_fit_are_told(tmp_path: Path, changes: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked_settings(settings(tmp_path, **changes))


def test_a_grammar_without_its_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distill.teachers.local.model.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"without llguidance; expected: pip install 'edgethought\[grammar\]'"
    ):
        checked_settings(settings(tmp_path, grammar=True))


CODE = """
import sys
from pathlib import Path
from tests.distill.teachers.local.asking import model, request
with model(Path(sys.argv[1]), streams=2) as asked:
    for number in range(8):
        asked.send(request(number, 0)), asked.send(request(number, 1))
    for number in range(8):
        asked.reply(request(number, 0)), asked.reply(request(number, 1))
print(asked.stats.answered, asked.reused)
"""


def test_a_kill_loses_no_reply_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path)]
    with subprocess.Popen(command) as process:
        while process.poll() is None and not (file := [*tmp_path.glob("*/replies.jsonl")]):
            time.sleep(0.01)
        while process.poll() is None and file[0].read_bytes().count(b"\n") < 3:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    before = file[0].read_bytes()
    kept = before[: before.rfind(b"\n") + 1]
    assert 3 <= kept.count(b"\n") < 16
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.split() == [str(16 - kept.count(b"\n")), str(kept.count(b"\n"))]
    assert file[0].read_bytes().startswith(kept)
    keys = [row["key"] for row in rows(tmp_path)]
    assert len(keys) == len(set(keys)) == 16
