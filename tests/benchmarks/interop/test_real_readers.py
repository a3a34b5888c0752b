"""lm-evaluation-harness and inspect_ai themselves read what we export, with the same scores. Skipped without them."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.interop.export import export_bench
from benchmarks.scoring.samples import read_samples
from tests.benchmarks.interop.benches import external_bench, student_bench

BENCHES = [student_bench, external_bench]


@pytest.mark.parametrize("make", BENCHES)
def test_inspect_reads_every_sample_and_counts_the_same(tmp_path: Path, make: Any) -> None:
    log_module = pytest.importorskip("inspect_ai.log")
    (path,) = export_bench(make(tmp_path), ["inspect"], tmp_path / "export")
    log = log_module.read_eval_log(str(path))
    assert [found.name for found in log_module.list_eval_logs(str(tmp_path / "export/inspect"))]
    assert log_module.read_eval_log(str(path), header_only=True).results == log.results
    for row, sample in zip(log.samples, read_samples(tmp_path / "samples.jsonl"), strict=True):
        assert (row.id, row.output.completion) == (sample.id, sample.text)
        name = list(row.scores)[-1]
        assert (row.scores[name].value == "C", row.scores[name].answer) == (sample.correct, sample.value)
    ours = _metrics(log)
    log_module.recompute_metrics(log)
    assert _metrics(log) == pytest.approx(ours)
    # Nothing that we wrote was left out by its reader.
    kept = json.loads(log.model_dump_json())
    assert not list(
        _lost(json.loads(path.read_text()), {**kept, "results": json.loads(path.read_text())["results"]})
    )


def _metrics(log: Any) -> dict[str, float]:
    return {
        f"{score.name} {name}": metric.value
        for score in log.results.scores
        for name, metric in score.metrics.items()
    }


def _lost(ours: Any, theirs: Any, place: str = "") -> Any:
    if isinstance(ours, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{place}.{key}"
            else:
                yield from _lost(value, theirs[key], f"{place}.{key}")
    elif isinstance(ours, list):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(one, other, f"{place}[{number}]")
    elif ours != theirs and not place.endswith(("created", "completed_at")):
        yield f"{place}: {ours!r} is {theirs!r}"


@pytest.mark.parametrize("make", BENCHES)
def test_lm_eval_reads_names_results_and_samples(tmp_path: Path, make: Any) -> None:
    utils = pytest.importorskip("lm_eval.utils")
    datasets = pytest.importorskip("datasets")
    paths = [str(path) for path in export_bench(make(tmp_path), ["lm-eval"], tmp_path / "export")]
    (results,), (samples,) = utils.get_results_filenames(paths), utils.get_sample_results_filenames(paths)
    row = json.loads(Path(results).read_text())
    (name,) = row["results"]
    assert utils.get_file_task_name(Path(samples).name) == name
    assert utils.get_file_datetime(Path(samples).name) == utils.get_file_datetime(Path(results).stem)
    table = utils.make_table(row)
    for reading in ("solver",) if make is student_bench else ("strict-match", "flexible-extract"):
        assert reading in table and name in table
    rows = datasets.load_dataset("json", data_files=samples, split="train", cache_dir=str(tmp_path / "cache"))
    logged = list(read_samples(tmp_path / "samples.jsonl"))
    assert list(rows["exact_match"])[-40:] == [float(sample.correct) for sample in logged]
    mean = pytest.importorskip("lm_eval.api.metrics")
    for reading in {one["filter"] for one in rows}:
        right = [one["exact_match"] for one in rows if one["filter"] == reading]
        assert row["results"][name][f"exact_match,{reading}"] == pytest.approx(mean.mean(right))
        assert row["results"][name][f"exact_match_stderr,{reading}"] == pytest.approx(mean.mean_stderr(right))
