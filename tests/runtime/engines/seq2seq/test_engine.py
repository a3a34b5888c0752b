"""The encoder-decoder engine: the checkpoint's own tokens, the rules of every engine, and clear words for damage."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runtime.engines import opening
from runtime.engines.engine import Decoding, Engine
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError, MissingExtra
from runtime.values.manifest import read_manifest
from runtime.values.prompt import Thought, render_prompt
from tests.tiny_seq2seq import one_thread

QUESTION = "Tom has 2 pens and gets 3 more. How many pens has he?"
WHOLE = Decoding(40)
AWKWARD = ["", " a  b\n\tc", "</s><pad> <unk>", "naïve 漢字 😀", "¾ of 1,200 is Ⅷ"]


@pytest.fixture(scope="module")
def engine(t5_artifacts: Path) -> Iterator[Engine]:
    opened = open_engine(t5_artifacts / "onnx-fp32", threads=1)
    yield opened
    opened.close()


def prompt(engine: Engine, thought: str = "eot") -> list[int]:
    return engine.encode(render_prompt(QUESTION, thought))  # type: ignore[arg-type]


def write(engine: Engine, thought: str = "eot", decoding: Decoding = WHOLE) -> list[int]:
    return list(engine.generate(prompt(engine, thought), decoding))


def test_greedy_tokens_are_those_of_the_checkpoint(engine: Engine, t5_artifacts: Path) -> None:
    import torch

    from export.checkpoint import load_student

    student = load_student(t5_artifacts / "checkpoint")
    for thought in ("eot", "pot", "cot"):
        ids = torch.tensor([prompt(engine, thought)])
        with one_thread():
            theirs = student.generate(ids, max_new_tokens=40, do_sample=False)[0].tolist()[1:]
        assert write(engine, thought) == theirs[: theirs.index(1) if 1 in theirs else None]


def test_one_pass_gives_the_logits_that_stepwise_writing_chose_by(engine: Engine) -> None:
    written = write(engine)
    logits = engine.logits([*prompt(engine), *written], len(written) + 1)
    assert logits.shape[0] == len(written) + 1
    assert logits[:-1].argmax(axis=-1).tolist() == written
    (alone,) = engine.logits(prompt(engine), 1)
    assert np.allclose(alone, logits[0], atol=1e-4)


@pytest.mark.parametrize("text", AWKWARD)
def test_text_comes_back_and_special_tokens_typed_by_a_user_stay_text(engine: Engine, text: str) -> None:
    ids = engine.encode(text)
    assert not set(ids) & {0, 1, 2}
    assert engine.decode(ids) == text
    assert engine.decode([0, *ids, 1]) == text


def test_a_prompt_asked_before_changes_no_token(engine: Engine) -> None:
    first = write(engine)
    again = write(engine)
    write(engine, "pot")
    assert first == again == write(engine)
    assert len(first) == WHOLE.max_tokens
    assert not engine.ended()


def test_the_second_sample_of_a_prompt_reads_nothing_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runtime.engines.seq2seq.graphs import Seq2SeqGraphs

    read, seen = Seq2SeqGraphs.read, []

    def counted(graphs: Seq2SeqGraphs, ids: list[int]) -> object:
        seen.append(list(ids))
        return read(graphs, ids)

    monkeypatch.setattr(Seq2SeqGraphs, "read", counted)
    write(engine, "cot")
    samples = [write(engine, decoding=Decoding(9, temperature=1.0, seed=seed)) for seed in (1, 1, 2)]
    assert seen == [prompt(engine, "cot"), prompt(engine, "eot")]
    assert samples[0] == samples[1] != samples[2]


def test_sampling_at_almost_no_temperature_is_greedy(engine: Engine) -> None:
    assert write(engine, decoding=Decoding(20, temperature=1e-4, seed=3)) == write(engine)[:20]


def test_a_later_call_ends_an_earlier_stream_and_closing_one_harms_nothing(engine: Engine) -> None:
    whole = write(engine)
    stream = engine.generate(prompt(engine), WHOLE)
    assert next(stream) == whole[0]
    assert write(engine) == whole
    assert list(stream) == []
    closed = engine.generate(prompt(engine), WHOLE)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert write(engine) == whole


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("thought", ["eot", "pot", "cot"])
def test_a_grammar_holds_even_a_random_student(engine: Engine, thought: Thought, temperature: float) -> None:
    pytest.importorskip("llguidance")
    held = Decoding(60, temperature=temperature, seed=5, grammar=thought)
    ids = write(engine, thought, held)
    assert ids != write(engine, thought, replace(held, grammar=None))
    assert admits(engine, thought, ids, ended=engine.ended())


def admits(engine: Engine, thought: Thought, ids: list[int], *, ended: bool) -> bool:
    """Whether a matcher of its own, over the engine's vocabulary, goes along with every token."""
    from runtime.engines.grammar import Grammars

    matcher = Grammars(engine.pieces, engine.encode, (1,)).matcher(thought)  # type: ignore[attr-defined]
    return all(matcher.take(token) for token in ids) and (matcher.accepts() or not ended)


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_no_more_than_the_limit_is_written(engine: Engine, limit: int) -> None:
    assert write(engine, decoding=Decoding(limit)) == write(engine)[:limit]


