"""Every decoder keeps its answers from GGUF or folder to checkpoint, through trimming, to both artifacts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from export.bases.gguf_import import convert_gguf
from export.building.build import export_checkpoint
from export.checkpoint import load_student, load_tokenizer, read_card
from export.gate.parity import divergence
from export.gate.probes import AWKWARD_TEXTS
from export.gguf.gguf_file import write_gguf
from export.targets import parse_targets
from export.tokenizer import read_vocabulary
from export.trim.base import trim_base
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.engines.opening import open_engine
from runtime.values.errors import GateRefused, InputError
from runtime.values.manifest import file_sha256
from tests.runtime.fake_engine import fake_manifest
from tests.tiny import tiny_checkpoint, tiny_decoder, tiny_qwen

TEXTS = ("Question: Tom has 12 pens.\nEquations:\n", "ans = 12\n\n  tens = 1,234.5", *AWKWARD_TEXTS[2:])


DECODERS = ("qwen2", "qwen3", "gemma3_text")


@pytest.fixture(scope="module", params=[(name, tied) for name in DECODERS for tied in (True, False)])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    name, tied = request.param
    yield tiny_decoder(tmp_path_factory.mktemp(name) / "base", name, tied=tied)


def metadata(model: Path) -> dict[str, Any]:
    import gguf

    return {name: field.contents() for name, field in gguf.GGUFReader(model).fields.items()}


def opened(model: Path) -> LlamaCppEngine:
    return LlamaCppEngine(model, replace(fake_manifest(), context_tokens=512), 1)


def test_weights_and_tokenizer_survive_the_way_to_gguf_and_back(checkpoint: Path, tmp_path: Path) -> None:
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    convert_gguf(tmp_path / "exact.gguf", tmp_path / "back", read_card(checkpoint))
    before, after = load_student(checkpoint).state_dict(), load_student(tmp_path / "back").state_dict()
    assert before.keys() == after.keys()
    assert [name for name in before if name.endswith(("q_proj.bias", "q_norm.weight"))]
    # A norm's weight that is counted from one has float32's last bits less; every other is the very same.
    slack = {name: 2**-23 if "gemma" in str(checkpoint) and "norm" in name else 0 for name in before}
    assert all(float((before[name] - after[name]).abs().max()) <= slack[name] for name in before)
    for name in ("tokenizer.json", "generation_config.json"):
        assert file_sha256(checkpoint / name) == file_sha256(tmp_path / "back" / name), name
    config, back = (
        json.loads((folder / "config.json").read_text()) for folder in (checkpoint, tmp_path / "back")
    )
    assert {name for name in config if config[name] != back[name]} == {"initializer_range"}


def test_a_head_that_equals_the_embedding_is_tied_again(tmp_path: Path) -> None:
    import torch

    from export.checkpoint import save_student

    untied = tiny_qwen(tmp_path / "untied")
    model = load_student(untied)
    with torch.no_grad():
        model.lm_head.weight.copy_(model.model.embed_tokens.weight)
    save_student(model, untied)
    write_gguf(untied, read_card(untied), tmp_path / "exact.gguf")
    convert_gguf(tmp_path / "exact.gguf", tmp_path / "back", read_card(untied))
    assert json.loads((tmp_path / "back/config.json").read_text())["tie_word_embeddings"] is True
    back = load_student(tmp_path / "back")
    assert back.lm_head.weight.data_ptr() == back.model.embed_tokens.weight.data_ptr()


def test_llama_cpp_has_the_same_ids_and_the_same_distribution(checkpoint: Path, tmp_path: Path) -> None:
    import torch

    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    engine, tokenizer, model = (
        opened(tmp_path / "exact.gguf"),
        load_tokenizer(checkpoint),
        load_student(checkpoint),
    )
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert engine.encode(text) == ids
        with torch.inference_mode():
            expected = torch.log_softmax(model(torch.tensor([ids])).logits[0], dim=-1).numpy()
        mean, _, _ = divergence(engine.logits(ids, len(ids)), expected)
        assert mean < 1e-3
    engine.close()


@pytest.mark.parametrize("family", ["llama", *DECODERS])
def test_every_id_that_a_program_may_ask_for_is_in_the_file(tmp_path: Path, family: str) -> None:
    folder = tmp_path / "base"
    checkpoint = tiny_checkpoint(folder) if family == "llama" else tiny_decoder(folder, family)
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    found, vocabulary = metadata(tmp_path / "exact.gguf"), read_vocabulary(checkpoint)
    assert found["general.architecture"] == family.removesuffix("_text")
    assert vocabulary.tokens[vocabulary.end] == ("<end_of_turn>" if "gemma" in family else "<|im_end|>")
    for name in ("eos", "eot"):
        assert found[f"tokenizer.ggml.{name}_token_id"] == vocabulary.end
    assert found["tokenizer.ggml.bos_token_id"] == vocabulary.begin
    assert found["tokenizer.ggml.padding_token_id"] == vocabulary.pad
    assert found["tokenizer.ggml.add_bos_token"] is False
    kinds = {"llama": ("gpt2", "smollm"), "gemma3_text": ("llama", "default")}
    named = tuple(found[f"tokenizer.ggml.{key}"] for key in ("model", "pre"))
    assert named == kinds.get(family, ("gpt2", "qwen2"))
    assert "Equations:" in found["tokenizer.chat_template"]


def test_what_llama_cpp_asks_of_each_architecture_is_in_the_file(tmp_path: Path) -> None:
    """The keys and tensors that llama.cpp's own converter writes beyond a Llama's."""
    import gguf

    for name in ("qwen3", "gemma3"):
        checkpoint = tiny_decoder(tmp_path / name, {"gemma3": "gemma3_text"}.get(name, name), tied=True)
        write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
        found = metadata(tmp_path / "exact.gguf")
        assert found[f"{name}.attention.key_length"] == found[f"{name}.attention.value_length"] == 48
        kind = next(kind for kind, known in gguf.MODEL_ARCH_NAMES.items() if known == name)
        known = gguf.get_tensor_name_map(kind, 7)
        tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(tmp_path / "exact.gguf").tensors}
        with safe_open(checkpoint / "model.safetensors", framework="pt") as weights:
            names = {key: known.get_name(key, try_suffixes=(".weight",)) for key in weights.keys()}  # noqa: SIM118
            assert set(names.values()) == set(tensors)
            norm = weights.get_tensor("model.layers.1.self_attn.q_norm.weight").float().numpy()
        offset = 1.0 if name == "gemma3" else 0.0
        assert (tensors["blk.1.attn_q_norm.weight"].data == norm + np.float32(offset)).all()
    assert found["gemma3.attention.sliding_window"] == 16
    assert (found["gemma3.rope.freq_base"], found["gemma3.rope.freq_base_swa"]) == (1e6, 1000.0)


def test_trimming_moves_every_id_and_no_logit(checkpoint: Path, tmp_path: Path) -> None:
    import torch

    trim_base(checkpoint, ["Question: ans = 12"], tmp_path / "small", first_merges=0)
    whole, small = read_vocabulary(checkpoint), read_vocabulary(tmp_path / "small")
    assert len(small.tokens) < len(whole.tokens)
    assert small.tokens[small.end] == whole.tokens[whole.end]
    assert small.end != whole.end or small.pad != whole.pad or len(whole.tokens) > len(small.tokens)
    assert not [token for token in small.tokens if token.startswith(("[PAD", "<unused"))]
    for name in ("config.json", "generation_config.json"):
        ids = json.loads((tmp_path / "small" / name).read_text())
        assert (ids["eos_token_id"], ids["pad_token_id"], ids["bos_token_id"]) == (
            small.end,
            small.pad,
            small.begin,
        )
    write_gguf(tmp_path / "small", read_card(tmp_path / "small"), tmp_path / "small.gguf")
    found = metadata(tmp_path / "small.gguf")
    assert found["tokenizer.ggml.eot_token_id"] == found["tokenizer.ggml.eos_token_id"] == small.end
    text = "Question: ans = 12"
    old, new = (
        load_tokenizer(folder).encode(text, add_special_tokens=False)
        for folder in (checkpoint, tmp_path / "small")
    )
    assert [whole.tokens[token] for token in old] == [small.tokens[token] for token in new]
    with torch.inference_mode():
        before = load_student(checkpoint)(torch.tensor([old])).logits[0]
        after = load_student(tmp_path / "small")(torch.tensor([new])).logits[0]
    same = [whole.tokens.index(token) for token in small.tokens]
    torch.testing.assert_close(after, before[:, same])


@pytest.mark.parametrize("target", ["gguf:bf16", "onnx:fp32"])
@pytest.mark.parametrize("name", DECODERS)
def test_an_artifact_passes_the_gate_and_stops_at_the_end_token(
    tmp_path: Path, name: str, target: str
) -> None:
    checkpoint = tiny_decoder(tmp_path / "base", name, tied=name == "gemma3_text")
    trim_base(checkpoint, ["Question: ans = 12"], tmp_path / "small", first_merges=0)
    (manifest,) = export_checkpoint(tmp_path / "small", parse_targets(target), tmp_path)
    assert manifest.gate["mean_kl"] < 1e-3
    assert manifest.gate["broken"] == []
    assert manifest.end_tokens == (read_vocabulary(tmp_path / "small").end,)
    engine = open_engine(tmp_path / target.replace(":", "-"), 1)
    vocabulary = read_vocabulary(checkpoint)
    assert engine.encode(vocabulary.tokens[vocabulary.end]) != list(manifest.end_tokens)
    engine.close()


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("qwen2", ("k_proj.bias", "v_proj.bias")),
        ("qwen3", ("q_norm.weight", "k_norm.weight")),
        ("gemma3_text", ("post_feedforward_layernorm.weight",)),
    ],
)
def test_what_is_dropped_of_an_architecture_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, dropped: tuple[str, ...]
) -> None:
    import torch

    import export.building.build as build
    from export.checkpoint import save_student

    checkpoint = tiny_decoder(tmp_path / "base", name)
    other = tiny_decoder(tmp_path / "other", name)
    model = load_student(other)
    with torch.no_grad():
        for parameter, weight in model.named_parameters():
            if parameter.endswith(dropped):
                weight.fill_(name == "qwen3")
    save_student(model, other)
    monkeypatch.setattr(
        build, "_write", lambda source, _, folder: write_gguf(other, source.card, folder / "model.gguf")
    )
    with pytest.raises(GateRefused, match="mean KL"):
        export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path / "out")


def test_a_swapped_rotary_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import export.building.build as build

    checkpoint = tiny_decoder(tmp_path / "base", "gemma3_text")
    other = tiny_decoder(tmp_path / "other", "gemma3_text")
    config = json.loads((other / "config.json").read_text())
    bases = {"rope_theta": config["rope_local_base_freq"], "rope_local_base_freq": config["rope_theta"]}
    (other / "config.json").write_text(json.dumps({**config, **bases}))
    monkeypatch.setattr(
        build, "_write", lambda source, _, folder: write_gguf(other, source.card, folder / "model.gguf")
    )
    with pytest.raises(GateRefused, match="wrong rope base"):
        export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path / "out")


@pytest.mark.parametrize("damage", ["cut", "page", "short"])
def test_a_file_that_is_no_whole_gguf_is_one_line(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "model.gguf"
    checkpoint = tiny_qwen(tmp_path / "base")
    write_gguf(checkpoint, read_card(checkpoint), file)
    data = file.read_bytes()
    file.write_bytes(
        {"cut": data[:-5000], "page": b"<!DOCTYPE html><p>Not found", "short": data[:100]}[damage]
    )
    with pytest.raises(InputError, match=r"model\.gguf is no whole GGUF file"):
        convert_gguf(file, tmp_path / "out", read_card(checkpoint))


def test_an_architecture_that_we_lack_is_one_line(tmp_path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "gpt2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    card = read_card(tiny_qwen(tmp_path / "base"))
    with pytest.raises(InputError, match="architecture 'gpt2'; expected: llama, qwen2, qwen3, gemma3"):
        convert_gguf(tmp_path / "model.gguf", tmp_path / "out", card)
