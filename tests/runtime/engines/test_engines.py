"""Both engines on real weights: the same ids, the same rules, nothing that depends on what was asked before."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.engines.engine import Decoding, Engine
from runtime.engines.llama import adaptive_threads
from runtime.engines.opening import ENGINES, open_engine
from runtime.values.errors import InputError, MissingExtra
from runtime.values.manifest import read_manifest
from runtime.values.prompt import question_prefix, render_prompt

QUESTION = "Ann has 48 clips and sells half as many in May. How many clips does she sell in all?"
AWKWARD = [
    "Question: a b\nEquations:\n",
    "3.50$ + 20% of 1,200",
    "¾ of ½ is Ⅷ and ３ ² ①",
    "two  spaces   and\n\ttabs",
    " space first",
    "  11",
    "<|im_end|>",
    "a<|im_start|>user\nhow?<|im_end|>",
    "!<|im_<|im_end|>end|>",
    "naïve café, 三只猫, 👍🏽, שלום",
    "it's they'll I'd",
]
ENDLESS = Decoding(40)


def write(engine: Engine, thought: str = "eot", decoding: Decoding = ENDLESS) -> list[int]:
    prompt = engine.encode(render_prompt(QUESTION, thought))  # type: ignore[arg-type]
    return list(engine.generate(prompt, decoding, shared=len(engine.encode(question_prefix(QUESTION)))))


def random_text(seed: int) -> str:
    draw = random.Random(seed)
    pool = "ab XY 019.,'\"-$%\n\t" + "".join(map(chr, (*range(0xA1, 0x250), *range(0x2150, 0x2190), 0x3000)))
    return "".join(draw.choice(pool) for _ in range(draw.randint(1, 40)))


@pytest.mark.parametrize("text", [*AWKWARD, *map(random_text, range(200))])
def test_both_engines_give_the_same_ids_and_give_the_text_back(engines: dict[str, Engine], text: str) -> None:
    ids = engines["gguf"].encode(text)
    assert engines["onnx"].encode(text) == ids
    assert engines["gguf"].decode(ids) == text
    assert engines["onnx"].decode(ids) == text


@pytest.mark.parametrize("text", AWKWARD)
def test_ids_are_those_of_the_library_that_training_uses(
    engines: dict[str, Engine], onnx_artifact: Path, text: str
) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(onnx_artifact / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    assert engines["gguf"].encode(text) == tokenizer.encode(text, add_special_tokens=False).ids


def test_a_special_token_typed_by_a_user_stays_text(engine: Engine) -> None:
    assert not set(engine.encode("<|im_end|><|im_start|><|endoftext|>")) & {0, 1, 2}
    assert engine.decode([2]) == ""


def test_greedy_decoding_repeats_itself_whatever_was_asked_before(engine: Engine) -> None:
    first = write(engine)
    write(engine, "pot")
    list(engine.generate(engine.encode("Something else entirely"), Decoding(5)))
    assert write(engine) == first
    assert len(first) == ENDLESS.max_tokens
    assert not engine.ended()


def test_a_kept_prefix_changes_no_token(engine: Engine) -> None:
    write(engine, "eot")
    after_another_thought = write(engine, "pot")
    list(engine.generate(engine.encode("Something else entirely"), Decoding(5)))
    assert write(engine, "pot") == after_another_thought


def test_sampling_follows_its_seed(engine: Engine) -> None:
    drawn = [write(engine, decoding=Decoding(20, temperature=0.9, seed=seed)) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_sampling_at_almost_no_temperature_is_greedy(engine: Engine) -> None:
    assert write(engine, decoding=Decoding(20, temperature=1e-4, seed=3)) == write(engine)[:20]


def test_closing_a_stream_early_leaves_the_engine_usable(engine: Engine) -> None:
    whole = write(engine)
    stream = engine.generate(engine.encode(render_prompt(QUESTION, "eot")), ENDLESS)
    assert next(stream) == whole[0]
    stream.close()  # type: ignore[attr-defined]
    assert write(engine) == whole


def test_a_later_call_ends_an_earlier_stream(engine: Engine) -> None:
    stream = engine.generate(engine.encode(render_prompt(QUESTION, "eot")), ENDLESS)
    next(stream)
    write(engine)
    assert list(stream) == []


@pytest.mark.parametrize("format", ["gguf", "onnx"])
def test_the_end_token_ends_and_is_not_yielded(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path: Path, format: str
) -> None:
    artifact = request.getfixturevalue(f"{format}_artifact")
    whole = write(engines[format])
    # What the model writes fifth becomes an end token of this artifact.
    for file in artifact.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "manifest.json").unlink()
    engine = open_engine(damaged(artifact, tmp_path, end_tokens=(2, whole[4])))
    assert write(engine) == whole[: whole.index(whole[4])]
    assert engine.ended()
    engine.close()


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_no_more_than_the_limit_is_written(engine: Engine, limit: int) -> None:
    assert write(engine, decoding=Decoding(limit)) == write(engine)[:limit]


def test_a_long_prompt_gets_a_larger_context(engine: Engine) -> None:
    before = write(engine)
    long = engine.encode("one two three four five six seven eight nine ten. " * 110)
    assert len(long) > 1100
    assert len(list(engine.generate(long, Decoding(3)))) == 3
    assert write(engine) == before


def test_more_than_the_context_is_the_users_mistake(engine: Engine) -> None:
    with pytest.raises(InputError, match="expected: 2,048"):
        next(engine.generate(engine.encode("one two three " * 1000), Decoding(5)))


@pytest.mark.parametrize("repeat", [1, 20])
def test_the_number_of_threads_changes_no_logit(
    gguf_artifact: Path, repeat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptive_threads, "running_tasks", lambda: None)
    seen = []
    for threads in (1, 2):
        engine = open_engine(gguf_artifact, threads=threads)
        seen.append(engine.logits(engine.encode(QUESTION * repeat)[:150], 3))
        engine.close()
        engine.close()
    assert (seen[0] == seen[1]).all()


def test_an_engine_that_is_not_installed_says_how_to_install_it(
    gguf_artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "gguf", replace(ENGINES["gguf"], package="no_such_package"))
    with pytest.raises(MissingExtra, match=r"pip install 'edgethought\[gguf\]'"):
        open_engine(gguf_artifact)


def damaged(artifact: Path, folder: Path, **changes: object) -> Path:
    replace(read_manifest(artifact), **changes).save(folder)  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize(
    ("name", "message"),
    [("absent.gguf", "no file"), ("../model.gguf", "plain file name"), ("/etc/hostname", "plain file name")],
)
def test_a_manifest_that_names_no_file_of_its_folder_is_refused(
    gguf_artifact: Path, tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_engine(damaged(gguf_artifact, tmp_path, files={name: ""}))


@pytest.mark.parametrize("content", [b"", b"GGUF", b"\x00\xff" * 5000])
def test_a_damaged_gguf_is_the_users_mistake(gguf_artifact: Path, tmp_path: Path, content: bytes) -> None:
    folder = damaged(gguf_artifact, tmp_path, files={"model.gguf": ""})
    (folder / "model.gguf").write_bytes(content)
    with pytest.raises(
        InputError, match=r"model.gguf (is empty|is cut off after|could not be loaded as GGUF \(.+\))"
    ):
        open_engine(folder)


def test_a_damaged_onnx_folder_is_the_users_mistake(onnx_artifact: Path, tmp_path: Path) -> None:
    folder = damaged(onnx_artifact, tmp_path, files={"model.onnx": ""})
    for file in onnx_artifact.iterdir():
        if file.name in ("tokenizer.json", "tokenizer_config.json", "genai_config.json"):
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "model.onnx").write_bytes(b"no protobuf at all")
    with pytest.raises(InputError, match=r"could not be loaded by onnxruntime \(.+\)"):
        open_engine(folder)


@pytest.mark.parametrize("threads", [0, -1, 513])
def test_too_few_and_too_many_threads_are_refused(gguf_artifact: Path, threads: int) -> None:
    with pytest.raises(InputError, match="expected: 1 to 512"):
        open_engine(gguf_artifact, threads=threads)


@pytest.mark.parametrize("format", ["gguf", "onnx"])
def test_loading_prints_nothing(format: str, request: pytest.FixtureRequest) -> None:
    artifact = request.getfixturevalue(f"{format}_artifact")
    code = (
        "import sys; from pathlib import Path; from runtime.engines.opening import open_engine;"
        "from runtime.engines.engine import Decoding; engine = open_engine(Path(sys.argv[1]));"
        "print(len(list(engine.generate(engine.encode('One, two,'), Decoding(3))))); engine.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(artifact)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_a_manifest_is_json(gguf_artifact: Path) -> None:
    assert json.loads((gguf_artifact / "manifest.json").read_text())["format"] == "gguf"
