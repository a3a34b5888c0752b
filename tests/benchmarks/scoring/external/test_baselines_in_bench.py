"""Raw mode through bench: a model behind an endpoint, in a process of its own, in the same log and report."""

import json
from pathlib import Path

import pytest

from benchmarks.bench import bench, settings_for
from benchmarks.scoring.external.baselines import Exemplar
from benchmarks.scoring.job import BenchSettings, BenchTask, Endpoint, Job, ModelSpec, PromptMode
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.samples import read_samples
from benchmarks.tasks.splits import DEV
from runtime.values.errors import InputError, WorkFailed
from tests.benchmarks.fakes import fake_artifact, model_right_on, problems
from tests.benchmarks.scripted_server import ScriptedServer, chat_reply, text_reply

KEY = "sk-very-secret-key"


@pytest.fixture
def mine(tmp_path: Path) -> BenchTask:
    path = tmp_path / "mine.jsonl"
    rows = ({"id": p.id, "question": p.question, "answer": p.answer} for p in problems(6))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return BenchTask(str(path))


@pytest.fixture
def gsm8k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BenchTask:
    """A GSM8K of our own: nine problems to draw examples from, of which one is dev, and three to score on."""
    train = [
        {"id": f"t{n}", "question": f"q{n}?", "answer": str(n), "solution": f"#### {n}"} for n in range(9)
    ]
    test = [{"id": f"s{n}", "question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(3)]
    for stem, rows in (("gsm8k_train", train), ("gsm8k_test", test)):
        (tmp_path / f"{stem}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits" / "gsm8k_dev_1000.json").write_text('["t8"]')
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    return BenchTask("gsm8k")


def test_an_endpoint_is_scored_resumed_and_its_key_is_written_nowhere(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    model = ModelSpec(Endpoint(server.url, "gpt", "MY_KEY"), "chat")
    server.replies = [(200, chat_reply(text)) for text in ("It is 1.", "No idea")] + [(401, {"error": KEY})]
    with pytest.raises(WorkFailed, match="answered 401") as raised:
        bench([model], [mine], out=tmp_path / "out")
    assert KEY not in str(raised.value)
    server.always = chat_reply("That makes 3.")
    findings = bench([model], [mine], out=tmp_path / "out")
    (entry,) = findings.entries
    assert entry.label == "gpt, its own chat"
    assert entry.score.ledger == {"right": 2, "wrong": 3, "no_thought": 1}
    assert (entry.subject.remote, entry.score.peak_rss_bytes, entry.score.decode_tokens_per_s) == (True, 0, 0)
    assert len(server.asked) == 3 + 4  # what was answered before is not asked again
    assert set(server.keys) == {f"Bearer {KEY}"}
    written = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert len(written) == 6 and not any(KEY.encode() in data for data in written)
    assert any("round trips" in note for note in findings.notes)
    assert (entry.score.correct, entry.score.strict_correct) == (2, 0)
    report = (tmp_path / "out" / "report.md").read_text()
    assert (
        "gpt, its own chat ★ | 33.3 % | 9.7 to 70.0 | 0.0 % |" in report and "weights are not seen" in report
    )


def test_an_endpoint_whose_key_is_not_set_is_refused(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(InputError, match="the variable MY_KEY is not set"):
        bench([ModelSpec(Endpoint(server.url, "gpt", "MY_KEY"), "chat")], [mine], out=tmp_path / "out")
    assert server.asked == []


def test_a_student_and_foreign_models_stand_in_one_report(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask
) -> None:
    server.always = text_reply("ans = 1")
    settings = BenchSettings(exemplars=(Exemplar("Half of 8?", "ans = 8 / 2"),))
    models = [
        fake_artifact(tmp_path / "student", "student"),
        ModelSpec(Endpoint(server.url, "gpt"), "few-shot"),
    ]

    findings = bench(
        models, [mine], out=tmp_path / "out", settings=settings, load=lambda path, threads: model_right_on(5)
    )
    assert [(e.label, e.score.correct) for e in findings.entries] == [
        ("student", 5),
        ("gpt, 1 worked example", 1),
    ]
    rows = json.loads((tmp_path / "out" / "report.json").read_text())["entries"]
    assert [(row.get("strict_correct"), row.get("strict_accuracy")) for row in rows] == [
        (None, None),
        (1, 1 / 6),
    ]
    assert not [name for name in rows[0] if name.startswith("strict")]
    for name in ("report.md", "report.html"):
        assert "strict interval" in (tmp_path / "out" / name).read_text()
    by_artifact = {s.artifact: s.strict_correct for s in read_samples(tmp_path / "out" / "samples.jsonl")}
    assert by_artifact["student"] is None and by_artifact["gpt, 1 worked example"] is not None
    (comparison,) = findings.comparisons
    assert (comparison.paired.n, comparison.paired.only_first) == (6, 4)
    assert len({sample.artifact for sample in read_samples(tmp_path / "out" / "samples.jsonl")}) == 2


@pytest.mark.parametrize(
    ("model", "streams"),
    [
        (ModelSpec(Path("a")), 4),
        (ModelSpec(Path("a"), "few-shot"), 4),
        (ModelSpec(Path("a.gguf"), "chat"), 1),
        (ModelSpec(Endpoint("http://h/v1", "gpt"), "few-shot"), 1),
    ],
)
def test_several_problems_at_a_time_are_for_those_who_can(model: ModelSpec, streams: int) -> None:
    assert settings_for(BenchSettings(streams=4), model).streams == streams


@pytest.mark.parametrize("prompt_mode", ["few-shot", "chat", "lm-eval"])
def test_grammars_are_for_students(prompt_mode: PromptMode) -> None:
    with pytest.raises(InputError, match=f"grammar, asked as {prompt_mode}; expected: with students"):
        settings_for(BenchSettings(grammar=True), ModelSpec(Path("a"), prompt_mode))


def test_lm_evals_prompts_give_both_filters_in_one_row(
    tmp_path: Path, server: ScriptedServer, gsm8k: BenchTask
) -> None:
    server.replies = [(200, text_reply(text)) for text in (" It is\n#### 1", " So 2 it is", "")]
    findings = bench([ModelSpec(Endpoint(server.url, "gpt"), "lm-eval")], [gsm8k], out=tmp_path / "out")
    (entry,) = findings.entries
    assert (entry.label, entry.score.ledger) == ("gpt, lm-eval", {"right": 2, "no_thought": 1})
    assert (entry.score.correct, entry.score.strict_correct) == (2, 1)
    assert all(asked["prompt"].count("Question:") == 6 for asked in server.asked)
    assert any("strict reads the number after ####" in note for note in findings.notes)


def test_lm_evals_limit_takes_the_first_questions_as_its_own_does(
    tmp_path: Path, server: ScriptedServer, gsm8k: BenchTask
) -> None:
    server.always = text_reply(" #### 1")
    bench(
        [ModelSpec(Endpoint(server.url, "gpt"), "lm-eval")],
        [gsm8k],
        out=tmp_path / "out",
        settings=BenchSettings(limit=2, seed=5),
    )
    assert [sample.id for sample in read_samples(tmp_path / "out" / "samples.jsonl")] == ["s0", "s1"]


@pytest.mark.parametrize("task", [BenchTask("gsm8k", DEV), BenchTask("mine.jsonl")])
def test_lm_evals_prompts_are_for_gsm8k_test_only(
    tmp_path: Path, server: ScriptedServer, gsm8k: BenchTask, mine: BenchTask, task: BenchTask
) -> None:
    task = mine if task.name == "mine.jsonl" else task
    with pytest.raises(InputError, match="for gsm8k's test split"):
        bench([ModelSpec(Endpoint(server.url, "gpt"), "lm-eval")], [task], out=tmp_path / "out")


def test_an_endpoint_is_no_student_and_each_way_of_asking_is_a_subject(tmp_path: Path) -> None:
    endpoint = Endpoint("http://127.0.0.1:1/v1", "gpt")

    def settings_text(settings: BenchSettings) -> str:
        return subject_of(Job(endpoint, "gpt", (), tmp_path / "log", settings)).settings

    with pytest.raises(
        InputError, match="asked in raw mode; expected: --prompt-mode chat, few-shot or lm-eval"
    ):
        settings_text(BenchSettings())
    texts = [
        settings_text(BenchSettings(prompt_mode="chat")),
        settings_text(BenchSettings(prompt_mode="chat", max_tokens=9)),
        settings_text(BenchSettings(prompt_mode="lm-eval")),
        settings_text(BenchSettings(prompt_mode="few-shot", exemplars=(Exemplar("1?", "ans = 1"),))),
    ]
    assert len(set(texts)) == len(texts)
    assert settings_text(BenchSettings(prompt_mode="chat", threads=3)) == texts[0]  # its threads are not ours


def test_further_fields_go_with_every_request_and_make_another_subject(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask
) -> None:
    server.always = chat_reply("It is 1.")
    for request in ((), (("repeat_penalty", "1.0"), ("extra", '{"a": [1]}'))):
        endpoint = Endpoint(server.url, "gpt", request=request)
        (entry,) = bench([ModelSpec(endpoint, "chat")], [mine], out=tmp_path / "out").entries
    assert entry.subject.settings.endswith('repeat_penalty=1.0, extra={"a": [1]}')
    assert len(server.asked) == 12
    assert [(asked.get("repeat_penalty"), asked.get("extra")) for asked in server.asked] == [
        *[(None, None)] * 6,
        *[(1.0, {"a": [1]})] * 6,
    ]


def test_replies_that_are_all_empty_are_the_headline_and_no_score(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask
) -> None:
    server.always = chat_reply("")
    found = bench([ModelSpec(Endpoint(server.url, "gpt"), "chat")], [mine], out=tmp_path / "out")
    (headline,) = found.headlines
    assert headline.startswith("gpt, its own chat: nothing scored on mine.jsonl, every one of ")
    words = (tmp_path / "out/report.md").read_text()
    assert "no replies" in words and "0.0 %" not in words.partition("Stage times")[0]


def test_replies_that_are_empty_in_part_are_told(
    tmp_path: Path, server: ScriptedServer, mine: BenchTask
) -> None:
    server.replies, server.always = [(200, chat_reply("It is 1."))], chat_reply(None, "length")
    found = bench([ModelSpec(Endpoint(server.url, "gpt"), "chat")], [mine], out=tmp_path / "out")
    assert (
        "5 of 6 replies of gpt, its own chat on mine.jsonl are empty; they count as no answer" in found.notes
    )
    assert len(found.headlines) == 1 and "right on mine.jsonl" in found.headlines[0]


def test_a_file_with_other_names_is_scored_by_its_fields(tmp_path: Path, server: ScriptedServer) -> None:
    from benchmarks.bench import parse_tasks
    from benchmarks.tasks.fields import parse_fields

    path = tmp_path / "theirs.jsonl"
    path.write_text(json.dumps({"problem": "What is 2 + 3?", "final": "#### 5"}) + "\n")
    server.always = chat_reply("5")
    tasks = parse_tasks(str(path), parse_fields("question=problem,answer=final"))
    findings = bench([ModelSpec(Endpoint(server.url, "gpt"), "chat")], tasks, out=tmp_path / "out")
    assert findings.entries[0].score.correct == 1
    with pytest.raises(InputError, match="no file that fields could describe"):
        parse_tasks("gsm8k", parse_fields("question=problem"))
