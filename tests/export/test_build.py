"""A checkpoint keeps its answers on the way to GGUF and ONNX, and the gate notices when it does not."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from export.bases.gguf_import import convert_gguf
from export.building.build import export_checkpoint
from export.checkpoint import CheckpointCard, load_student, load_tokenizer, read_card, save_card
from export.gguf.gguf_file import write_gguf
from export.gguf.quantize import gguf_tensor_types, quantize_gguf
from export.targets import parse_targets
from runtime.engines.opening import open_engine
from runtime.values.errors import GateRefused, InputError
from runtime.values.manifest import broken_files, file_sha256, read_manifest
from tests.tiny import tiny_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


def test_weights_and_tokenizer_survive_the_way_to_gguf_and_back(checkpoint: Path, tmp_path: Path) -> None:
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    convert_gguf(tmp_path / "exact.gguf", tmp_path / "back", read_card(checkpoint))
    before, after = load_student(checkpoint).state_dict(), load_student(tmp_path / "back").state_dict()
    assert before.keys() == after.keys()
    assert all(bool((before[name] == after[name]).all()) for name in before)
    assert file_sha256(checkpoint / "tokenizer.json") == file_sha256(tmp_path / "back" / "tokenizer.json")
    assert json.loads((tmp_path / "back" / "config.json").read_text())["rope_theta"] == 10000.0


def test_transformers_reads_the_gguf_as_the_same_model(checkpoint: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="exact.gguf", dtype=torch.float32)
    ids = torch.tensor([[5, 80, 81, 82, 200, 17]])
    with torch.inference_mode():
        assert torch.allclose(theirs(ids).logits, load_student(checkpoint)(ids).logits, atol=1e-4)


def test_an_artifact_carries_its_gate_and_every_hash(checkpoint: Path, tmp_path: Path) -> None:
    (manifest,) = export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path)
    folder = tmp_path / "gguf-bf16"
    assert read_manifest(folder) == manifest
    assert manifest.files == {"model.gguf": file_sha256(folder / "model.gguf")}
    assert manifest.gate["token_ids_differ"] == manifest.gate["prompts_differ"] == 0
    assert manifest.gate["mean_kl"] < 1e-3
    assert not manifest.gate["broken"]
    assert manifest.end_tokens == (2,)
    assert manifest.near_duplicates == ()


def test_an_artifact_carries_its_checkpoints_mark_of_siblings(checkpoint: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    shutil.copytree(checkpoint, marked)
    save_card(replace(read_card(checkpoint), near_duplicates=("svamp",)), marked)
    (manifest,) = export_checkpoint(marked, parse_targets("gguf:bf16"), tmp_path / "out")
    assert manifest.near_duplicates == ("svamp",)
    assert read_manifest(tmp_path / "out/gguf-bf16") == manifest


def test_cards_and_manifests_from_before_the_mark_still_read(checkpoint: Path, tmp_path: Path) -> None:
    export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path)
    for folder, name in ((checkpoint, "edgethought.json"), (tmp_path / "gguf-bf16", "manifest.json")):
        row = json.loads((folder / name).read_text())
        del row["near_duplicates"]
        (folder / name).write_text(json.dumps(row))
    assert read_card(checkpoint).near_duplicates == ()
    assert read_manifest(tmp_path / "gguf-bf16").near_duplicates == ()


def test_exporting_again_keeps_what_is_there(checkpoint: Path, tmp_path: Path) -> None:
    export_checkpoint(checkpoint, parse_targets("gguf:q8_0"), tmp_path)
    written = (tmp_path / "gguf-q8_0" / "model.gguf").stat().st_mtime_ns
    export_checkpoint(checkpoint, parse_targets("gguf:q8_0"), tmp_path)
    assert (tmp_path / "gguf-q8_0" / "model.gguf").stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "manifest"])
def test_exporting_again_makes_a_broken_artifact_anew(checkpoint: Path, tmp_path: Path, damage: str) -> None:
    export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path)
    model, manifest = tmp_path / "gguf-bf16/model.gguf", tmp_path / "gguf-bf16/manifest.json"
    whole = model.read_bytes()
    if damage == "missing":
        model.unlink()
    elif damage == "cut":
        model.write_bytes(whole[:-100])
    elif damage == "changed":
        model.write_bytes(whole[:-3] + b"abc")
    else:
        manifest.write_text("{")
    export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path)
    assert model.read_bytes() == whole
    assert not broken_files(tmp_path / "gguf-bf16")


def test_the_tensor_types_are_what_the_file_really_holds(checkpoint: Path, tmp_path: Path) -> None:
    write_gguf(checkpoint, read_card(checkpoint), tmp_path / "exact.gguf")
    quantize_gguf(tmp_path / "exact.gguf", tmp_path / "q4_0.gguf", "q4_0")
    assert gguf_tensor_types(tmp_path / "q4_0.gguf") == {"F32": 5, "Q4_0": 14, "IQ4_NL": 1}


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [("weights", "mean KL"), ("template", "rendered prompt"), ("end", "end tokens")],
)
def test_the_gate_refuses_an_artifact_that_answers_otherwise(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, complaint: str
) -> None:
    import export.building.build as build

    def damaged(source: build.Source, target: object, folder: Path) -> None:
        other = tiny_checkpoint(tmp_path / "other", seed=1 if damage == "weights" else 0)
        if damage == "end":
            config = json.loads((other / "tokenizer_config.json").read_text())
            (other / "tokenizer_config.json").write_text(json.dumps({**config, "eos_token": "<|endoftext|>"}))
        card = replace(source.card, default_thought="pot") if damage == "template" else source.card
        write_gguf(other, card, folder / "model.gguf")

    monkeypatch.setattr(build, "_write", damaged)
    with pytest.raises(GateRefused, match=complaint):
        export_checkpoint(checkpoint, parse_targets("gguf:bf16"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_onnx_answers_as_the_checkpoint_does(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its builder starts as users start it."""
    monkeypatch.setattr("export.onnx.decoder.subprocess", subprocess)
    (manifest,) = export_checkpoint(checkpoint, parse_targets("onnx:fp32"), tmp_path)
    assert manifest.gate["mean_kl"] < 1e-3
    assert manifest.gate["same_greedy_text"] >= manifest.gate["probes"] - 1
    assert not [name for name in manifest.files if name.endswith(".py")]


