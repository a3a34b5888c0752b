"""Which file a local teacher is: a base of the table, or any GGUF; what cannot be asked is told in one line."""

from pathlib import Path

import pytest

from distill.teachers.chat.prompts import annotation_prompt
from distill.teachers.local.files import asking, find_model
from distill.teachers.local.settings import LocalSettings
from runtime.values.errors import InputError
from tests.artifacts import base_gguf

pytest.importorskip("llama_cpp")


def test_a_base_of_the_table_brings_its_license(home: Path) -> None:
    base_gguf()
    found = find_model(LocalSettings(model="smollm2-135m"))
    assert found.path == base_gguf() and found.license == "Apache-2.0"
    assert "SmolLM2" in found.named and len(found.sha256) == 64 and found.manifest.end_tokens[0] == 2


def test_a_file_has_the_license_that_is_given(home: Path) -> None:
    found = find_model(LocalSettings(model=str(base_gguf()), license="MIT"))
    assert (found.license, found.says) == ("MIT", "apache-2.0")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ""}, "teacher local without a model; expected: --set local.model=FILE.gguf, or a base"),
        ({"model": "none.gguf"}, "local.model=none.gguf is not there; expected: a GGUF file, or a base"),
        ({"model": "."}, "local.model=. is a folder; expected: a GGUF file"),
        ({"model": __file__}, "expected: a whole GGUF file"),
        ({"model": "qwen2.5-coder-1.5b"}, "is not here; expected: edgethought base get qwen2.5-coder-1.5b"),
        ({"model": "qwen3-0.6b"}, "expected: a GGUF file, or a base (smollm2-135m"),
        ({"model": "smollm2-135m", "license": "MIT"}, "is under Apache-2.0; expected: no local.license"),
    ],
)
def test_what_cannot_be_asked_is_one_line(home: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as raised:
        find_model(LocalSettings(**changes))
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    content = base_gguf().read_bytes()
    key = b"tokenizer.chat_template"
    assert content.count(key) == 1
    bare = tmp_path / "bare.gguf"
    bare.write_bytes(content.replace(key, b"tokenizer.chat_templatf"))
    with pytest.raises(InputError, match=r"has no chat template; expected: the GGUF file of a chat model"):
        find_model(LocalSettings(model=str(bare)))


def test_worked_examples_stand_before_a_question_in_the_files_own_markup() -> None:
    markup = asking(base_gguf(), annotation_prompt("eot"))
    assert markup.head[0] == 1 and markup.head.count(2) == 11 and markup.tail[0] == 2


def test_a_template_without_a_system_message_has_it_in_the_first_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[str]] = []

    def refusing(template: str, messages: list[dict[str, str]], *rest: object, **names: object) -> str:
        if messages[0]["role"] == "system":
            raise InputError("no system messages; expected: users")
        asked.append([message["content"] for message in messages])
        return "|".join(asked[-1])

    monkeypatch.setattr("benchmarks.scoring.external.gguf_models.render_chat_template", refusing)
    prompt = annotation_prompt("pot")
    assert asking(base_gguf(), prompt).head
    assert asked[0][0].startswith(prompt.head[0]["content"]) and prompt.head[1]["content"] in asked[0][0]
    assert len(asked[0]) == len(prompt.head)
