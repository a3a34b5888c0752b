"""A whole run on a tiny encoder-decoder, and what such a base has not is said before the first stage."""

import json
from pathlib import Path

import pytest

from edgethought.stages.recipe import read_recipe
from edgethought.stages.running.pipeline import run_recipe
from edgethought.stages.running.preflight import check_recipe
from runtime.answering.default_model import default_artifacts
from runtime.values.errors import InputError
from runtime.values.manifest import read_manifest
from tests.tiny_seq2seq import one_thread, tiny_t5

CHANGES = [
    "limit=16",
    "targets=onnx:fp32",
    "train.epochs=1",
    "train.batch_size=8",
    "train.threads=1",
    "score.limit=3",
    "score.baselines=few-shot",
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_t5(tmp_path_factory.mktemp("t5") / "base")


def test_the_whole_line_runs_on_an_encoder_decoder(base: Path, tmp_path: Path, home: Path) -> None:
    recipe = read_recipe("quickstart", [*CHANGES, f"train.base={base}"])
    check_recipe(recipe)
    out = tmp_path / "run"
    with one_thread():
        run_recipe("quickstart", recipe, out)
    row = json.loads((out / "report.json").read_text())
    assert [entry["n"] for entry in row["entries"]] == [3, 3]
    assert row["details"]["stages"]["train"]["examples"] == 16
    assert default_artifacts() == [out / "artifacts" / "onnx-fp32"]
    assert read_manifest(out / "artifacts" / "onnx-fp32").architecture == "encoder-decoder"
    assert read_manifest(home / "artifacts" / base.name / "onnx-int8").architecture == "encoder-decoder"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("targets=onnx:fp32,gguf:q4_0", "gguf:q4_0 of an encoder-decoder"),
        ("score.baselines=chat", "has chat"),
        ("train.vocabulary=trimmed", "expected: full"),
        ("train.quantization=q4_0", "expected: none"),
    ],
)
def test_what_an_encoder_decoder_has_not_is_said_first(base: Path, change: str, complaint: str) -> None:
    recipe = read_recipe("quickstart", [*CHANGES, f"train.base={base}", change])
    with pytest.raises(InputError, match=complaint):
        check_recipe(recipe)