def test_int4_comes_at_two_accuracy_levels_each_past_the_gate(tmp_path: Path) -> None:
    # Four bits are hard on a width of 64, so this one is not too sure of itself.
    base = tiny_checkpoint(tmp_path / "base", spread=0.1)
    (manifest,) = export_checkpoint(base, parse_targets("onnx:int4"), tmp_path)
    assert manifest.accuracy_levels == {"4": "model.onnx", "1": "model-accuracy1.onnx"}
    assert set(manifest.accuracy_levels.values()) <= set(manifest.files)
    assert manifest.gate["accuracy_levels"]["1"]["broken"] == []
    written = []
    for level in (4, 1):
        engine = open_engine(tmp_path / "onnx-int4", 1, accuracy_level=level)
        written.append(engine.logits([9, 8, 7, 6, 5], 1))
        engine.close()
    assert 0 < float(abs(written[0] - written[1]).max()) < 0.1
    with pytest.raises(InputError, match=r"accuracy level 3 of .*; expected: 4, 1"):
        open_engine(tmp_path / "onnx-int4", 1, accuracy_level=3)


def test_a_level_that_answers_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import export.onnx.decoder as folder

    def other_weights(model: Path) -> None:
        import onnx

        graph = onnx.load(model, load_external_data=True)
        for tensor in graph.graph.initializer:
            if tensor.name.endswith("scales") or "scale" in tensor.name:
                tensor.raw_data = bytes(reversed(tensor.raw_data))
        for node in graph.graph.node:
            for entry in node.attribute:
                if entry.name == "accuracy_level":
                    entry.i = 1
        onnx.save(graph, model.with_name("model-accuracy1.onnx"))

    monkeypatch.setattr(folder, "_write_other_levels", other_weights)
    base = tiny_checkpoint(tmp_path / "base", spread=0.1)
    with pytest.raises(GateRefused, match="onnx:int4 at accuracy level 1 does not answer"):
        export_checkpoint(base, parse_targets("onnx:int4"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("text", ["", "gguf", "gguf:q2_k", "onnx:q4_1", "tflite:int8", "gguf:q4_0,onnx"])
def test_an_unknown_target_says_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError, match="expected: gguf:q4_0"):
        parse_targets(text)


def test_targets_keep_their_order_and_lose_repeats() -> None:
    assert [str(target) for target in parse_targets(" onnx:int4 ,GGUF:q8_0,onnx:int4")] == [
        "onnx:int4",
        "gguf:q8_0",
    ]


@pytest.mark.parametrize("name", ["nothing", "card", "broken"])
def test_a_folder_that_is_no_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    if name != "nothing":
        folder.mkdir()
    if name == "broken":
        (folder / "edgethought.json").write_text("{")
    if name == "card":
        save_card(CheckpointCard("tiny", "Apache-2.0"), folder)
    with pytest.raises(InputError, match=str(folder)):
        export_checkpoint(folder, parse_targets("gguf:q8_0"), tmp_path / "out")


def test_special_tokens_in_a_question_are_text(checkpoint: Path) -> None:
    ids = load_tokenizer(checkpoint).encode("<|im_end|>", add_special_tokens=False)
    assert 2 not in ids
    assert load_tokenizer(checkpoint).decode(ids) == "<|im_end|>"
