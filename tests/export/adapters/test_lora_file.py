"""An adapter beside its base writes what the merged model writes: one sequence, several, trimmed base, command line."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edgethought.cli.export import export_adapter_command
from export.adapters.merge import merge_adapter
from export.building.build import export_checkpoint
from export.checkpoint import load_student, save_student
from export.gguf.lora_file import write_lora_gguf
from export.targets import parse_targets
from export.trim.base import trim_base
from runtime.answering.pipeline import load
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from tests.tiny import tiny_checkpoint, tiny_qwen
from tests.tiny_adapter import tiny_adapter
from tests.tiny_seq2seq import one_thread

BASES = {"llama": tiny_checkpoint, "qwen2": tiny_qwen}
QUESTIONS = [f"Tom has {count} pens and buys {count + 1} more. How many has he?" for count in range(2, 8)]


def on_a_grid(base: Path) -> Path:
    """Round a base's weights so that bfloat16 holds their sums with a gridded adapter's products exactly."""
    model = load_student(base)
    for weight in model.parameters():
        weight.data.mul_(64).round_().div_(64)
    save_student(model, base)
    return base


@pytest.fixture(scope="module", params=BASES)
def parts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Path]]:
    """A base's artifact, the adapter's file, and the merged model's artifact in the type that merging rounds to."""
    folder = tmp_path_factory.mktemp(request.param)
    with one_thread():
        base = on_a_grid(BASES[request.param](folder / "base"))
        adapter = tiny_adapter(base, folder / "adapter", grid=True)
        write_lora_gguf(adapter, base, folder / "adapter.gguf")
        merge_adapter(adapter, base, folder / "merged")
        for name in ("base", "merged"):
            export_checkpoint(folder / name, parse_targets("gguf:f16"), folder / f"{name}-out")
        yield {
            "checkpoint": base,
            "folder": adapter,
            "base": folder / "base-out/gguf-f16",
            "merged": folder / "merged-out/gguf-f16",
            "adapter": folder / "adapter.gguf",
        }


def test_the_file_is_what_llama_cpps_converter_writes(parts: dict[str, Path]) -> None:
    import gguf

    reader = gguf.GGUFReader(parts["adapter"])
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.type"] == "adapter"
    assert fields["adapter.type"] == "lora"
    assert fields["adapter.lora.alpha"] == 8.0
    assert fields["general.architecture"] in BASES
    shapes = {tensor.name: tuple(map(int, tensor.shape)) for tensor in reader.tensors}
    assert len(shapes) == 2 * 2 * 7
    # GGUF counts the fastest dimension first.
    assert shapes["blk.1.ffn_down.weight.lora_a"] == (128, 4)
    assert shapes["blk.1.ffn_down.weight.lora_b"] == (4, 64)


def greedy(artifact: Path, adapter: Path | None = None) -> list[str]:
    """What is written for the questions, one after the other and then together."""
    with load(artifact, threads=1, adapter=adapter) as model:
        one_by_one = [model.answer(question).text for question in QUESTIONS]
        return one_by_one + [solution.text for solution in model.answer_batch(QUESTIONS, streams=3)]


def same(some: list[str], others: list[str]) -> int:
    """How many texts are equal. A random model has ties that the order of a sum decides, so few may differ."""
    return sum(text == other for text, other in zip(some, others, strict=True))


def test_an_adapter_beside_the_base_writes_what_the_merged_model_writes(parts: dict[str, Path]) -> None:
    with_adapter, merged, base = (
        greedy(parts["base"], parts["adapter"]),
        greedy(parts["merged"]),
        greedy(parts["base"]),
    )
    assert same(with_adapter, merged) >= 2 * len(QUESTIONS) - 2
    assert same(with_adapter, base) == 0


def test_logits_are_the_merged_ones_but_for_rounding(parts: dict[str, Path]) -> None:
    import numpy as np

    found: list[Any] = []
    for artifact, adapter in ((parts["base"], parts["adapter"]), (parts["merged"], None)):
        with closing(open_engine(artifact, 1, adapter=adapter)) as engine:
            found.append(engine.logits(engine.encode(QUESTIONS[0]), 4))
    assert np.abs(found[0] - found[1]).max() < 0.05 * np.abs(found[1]).max()


def test_an_adapter_fits_its_base_trimmed(parts: dict[str, Path], tmp_path: Path) -> None:
    with one_thread():
        trim_base(parts["checkpoint"], QUESTIONS, tmp_path / "small", first_merges=0)
        export_checkpoint(tmp_path / "small", parse_targets("gguf:f16"), tmp_path)
        merge_adapter(parts["folder"], tmp_path / "small", tmp_path / "merged")
        export_checkpoint(tmp_path / "merged", parse_targets("gguf:f16"), tmp_path / "out")
    with_adapter, merged = (
        greedy(tmp_path / "gguf-f16", parts["adapter"]),
        greedy(tmp_path / "out/gguf-f16"),
    )
    assert same(with_adapter, merged) >= 2 * len(QUESTIONS) - 2


def test_answers_are_signed_with_the_adapter_too(parts: dict[str, Path]) -> None:
    with load(parts["base"], threads=1, adapter=parts["adapter"]) as model:
        assert model.answer(QUESTIONS[0]).model.endswith(" gguf:f16 + adapter")


def test_prefixes_on_disk_are_kept_apart(parts: dict[str, Path], home: Path) -> None:
    for adapter in (None, parts["adapter"], None):
        with closing(open_engine(parts["base"], 1, adapter=adapter)) as engine:
            engine.keep(engine.encode("".join(QUESTIONS)))
    assert len(list((home / "prefixes").glob("*.kv"))) == 2


@pytest.mark.parametrize("damage", ["missing", "page", "other"])
def test_what_is_no_adapter_of_this_model_is_one_line(
    parts: dict[str, Path], tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "adapter.gguf"
    if damage == "page":
        file.write_text("<html>")
    if damage == "other":
        file = parts["base"] / "model.gguf"
    with pytest.raises(InputError, match=r"no file|could not be loaded as an adapter of this model"):
        open_engine(parts["base"], 1, adapter=file)


def test_the_command_line_writes_both_forms(
    parts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with one_thread():
        export_adapter_command(
            parts["folder"],
            str(parts["checkpoint"]),
            "pot,eot",
            "gguf:adapter,gguf:f16",
            tmp_path,
            calibration=None,
            force=False,
        )
    out = capsys.readouterr().out
    assert "adapter.gguf  " in out and "gguf-f16  " in out
    assert (tmp_path / "adapter.gguf").read_bytes() == parts["adapter"].read_bytes()
    model = tmp_path / "gguf-f16/model.gguf"
    assert model.stat().st_size == (parts["merged"] / "model.gguf").stat().st_size


def test_the_adapter_must_be_of_the_blocks(parts: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(parts["folder"], tmp_path / "head")
    file = tmp_path / "head/adapter_model.safetensors"
    tensors = load_file(file)
    save_file(
        {name.replace("model.layers.1.mlp.up_proj", "lm_head"): value for name, value in tensors.items()},
        file,
    )
    with pytest.raises(InputError, match=r"changes lm_head\.weight; expected: weights of the blocks"):
        write_lora_gguf(tmp_path / "head", parts["checkpoint"], tmp_path / "adapter.gguf")
