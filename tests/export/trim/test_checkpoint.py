"""A trimmed checkpoint answers as the whole one does on kept tokens, through training's, GGUF's and ONNX's eyes."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from export.adapters.merge import merge_adapter
from export.building.build import export_checkpoint
from export.checkpoint import CheckpointCard, checkpoint_sha256, load_student, load_tokenizer, read_card
from export.targets import parse_targets
from export.tokenizer import end_token, read_vocabulary
from export.trim.checkpoint import trim_checkpoint
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256
from tests.tiny import SPECIAL, tiny_checkpoint
from tests.tiny_adapter import tiny_adapter
from tests.tiny_words import spell, story_questions, word_vocabulary

QUESTIONS = story_questions()[:40]
USED = sorted({token for ids in spell(word_vocabulary(), QUESTIONS) for token in ids})
HOSTILE = "<|im_end|> caf\u00e9 \u6f22\u5b57 \U0001f9ee \x04\x1d \u20ac 3\u00bd zyzzyva"


@pytest.fixture(scope="module")
def trimmed(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trimmed") / "base"
    trim_checkpoint(whole, USED, out, corpus_sha256="c", first_merges=0)
    return out


def kept_rows(whole: Path, trimmed: Path) -> list[int]:
    """The whole vocabulary's id of every token of the trimmed one that it has."""
    ids = {token: index for index, token in enumerate(read_vocabulary(whole).tokens)}
    return [ids[token] for token in read_vocabulary(trimmed).tokens if token in ids]


def test_logits_of_kept_tokens_are_the_whole_checkpoints(whole: Path, trimmed: Path) -> None:
    import torch

    rows = kept_rows(whole, trimmed)
    before, after = load_student(whole), load_student(trimmed)
    for question in QUESTIONS[:5]:
        old = load_tokenizer(whole).encode(question, add_special_tokens=False)
        new = load_tokenizer(trimmed).encode(question, add_special_tokens=False)
        assert [rows[token] for token in new] == old
        with torch.inference_mode():
            expected, logits = before(torch.tensor([old])).logits, after(torch.tensor([new])).logits
        assert torch.allclose(logits[..., : len(rows)], expected[..., rows], atol=1e-5)


def greedy(model: object, ids: list[int], allowed: list[int] | None) -> list[int]:
    """Twelve greedy tokens, chosen among `allowed` ids only where that is given."""
    import torch

    out = list(ids)
    for _ in range(12):
        with torch.inference_mode():
            logits = model(torch.tensor([out])).logits[0, -1]  # type: ignore[operator]
        out.append(int(logits.argmax()) if allowed is None else allowed[int(logits[allowed].argmax())])
    return out[len(ids) :]


def test_greedy_answers_are_the_whole_checkpoints_among_kept_tokens(whole: Path, trimmed: Path) -> None:
    rows = kept_rows(whole, trimmed)
    before, after = load_student(whole), load_student(trimmed)
    for ids in spell(word_vocabulary(), QUESTIONS[:5]):
        answer = greedy(after, [rows.index(token) for token in ids], None)
        assert [rows[token] for token in answer] == greedy(before, ids, rows)


def test_a_head_of_its_own_is_cut_like_the_embedding(tmp_path: Path) -> None:
    whole = tiny_checkpoint(tmp_path / "whole", vocabulary=word_vocabulary(), tied=False)
    trim_checkpoint(whole, USED, tmp_path / "out", corpus_sha256="c", first_merges=0)
    rows = kept_rows(whole, tmp_path / "out")
    before, after = load_student(whole).lm_head.weight, load_student(tmp_path / "out").lm_head.weight
    assert len(after) < len(before) and bool((after[: len(rows)] == before[rows]).all())


