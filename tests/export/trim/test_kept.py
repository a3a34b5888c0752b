"""A list of kept tokens gives another checkpoint of the base the very same vocabulary."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgethought.cli.distill.trim import trim_like_command
from export.tokenizer import read_vocabulary
from export.trim.base import trim_base
from export.trim.kept import KeptTokens, kept_of, read_kept, trim_like
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256
from tests.tiny import tiny_checkpoint, tiny_qwen
from tests.tiny_seq2seq import one_thread
from tests.tiny_words import word_vocabulary


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.mark.parametrize("tokens", [(), (0,), (0, 1, 2, 5, 7, 8), tuple(range(3, 900, 2))])
def test_a_list_comes_back_as_it_was(tmp_path: Path, tokens: tuple[int, ...]) -> None:
    kept = KeptTokens("abc", 1000, tokens)
    kept.save(tmp_path / "kept.json")
    assert read_kept(tmp_path / "kept.json") == kept


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_the_same_list_gives_the_same_checkpoint_to_the_byte(tmp_path: Path, family: str) -> None:
    whole = (
        tiny_qwen(tmp_path / "whole")
        if family == "qwen2"
        else tiny_checkpoint(tmp_path / "whole", vocabulary=word_vocabulary())
    )
    trim_base(
        whole, ["Question: Tom has 12 geese.\nEquations:\n", "ans = 12"], tmp_path / "one", first_merges=20
    )
    kept_of(tmp_path / "one", whole).save(tmp_path / "kept.json")
    trim_like(whole, read_kept(tmp_path / "kept.json"), tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in names:
        assert file_sha256(tmp_path / "one" / name) == file_sha256(tmp_path / "two" / name), name


def test_another_student_of_the_base_gets_the_same_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = (tiny_checkpoint(tmp_path / f"base{seed}", seed=seed) for seed in (0, 1))
    trim_base(one, ["Question: ans = 12"], tmp_path / "one", first_merges=0)
    kept_of(tmp_path / "one", one).save(tmp_path / "kept.json")
    trim_like_command(str(other), tmp_path / "kept.json", out=tmp_path / "other")
    assert read_vocabulary(tmp_path / "one") == read_vocabulary(tmp_path / "other")
    assert "tokens, 0 MB of weights" in capsys.readouterr().out


def test_what_is_no_list_or_no_base_of_it_is_one_line(tmp_path: Path) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    with pytest.raises(InputError, match=r"has 268 tokens; expected: 999, as the list has"):
        trim_like(base, KeptTokens("abc", 999, (1, 2)), tmp_path / "out")
    (tmp_path / "kept.json").write_text("{}")
    with pytest.raises(InputError, match="is no list of kept tokens"):
        read_kept(tmp_path / "kept.json")
    with pytest.raises(InputError, match="expected: a folder that `distill trim` wrote"):
        kept_of(base, base)
