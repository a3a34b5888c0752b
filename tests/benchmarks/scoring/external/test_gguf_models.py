"""Foreign GGUF files: their own chat template makes the prompt, in a sandbox, and a question cannot forge a turn."""

from pathlib import Path

import pytest

from benchmarks.scoring.external.baselines import SMOLLM2
from benchmarks.scoring.external.gguf_models import (
    MARK,
    embedded_chat,
    external_manifest,
    read_header,
    render_around_mark,
    start_ids,
)
from benchmarks.scoring.job import BenchSettings, BenchTask, Job
from benchmarks.scoring.model_info import subject_of
from runtime.values.errors import InputError
from tests.artifacts import base_gguf

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        (CHATML, f"<|im_start|>user\n{MARK}<|im_end|>\n<|im_start|>assistant\n"),
        ("{{ bos_token }}[INST] {{ messages[0]['content'] | trim }} [/INST]", f"<s>[INST] {MARK} [/INST]"),
        ("{{ 'Question: ' + (messages[-1]['content'].split() | join(' ')) }}", f"Question: {MARK}"),
    ],
)
def test_a_template_is_rendered_around_a_mark(template: str, rendered: str) -> None:
    assert render_around_mark(template, "<s>", "</s>", Path("x.gguf")) == rendered


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{{ messages.append(1) }}", "cannot be rendered"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "cannot be rendered"),
        ("{{ cycler.__init__.__globals__.os.system('true') }}", "cannot be rendered"),
        ("{{ raise_exception('no system role') }}", "no system role"),
        ("{% for x in range(10 ** 12) %}a{% endfor %}", "cannot be rendered"),
        ("{% for", "cannot be rendered"),
        ("{{ 1 / 0 }}", "cannot be rendered"),
        ("hello", "shows a user message 0 times"),
        ("{{ messages[0]['content'] * 2 }}", "shows a user message 2 times"),
        ("{# " + "x" * 100_001 + " #}", "a chat template of 100,007 characters"),
    ],
)
def test_a_template_that_is_hostile_or_broken_is_one_line(template: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        render_around_mark(template, "<s>", "</s>", Path("x.gguf"))
    assert complaint in str(raised.value) and "\n" not in str(raised.value)


def test_the_base_file_is_asked_in_its_own_markup() -> None:
    """The ids that the file's template makes are those that we ask the same weights with as an artifact."""
    pytest.importorskip("llama_cpp")
    prompt = embedded_chat(base_gguf())
    assert prompt.head[0] == prompt.head[-3] == SMOLLM2.start
    assert prompt.tail[0] == SMOLLM2.end and prompt.tail[2] == SMOLLM2.start
    assert start_ids(base_gguf()) == ()


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    job = Job(
        base_gguf(),
        "base",
        (BenchTask("gsm8k"),),
        tmp_path / "log",
        BenchSettings(prompt_mode="chat", max_tokens=99),
    )
    subject = subject_of(job)
    assert subject.notes == "gguf q4_1, 135 M parameters"
    assert (
        subject.settings
        == "zero-shot chat, strict and flexible, rules 2, greedy, at most 99 tokens, default threads"
    )
    assert subject.bytes == base_gguf().stat().st_size
    assert external_manifest(base_gguf()).license == "apache-2.0"


def test_a_file_that_is_no_gguf_or_not_there_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    (tmp_path / "bad.gguf").write_bytes(b"no GGUF at all")
    for name in ("bad.gguf", "gone.gguf"):
        with pytest.raises(InputError, match=name):
            read_header(tmp_path / name)


def test_a_foreign_file_is_no_student(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="no student of ours; expected: --prompt-mode chat, few-shot or lm-eval"
    ):
        subject_of(Job(Path("x.gguf"), "x", (), tmp_path / "log"))


@pytest.mark.slow
@pytest.mark.parametrize("prompt_mode", ["chat", "few-shot"])
def test_the_base_file_answers_through_bench(tmp_path: Path, prompt_mode: str) -> None:
    """Real weights, the scoring process, and the log."""
    pytest.importorskip("llama_cpp")
    import json

    from benchmarks.bench import bench
    from benchmarks.scoring.external.baselines import Exemplar
    from benchmarks.scoring.job import ModelSpec

    mine = tmp_path / "mine.jsonl"
    mine.write_text(json.dumps({"question": "What is 2 + 3?", "answer": "5"}) + "\n")
    settings = BenchSettings(exemplars=(Exemplar("What is 1 + 1?", "ans = 1 + 1"),))
    findings = bench(
        [ModelSpec(base_gguf(), prompt_mode)],  # type: ignore[arg-type]
        [BenchTask(str(mine))],
        out=tmp_path / "out",
        settings=settings,
    )
    (entry,) = findings.entries
    assert entry.score.n == 1 and entry.samples[0].text
    assert entry.score.peak_rss_bytes > 50e6
