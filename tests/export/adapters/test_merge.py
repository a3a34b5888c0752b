"""An adapter merged by us is the adapter merged by peft, and what is no plain adapter of the base is one line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgethought.cli.export import export_command, merge_command
from export.adapters.adapter import read_adapter
from export.adapters.merge import merge_adapter
from export.building.build import export_checkpoint
from export.checkpoint import checkpoint_sha256, load_student, read_card
from export.targets import parse_targets
from export.trim.base import trim_base
from runtime.answering.pipeline import load
from runtime.values.errors import InputError
from tests.tiny import tiny_checkpoint, tiny_qwen
from tests.tiny_adapter import tiny_adapter
from tests.tiny_seq2seq import one_thread

BASES = {"llama": tiny_checkpoint, "qwen2": tiny_qwen}


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module", params=BASES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return BASES[request.param](tmp_path_factory.mktemp(request.param) / "base")


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    return tiny_checkpoint(tmp_path / "llama")


@pytest.mark.parametrize("changes", [{}, {"use_rslora": True, "lora_alpha": 3}])
def test_merging_is_what_peft_does(base: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    import torch
    from peft import PeftModel

    adapter = tiny_adapter(base, tmp_path / "adapter", **changes)
    card = merge_adapter(adapter, base, tmp_path / "out", thoughts=("pot", "eot"), name="tiny")
    theirs = PeftModel.from_pretrained(load_student(base), adapter).merge_and_unload().state_dict()
    ours = load_student(tmp_path / "out").state_dict()
    assert ours.keys() == theirs.keys()
    for name, weight in theirs.items():
        torch.testing.assert_close(ours[name], weight.to(torch.bfloat16).float(), rtol=2**-7, atol=1e-6)
    assert card == read_card(tmp_path / "out")
    assert (card.thoughts, card.default_thought, card.title) == (("eot", "pot"), "pot", "tiny")
    assert card.merged is not None and card.merged.parent == checkpoint_sha256(base)


def test_merging_again_keeps_what_is_there_and_refuses_another_adapter(llama: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    merge_adapter(tiny_adapter(llama, tmp_path / "one"), llama, out)
    first, stamp = checkpoint_sha256(out), (out / "model.safetensors").stat().st_mtime_ns
    merge_adapter(tmp_path / "one", llama, out)
    assert (out / "model.safetensors").stat().st_mtime_ns == stamp
    two = tiny_adapter(llama, tmp_path / "two", seed=2)
    with pytest.raises(
        InputError, match=r"out holds another merging \(other: merged\); expected: a new folder"
    ):
        merge_adapter(two, llama, out)
    assert checkpoint_sha256(out) == first
    merge_adapter(two, llama, out, replace_earlier=True)
    assert checkpoint_sha256(out) != first
    merge_adapter(tmp_path / "one", llama, tmp_path / "again")
    assert checkpoint_sha256(tmp_path / "again") == first


def test_a_folder_with_something_else_is_left_alone(llama: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(llama, tmp_path / "adapter")
    with pytest.raises(InputError, match="holds something else"):
        merge_adapter(adapter, llama, llama)


def test_merged_trimmed_and_exported_it_answers_under_its_name(
    llama: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = tiny_adapter(llama, tmp_path / "adapter")
    merge_command(adapter, str(llama), tmp_path / "merged", thoughts="eot,pot", default="pot", name="nano")
    assert "nano, base tiny-0, Apache-2.0; eot, pot, by default pot" in capsys.readouterr().out
    trim_base(tmp_path / "merged", ["Question: ans = 12"], tmp_path / "small", first_merges=0)
    export_checkpoint(tmp_path / "small", parse_targets("gguf:bf16"), tmp_path)
    with load(tmp_path / "gguf-bf16", threads=1) as model:
        solution = model.answer("Tom has 2 pens.")
    assert (solution.model, solution.thought) == ("nano gguf:bf16", "pot")
    assert solution.to_row()["model"] == "nano gguf:bf16"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"use_dora": True}, "use_dora True; expected: plain LoRA"),
        ({"bias": "all"}, "bias 'all'"),
        ({"peft_type": "IA3"}, "peft_type 'IA3'"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
        ({"r": 8}, "another rank"),
        ({"r": None}, "is damaged"),
    ],
)
def test_more_than_plain_lora_is_one_line(
    llama: Path, tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    file = tiny_adapter(llama, tmp_path / "adapter") / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    with pytest.raises(InputError, match=complaint):
        read_adapter(tmp_path / "adapter")


def test_an_adapter_of_another_base_is_one_line(llama: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = tiny_adapter(llama, tmp_path / "adapter") / "adapter_model.safetensors"
    tensors = load_file(file)
    save_file(
        {name: value.repeat(2, 1) if "lora_B" in name else value for name, value in tensors.items()}, file
    )
    with pytest.raises(InputError, match=r"is for a weight of \(128, 128\); expected: \(64, 128\)"):
        merge_adapter(tmp_path / "adapter", llama, tmp_path / "out")
    save_file({name.replace("layers.1", "layers.7"): value for name, value in tensors.items()}, file)
    with pytest.raises(InputError, match=r"a base with model\.layers\.7\..*, which .* has not"):
        merge_adapter(tmp_path / "adapter", llama, tmp_path / "out")
    save_file(
        {name: value for name, value in tensors.items() if "layers.1.mlp.up_proj.lora_B" not in name}, file
    )
    with pytest.raises(InputError, match=r"up_proj\.lora_A\.weight alone"):
        merge_adapter(tmp_path / "adapter", llama, tmp_path / "out")
    file.write_bytes(b"<html>")
    with pytest.raises(InputError, match="is damaged"):
        merge_adapter(tmp_path / "adapter", llama, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_adapter_without_its_base_says_what_is_missing(llama: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(llama, tmp_path / "adapter")
    with pytest.raises(InputError, match="is an adapter; expected: --base NAME"):
        export_command(adapter, "gguf:bf16", tmp_path / "out", calibration=None, force=False)
