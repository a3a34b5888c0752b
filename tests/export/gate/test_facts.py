"""Each fault, planted in an artifact, is refused under its own name."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import export.building.build as build
from export.building.build import export_checkpoint
from export.building.source import Source
from export.checkpoint import WEIGHTS_FILE, read_card
from export.gate.facts import structure_faults
from export.gguf.architectures import ARCHITECTURES
from export.gguf.facts import bits_of, gguf_facts
from export.gguf.gguf_file import write_gguf
from export.gguf.importance import draw_calibration
from export.targets import Target, parse_targets
from runtime.values.errors import GateRefused
from tests.export.gguf.test_quantize import rationales
from tests.tiny import tiny_checkpoint, tiny_qwen

# What a fault is planted in: a source that is written in the checkpoint's place, or the written artifact.
Plant = Callable[[Source], Source]
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untied tiny Qwen2, whose queries, keys and values have biases."""
    return tiny_qwen(tmp_path_factory.mktemp("tiny") / "base", spread=0.1)


def with_json(file: str, change: Callable[[dict[str, Any]], object]) -> Plant:
    def plant(source: Source) -> Source:
        row = json.loads((source.folder / file).read_text())
        change(row)
        (source.folder / file).write_text(json.dumps(row))
        return source

    return plant


def other_thought(source: Source) -> Source:
    return replace(source, card=replace(source.card, default_thought="pot"))


def swap_two_tokens(tokenizer: dict[str, Any]) -> None:
    ids = tokenizer["model"]["vocab"]
    ids["7"], ids["8"] = ids["8"], ids["7"]


def without_biases(source: Source) -> Source:
    """Biases of nothing, which the ONNX builder leaves out."""
    from safetensors.torch import load_file, save_file

    weights = load_file(source.folder / WEIGHTS_FILE)
    kept = {name: value * (not name.endswith("bias")) for name, value in weights.items()}
    save_file(kept, source.folder / WEIGHTS_FILE, metadata={"format": "pt"})
    return source


PLANTED_BEFORE: dict[str, Plant] = {
    "wrong chat template": other_thought,
    "wrong end token": with_json("tokenizer_config.json", lambda row: row.update(eos_token="<|endoftext|>")),
    "shuffled vocabulary: 2 tokens are others": with_json("tokenizer.json", swap_two_tokens),
    "wrong rope base: it is 10000, the checkpoint's 1e[+]06": with_json(
        "config.json", lambda row: row.update(rope_theta=10000.0)
    ),
    "tied head": with_json("config.json", lambda row: row.update(tie_word_embeddings=True)),
    "dropped bias: model.layers.0.self_attn.k_proj.bias and 5 more": without_biases,
}