def test_more_than_the_context_is_the_users_mistake(engine: Engine) -> None:
    with pytest.raises(InputError, match="expected: 2,048"):
        next(engine.generate([5] * 2040, Decoding(9)))
    with pytest.raises(InputError, match="expected: 2,048"):
        engine.logits([5] * 2049, 1)


def test_a_stream_writes_what_the_engine_writes(engine: Engine) -> None:
    streams = engine.streams(4, 512)
    ids = prompt(engine)
    streams.start(ids[:-2], [(ids[-2:], Decoding(6))])
    tokens = []
    while streams.free() == 0:
        tokens += streams.step()
    assert [token.id for token in tokens] == write(engine)[:6]
    assert streams.slots == 1


def test_the_end_token_ends_and_is_not_yielded(engine: Engine, t5_artifacts: Path, tmp_path: Path) -> None:
    whole = write(engine)
    end = next(token for token in whole if token != whole[0])
    other = open_engine(changed(t5_artifacts, tmp_path, end_tokens=(1, end)))
    assert write(other) == whole[: whole.index(end)]
    assert other.ended()
    other.close()
    other.close()
    with pytest.raises(InputError, match="closed"):
        write(other)


def changed(artifacts: Path, folder: Path, **changes: object) -> Path:
    """A copy of the fp32 artifact whose manifest says something else."""
    copy = folder / "artifact"
    shutil.copytree(artifacts / "onnx-fp32", copy)
    replace(read_manifest(copy), **changes).save(copy)  # type: ignore[arg-type]
    return copy


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("encoder_model.onnx", "no graph", "encoder_model.onnx could not be loaded"),
        ("encoder_model.onnx", None, "no file .*encoder_model.onnx"),
        ("decoder_model_merged.onnx", "", "decoder_model_merged.onnx could not be loaded"),
        ("decoder_model_merged.onnx", None, "no file .*decoder_model_merged.onnx"),
        ("tokenizer.json", "{}", "tokenizer.json is damaged"),
        ("tokenizer.json", None, "no file .*tokenizer.json"),
        ("config.json", "[]", "config.json is damaged"),
        ("config.json", '{"eos_token_id": 1}', "config.json is damaged"),
        ("config.json", None, "no file .*config.json"),
    ],
)
def test_a_damaged_artifact_is_named(
    t5_artifacts: Path, tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    # A manifest without hashes lets a damaged file through to who reads it; one with them names it first.
    promised = read_manifest(t5_artifacts / "onnx-fp32").files
    folder = changed(t5_artifacts, tmp_path, files=dict.fromkeys(promised, ""))
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        open_engine(folder)
    if content is not None:
        replace(read_manifest(folder), files=promised).save(folder)
        with pytest.raises(InputError, match=f"{name} (is empty|has .*); expected: the sha256"):
            open_engine(folder)


def test_a_decoder_of_another_kind_is_named(t5_artifacts: Path, tmp_path: Path) -> None:
    promised = read_manifest(t5_artifacts / "onnx-fp32").files
    folder = changed(t5_artifacts, tmp_path, files=dict.fromkeys(promised, ""))
    shutil.copy(folder / "encoder_model.onnx", folder / "decoder_model_merged.onnx")
    with pytest.raises(InputError, match="no merged decoder"):
        open_engine(folder)


def test_an_engine_that_is_not_installed_says_how_to_install_it(
    t5_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SEQ2SEQ", replace(opening.SEQ2SEQ, package="no_such_package"))
    with pytest.raises(MissingExtra, match="pip install tokenizers"):
        open_engine(t5_artifacts / "onnx-fp32")


def test_a_manifest_without_an_architecture_is_a_decoders(t5_artifacts: Path, tmp_path: Path) -> None:
    folder = changed(t5_artifacts, tmp_path)
    row = json.loads((folder / "manifest.json").read_text())
    assert row.pop("architecture") == "encoder-decoder"
    (folder / "manifest.json").write_text(json.dumps(row))
    assert read_manifest(folder).architecture == "decoder"


@pytest.mark.parametrize("changes", [{"architecture": "mixture"}, {"format": "gguf"}])
def test_an_architecture_that_its_format_has_not_is_refused(
    t5_artifacts: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(InputError, match="encoder-decoder"):
        read_manifest(changed(t5_artifacts, tmp_path, **changes))


def test_solving_loads_neither_torch_nor_transformers(t5_artifacts: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from runtime.answering.pipeline import load\n"
        "with load(Path(sys.argv[1]), threads=1) as model: solution = model.answer(sys.argv[2])\n"
        "print(solution.generated_tokens, [name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(t5_artifacts / "onnx-int8"), QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "24 []\n"
