"""Any folder in the Hugging Face layout is a base: its weights, its tokenizer as devices have it, its license."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from export.bases.base import base_checkpoint, check_base, get_base
from export.checkpoint import load_student, load_tokenizer, read_card
from export.tokenizer import read_vocabulary
from runtime.values.errors import InputError
from tests.tiny import SPECIAL, tiny_checkpoint, tiny_decoder, tiny_gemma_vocabulary, tiny_qwen


@pytest.fixture
def plain(tmp_path: Path, home: Path) -> Path:
    """A Qwen2 as the hub has it: no file of ours, special tokens apart, NFC, an end token that ends a document."""
    folder = tiny_qwen(tmp_path / "Tiny-Qwen")
    (folder / "edgethought.json").unlink()
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocab = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {
        token: index
        for token, index in vocab.items()
        if token not in SPECIAL and not token.startswith("[PAD")
    }
    tokenizer["normalizer"] = {"type": "NFC"}
    tokenizer["post_processor"] = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": False,
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config |= {
        "eos_token": "<|endoftext|>",
        "bos_token": None,
        "unk_token": None,
        "pad_token": {"content": "<|endoftext|>"},
    }
    config["chat_template"] = "{{ '<|im_start|>user\n' + messages[-1]['content'] + '<|im_end|>\n' }}"
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    return folder


@pytest.fixture
def gemma(tmp_path: Path, home: Path) -> Path:
    """A Gemma 3 as the hub has it: runs of spaces spelled with its sign for one, a token for pictures without a row."""
    folder = tiny_decoder(tmp_path / "Tiny-Gemma", "gemma3_text", tied=True)
    (folder / "edgethought.json").unlink()
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    model = tokenizer["model"]
    model["vocab"] = {token.replace(" ", "▁"): index for token, index in model["vocab"].items()}
    model["merges"] = [["▁", "▁"], ["\n", "\n"], *model["merges"]]
    rows, flags = tokenizer["added_tokens"], dict(tokenizer["added_tokens"][0])
    for row in rows:
        row["content"] = row["content"].replace(" ", "▁")
    unused = [{**flags, "content": f"<unused{n}>", "special": False} for n in (0, 1)]
    pictures = {**flags, "id": len(model["vocab"]), "content": "<image_soft_token>"}
    tokenizer["added_tokens"] = [
        *rows,
        *({**row, "id": model["vocab"][row["content"]]} for row in unused),
        pictures,
    ]
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    turns = "{{ bos_token + '<start_of_turn>user\n' + messages[-1]['content'] + '<end_of_turn>\n' }}"
    change(folder / "tokenizer_config.json", eos_token="<eos>", chat_template=turns)
    change(folder / "config.json", eos_token_id=[1, 7])
    (folder / "README.md").write_text("---\nlicense: gemma\n---\n# Tiny\n")
    return folder


def change(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_plain_folder_becomes_a_checkpoint_once(plain: Path) -> None:
    check_base(str(plain))
    checkpoint = base_checkpoint(str(plain))
    assert base_checkpoint(str(plain)) == checkpoint
    assert (read_card(checkpoint).base, read_card(checkpoint).license) == ("Tiny-Qwen", "apache-2.0")
    before, after = load_student(plain).state_dict(), load_student(checkpoint).state_dict()
    assert before.keys() == after.keys()
    assert all(bool((before[name] == after[name]).all()) for name in before)


def test_a_chatml_model_ends_with_its_own_token_everywhere(plain: Path) -> None:
    checkpoint = base_checkpoint(str(plain))
    vocabulary = read_vocabulary(checkpoint)
    assert vocabulary.tokens[vocabulary.end] == "<|im_end|>"
    assert vocabulary.tokens[vocabulary.begin] == vocabulary.tokens[vocabulary.pad] == "<|endoftext|>"
    assert len(vocabulary.tokens) == 320
    for name in ("config.json", "generation_config.json"):
        assert json.loads((checkpoint / name).read_text())["eos_token_id"] == vocabulary.end
    assert vocabulary.end not in load_tokenizer(checkpoint).encode("<|im_end|>", add_special_tokens=False)


def test_a_gemma_of_the_hub_has_the_vocabulary_that_a_device_has(gemma: Path) -> None:
    check_base(str(gemma))
    checkpoint = base_checkpoint(str(gemma))
    assert read_vocabulary(checkpoint) == tiny_gemma_vocabulary()
    config = json.loads((checkpoint / "config.json").read_text())
    assert (config["eos_token_id"], config["bos_token_id"], config["pad_token_id"]) == (7, 2, 0)
    assert config["tie_word_embeddings"] is True
    ids = load_tokenizer(checkpoint).encode("<bos>", add_special_tokens=False)
    assert not {2, 7} & set(ids)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"final_logit_softcapping": 30.0}, "capped logits"),
        ({"use_bidirectional_attention": True}, "attention in both directions"),
        (
            {"query_pre_attn_scalar": 256},
            "an attention scale that is not its heads' own, which llama.cpp lacks",
        ),
        (
            {"layer_types": ["sliding_attention"] * 7},
            "windows in other blocks than five of 6, which llama.cpp",
        ),
        ({"hidden_activation": "silu"}, "the activation silu"),
    ],
)
def test_a_gemma_that_no_engine_runs_is_one_line(
    gemma: Path, changes: dict[str, object], complaint: str
) -> None:
    change(gemma / "config.json", **changes)
    with pytest.raises(InputError, match=complaint):
        check_base(str(gemma))


def test_a_folder_without_a_license_is_asked_for_one(plain: Path) -> None:
    (plain / "README.md").unlink()
    with pytest.raises(
        InputError, match=r"expected: that it is said once, edgethought base get .* --license NAME"
    ):
        check_base(str(plain))
    checkpoint, _ = get_base(str(plain), license="MIT")
    check_base(str(plain))
    assert base_checkpoint(str(plain)) == checkpoint
    assert read_card(checkpoint).license == "MIT"
    for given, kept in ((None, "MIT"), ("Apache-2.0", "Apache-2.0"), (None, "Apache-2.0")):
        assert get_base(str(plain), license=given) == (checkpoint, [])
        assert read_card(checkpoint).license == kept


def test_a_license_that_is_known_is_not_given_anew(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"--license MIT for smollm2-135m, which is under Apache-2\.0; expected: no"
    ):
        get_base("smollm2-135m", license="MIT")
    ours = tiny_checkpoint(tmp_path / "ours")
    with pytest.raises(InputError, match=r"a checkpoint whose edgethought\.json says Apache-2\.0"):
        get_base(str(ours), license="MIT")
    assert get_base(str(ours), license="Apache-2.0") == (ours, [])


@pytest.mark.parametrize(
    ("file", "changes", "complaint"),
    [
        (
            "config.json",
            {"model_type": "mamba"},
            "architecture 'mamba'; expected: llama, qwen2, qwen3, gemma3_text",
        ),
        ("config.json", {"rope_scaling": {"rope_type": "yarn"}}, "scaled rotary positions"),
        ("config.json", {"use_sliding_window": True}, "a sliding window"),
        ("config.json", {"vocab_size": 100}, "tokens for 100 rows"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "an unknown pre-tokenizer"),
        ("tokenizer.json", {"normalizer": {"type": "Lowercase"}}, "not plain byte-level BPE"),
        ("tokenizer_config.json", {"chat_template": "", "eos_token": "<end>"}, "the end token '<end>'"),
    ],
)
def test_what_is_not_supported_is_one_line(
    plain: Path, file: str, changes: dict[str, object], complaint: str
) -> None:
    change(plain / file, **changes)
    with pytest.raises(InputError, match=complaint):
        check_base(str(plain))


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(plain: Path, name: str) -> None:
    (plain / name).unlink()
    with pytest.raises(InputError, match=f"no {name.replace('model', '.*')}"):
        check_base(str(plain))


@pytest.mark.parametrize("take", [base_checkpoint, check_base])
def test_a_folder_with_no_model_is_no_base(tmp_path: Path, home: Path, take: Callable[[str], object]) -> None:
    with pytest.raises(
        InputError, match=r"holds no model \(no config\.json\); expected: a base's name \(smollm2-135m"
    ):
        take(str(tmp_path))