def test_the_same_corpus_gives_the_same_folder_to_the_byte(
    whole: Path, trimmed: Path, tmp_path: Path
) -> None:
    trim_checkpoint(whole, [*reversed(USED)], tmp_path / "again", corpus_sha256="c", first_merges=0)
    names = sorted(path.name for path in trimmed.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    assert all(file_sha256(trimmed / name) == file_sha256(tmp_path / "again" / name) for name in names)


def test_card_and_configuration_tell_what_was_done(whole: Path, trimmed: Path) -> None:
    card, config = read_card(trimmed), json.loads((trimmed / "config.json").read_text())
    tokens = len(read_vocabulary(trimmed).tokens)
    assert (card.base, card.title) == ("tiny-0", f"tiny-0-v{tokens}")
    assert asdict(card.trimmed) == {  # type: ignore[call-overload]
        "tokens": tokens,
        "whole_tokens": 1200,
        "parent": checkpoint_sha256(whole),
        "corpus_sha256": "c",
    }
    assert (config["vocab_size"], config["eos_token_id"], end_token(trimmed)) == (tokens, 2, 2)
    assert config["vocab_size"] % 64 == 0 and config["vocab_size"] < 1200


def test_a_trimmed_checkpoint_can_be_trimmed_again(trimmed: Path, tmp_path: Path) -> None:
    card = trim_checkpoint(trimmed, [], tmp_path / "less", corpus_sha256="d", first_merges=0)
    assert card.trimmed is not None
    assert (card.trimmed.whole_tokens, card.trimmed.parent) == (1200, checkpoint_sha256(trimmed))


def test_ids_in_the_configuration_move_with_their_tokens(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "odd")
    config = json.loads((whole / "config.json").read_text())
    (tmp_path / "odd/config.json").write_text(json.dumps({**config, "eos_token_id": [2, 1199]}))
    trim_checkpoint(tmp_path / "odd", [], tmp_path / "out", corpus_sha256="c", first_merges=0)
    end, last = json.loads((tmp_path / "out/config.json").read_text())["eos_token_id"]
    vocabulary = read_vocabulary(tmp_path / "out")
    assert (end, vocabulary.tokens[last]) == (2, word_vocabulary().tokens[1199])


@pytest.mark.parametrize("target", ["gguf:bf16", "onnx:fp32"])
def test_artifacts_of_it_pass_the_gate_and_read_any_text(trimmed: Path, tmp_path: Path, target: str) -> None:
    (manifest,) = export_checkpoint(trimmed, parse_targets(target), tmp_path)
    assert manifest.gate["token_ids_differ"] == manifest.gate["prompts_differ"] == 0
    assert manifest.gate["mean_kl"] < 1e-3
    assert (manifest.end_tokens, manifest.parent) == ((2,), checkpoint_sha256(trimmed))
    assert f"tiny-0-v{len(read_vocabulary(trimmed).tokens)}" in manifest.name
    engine = open_engine(tmp_path / target.replace(":", "-"))
    try:
        ids = engine.encode(HOSTILE)
        assert ids == load_tokenizer(trimmed).encode(HOSTILE, add_special_tokens=False)
        assert not set(ids) & set(range(len(SPECIAL)))
        assert engine.decode(ids) == HOSTILE
    finally:
        engine.close()


def test_another_students_trimming_is_not_overwritten(whole: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        adapter = tiny_adapter(whole, tmp_path / f"adapter-{seed}", seed=seed)
        merge_adapter(adapter, whole, tmp_path / f"merged-{seed}")
    for first_merges in (0, 1):
        trim_checkpoint(
            tmp_path / "merged-1", [], tmp_path / "out", corpus_sha256="c", first_merges=first_merges
        )
    with pytest.raises(InputError, match="holds something else"):
        trim_checkpoint(tmp_path / "merged-2", [], tmp_path / "out", corpus_sha256="c")


def test_places_that_must_not_be_overwritten_are_named(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds something else"):
        trim_checkpoint(whole, [], tmp_path / "mine", corpus_sha256="c")
    tiny_checkpoint(tmp_path / "student")
    with pytest.raises(InputError, match="holds something else"):
        trim_checkpoint(whole, [], tmp_path / "student", corpus_sha256="c")
    with pytest.raises(InputError, match="the checkpoint itself"):
        trim_checkpoint(whole, [], whole, corpus_sha256="c")
    assert (tmp_path / "mine/thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ({"config.json": {"is_encoder_decoder": True}}, "expected for trimming: decoder-only"),
        ({"tokenizer.json": {"model": {"type": "Unigram"}, "post_processor": None}}, "byte-level BPE"),
        ({"config.json": {"eos_token_id": 70000}}, "token 70000; expected: 0 to 1199"),
    ],
)
def test_checkpoints_that_cannot_be_trimmed_say_why(
    whole: Path, tmp_path: Path, damage: dict[str, dict[str, object]], complaint: str
) -> None:
    shutil.copytree(whole, tmp_path / "bad")
    for name, value in damage.items():
        (tmp_path / "bad" / name).write_text(json.dumps(value))
    with pytest.raises(InputError, match=complaint):
        trim_checkpoint(tmp_path / "bad", [], tmp_path / "out", corpus_sha256="c")
    assert not (tmp_path / "out").exists()


def test_cards_from_before_trimming_still_read(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "old")
    row = json.loads((whole / "edgethought.json").read_text())
    del row["trimmed"]
    (tmp_path / "old/edgethought.json").write_text(json.dumps(row))
    assert read_card(tmp_path / "old") == CheckpointCard("tiny-0", "Apache-2.0", max_tokens=24)
