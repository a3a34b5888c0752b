"""`edgethought distill trim`: which texts count, what is printed, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgethought.cli.distill.trim import trim_command
from export.checkpoint import load_tokenizer, read_card
from export.tokenizer import read_vocabulary
from runtime.values.errors import InputError
from runtime.values.prompt import render_prompt
from tests.tiny import tiny_checkpoint
from tests.tiny_words import word_vocabulary

ALLOWED = "How many geese are left in the barn when 12 of the 30 geese fly away?"
TESTED = "Nora buys chocolate cookies for 9 friends at 7 dollars each. How many dollars did Nora spend?"


def problem(id: str, question: str, answer: str, equation: str) -> dict[str, Any]:
    row = {"id": id, "question": question, "answer": answer, "solution": None, "equation": equation}
    return {**row, "source": f"arkilpatel/SVAMP:SVAMP.json#{id}"}


@pytest.fixture
def data(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one training problem that counts, and one that is a test problem with other numbers."""
    folder = tmp_path / "data"
    folder.mkdir()
    files = {
        "svamp_train": [
            problem("svamp-1", ALLOWED, "18", "( 30.0 - 12.0 )"),
            problem("svamp-2", TESTED.replace("9", "8"), "56", "( 8.0 * 7.0 )"),
        ],
        "svamp_test": [problem("svamp-3", TESTED, "63", "( 9.0 * 7.0 )")],
        "draw_dev": [problem("draw-1", TESTED, "63", "x = 9 * 7")],
    }
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base", vocabulary=word_vocabulary())


def test_training_texts_count_and_test_questions_do_not(
    data: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trim_command(str(base), ["svamp"], "etd", [], first_merges=0, out=tmp_path / "out")
    told = capsys.readouterr()
    card, tokens = read_card(tmp_path / "out"), read_vocabulary(tmp_path / "out").tokens
    assert card.trimmed is not None
    assert f"{card.title}, {len(tokens):,} of 1,200 tokens" in told.out
    assert "draw dev: 1 of 1 questions have other tokens" in told.out
    assert "svamp: 1 of 2 problems count (policy ship, no test question)" in told.err
    whole, small = load_tokenizer(base), load_tokenizer(tmp_path / "out")
    asked, tested = render_prompt(ALLOWED, "pot"), render_prompt(TESTED, "pot")
    assert small.tokenize(asked) == whole.tokenize(asked)
    assert len(small.tokenize(tested)) > len(whole.tokenize(tested))


def test_everything_that_is_here_counts_unless_sources_are_named(
    data: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trim_command(str(base), [], "etd", ["limit=30"], first_merges=10, out=tmp_path / "out")
    told = capsys.readouterr().err
    assert "svamp: 1 of 2 problems" in told and "stories: 30 of 30 problems" in told


def test_what_may_not_ship_counts_only_for_research(
    data: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "draw_train.jsonl").write_text(json.dumps(problem("draw-2", ALLOWED, "18", "x = 30 - 12")) + "\n")
    trim_command(str(base), ["draw"], "etd", [], first_merges=0, out=tmp_path / "ship")
    assert "draw: 0 of 1 problems" in capsys.readouterr().err
    trim_command(str(base), ["draw"], "etd", ["policy=research"], first_merges=0, out=tmp_path / "all")
    assert "draw: 1 of 1 problems" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("base_name", "sources", "first", "complaint"),
    [
        ("gpt-9", [], 0, "base 'gpt-9'; expected: smollm2-135m, .* or a folder with a model"),
        ("", ["nothing"], 0, "no stored rationales 'nothing'"),
        ("", ["gsm8k"], 0, "no gsm8k_train.jsonl"),
        ("", ["stories"], -5, "--first-merges -5; expected: 0 or more"),
    ],
)
def test_wrong_input_says_what_is_allowed(
    data: Path, base: Path, tmp_path: Path, base_name: str, sources: list[str], first: int, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        trim_command(base_name or str(base), sources, "etd", [], first_merges=first, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