@pytest.mark.parametrize("target", ["gguf:bf16", "onnx:int4"])
@pytest.mark.parametrize("fault", PLANTED_BEFORE)
def test_a_fault_of_the_writer_is_refused_under_its_name(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, target: str
) -> None:
    write = build._write

    def planted(source: Source, target: Target, folder: Path) -> None:
        other = tmp_path / "other"
        shutil.copytree(source.folder, other)
        write(PLANTED_BEFORE[fault](replace(source, folder=other)), target, folder)

    monkeypatch.setattr(build, "_write", planted)
    if fault.startswith("dropped bias") and target == "gguf:bf16":
        monkeypatch.setitem(ARCHITECTURES, "qwen2", replace(ARCHITECTURES["qwen2"], biased=False))
    if fault.startswith("wrong end token") and target == "onnx:int4":
        # The builder takes its end token from elsewhere.
        monkeypatch.setattr(
            build, "_write", lambda source, target, folder: (write(source, target, folder), other_end(folder))
        )
    with pytest.raises(GateRefused, match=fault):
        export_checkpoint(base, parse_targets(target), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def other_end(folder: Path) -> None:
    config = json.loads((folder / "genai_config.json").read_text())
    config["model"]["eos_token_id"] = 1
    (folder / "genai_config.json").write_text(json.dumps(config))


def swap_levels(folder: Path) -> None:
    one, other = folder / "model.onnx", folder / "model-accuracy1.onnx"
    one.rename(folder / "third")
    other.rename(one)
    (folder / "third").rename(other)


def overwrite(name: str, part: float) -> Damage:
    """Ones in 64 bytes of a file, that far into it: the blocks there, and their scales."""

    def damage(folder: Path) -> None:
        with (folder / name).open("r+b") as file:
            file.seek(int((folder / name).stat().st_size * part))
            file.write(b"\x31" * 64)

    return damage


PLANTED_AFTER: list[tuple[str, str, Damage]] = [
    ("onnx:int4", "wrong accuracy level: model.onnx computes at 1; expected: 4", swap_levels),
    ("onnx:q4_0", "wrong accuracy level: model.onnx computes at 1; expected: 4", swap_levels),
    ("gguf:q4_0", r"damaged tensor: model.layers.1.mlp", overwrite("model.gguf", 0.95)),
    ("onnx:q4_0", r"damaged tensor: model.layers.\d.mlp", overwrite("model.onnx.data", 0.5)),
    ("onnx:int4", r"damaged tensor: model.embed_tokens", overwrite("model.onnx.data", 0.95)),
    ("onnx:fp32", r"damaged tensor: model.layers", overwrite("model.onnx.data", 0.7)),
]


@pytest.mark.parametrize(("target", "fault", "damage"), PLANTED_AFTER)
def test_a_damaged_artifact_is_refused_under_its_faults_name(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, fault: str, damage: Damage
) -> None:
    write = build._write
    monkeypatch.setattr(
        build, "_write", lambda source, target, folder: (write(source, target, folder), damage(folder))
    )
    with pytest.raises(GateRefused, match=fault):
        export_checkpoint(base, parse_targets(target), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["gguf:q4_0", "gguf:q4_1", "gguf:q5_0"])
def test_damage_is_seen_where_rounding_is_compensated_or_weighed_too(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Blocks that make up for others' errors, or hardly count, are further from the checkpoint: that is no damage."""
    calibration, write = draw_calibration(rationales(), "set"), build._write
    export_checkpoint(base, parse_targets(target), tmp_path / "whole", calibration=calibration)
    damage = overwrite("model.gguf", 0.95)
    monkeypatch.setattr(
        build, "_write", lambda source, target, folder: (write(source, target, folder), damage(folder))
    )
    with pytest.raises(GateRefused, match=r"damaged tensor: model.layers.1.mlp"):
        export_checkpoint(base, parse_targets(target), tmp_path, calibration=calibration)


def test_a_missing_norm_of_queries_has_its_own_name(base: Path, tmp_path: Path) -> None:
    """By the checkpoint's own tensors, so that no architecture can be forgotten."""
    import torch
    from safetensors.torch import load_file, save_file

    normed = shutil.copytree(base, tmp_path / "normed")
    name = "model.layers.1.self_attn.q_norm.weight"
    save_file({**load_file(base / WEIGHTS_FILE), name: torch.ones(32)}, normed / WEIGHTS_FILE)
    write_gguf(base, read_card(base), tmp_path / "model.gguf")
    facts = gguf_facts(tmp_path / "model.gguf", base)
    end = facts.end_tokens
    assert structure_faults(facts, base, read_card(base), end) == []
    assert structure_faults(facts, normed, read_card(base), end) == [f"missing q/k norm: {name}"]


def test_a_forced_export_keeps_the_artifact_and_the_names_of_its_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    write = build._write
    monkeypatch.setattr(
        build, "_write", lambda source, target, folder: write(other_thought(source), target, folder)
    )
    (manifest,) = export_checkpoint(base, parse_targets("gguf:bf16"), tmp_path / "out", force=True)
    assert manifest.gate["broken"][0].startswith("wrong chat template")


@pytest.mark.parametrize(
    ("kind", "bits"), [("Q4_0", 4), ("IQ4_NL", 4), ("Q6_K", 6), ("BF16", 16), ("F32", 32)]
)
def test_the_bits_of_a_type_are_in_its_name(kind: str, bits: int) -> None:
    assert bits_of(kind) == bits
