"""What is exported has the keys that lm-evaluation-harness and inspect_ai write, and every answer with its score."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.interop.export import export_bench, parse_formats
from benchmarks.interop.lm_eval_log import sanitized
from benchmarks.interop.scored import scored_tasks, task_name
from benchmarks.scoring.samples import read_samples
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from tests.benchmarks.interop.benches import external_bench, student_bench

HERE = Path(__file__).parent
NAME = "edgethought_gsm8k_pot"


def keys() -> dict[str, Any]:
    """What lm-eval itself wrote for one of our tasks."""
    found: dict[str, Any] = json.loads((HERE / "lm_eval_keys.json").read_text())
    return found


def lm_eval_files(bench: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    results, samples = export_bench(bench, ["lm-eval"], bench / "export")
    return json.loads(results.read_text()), list(read_jsonl(samples))


def test_files_are_named_as_lm_eval_names_them(tmp_path: Path) -> None:
    results, samples = export_bench(student_bench(tmp_path), ["lm-eval"], tmp_path / "export")
    date = results.stem.removeprefix("results_")
    assert samples.name == f"samples_edgethought_gsm8k_pot_{date}.jsonl" and ":" not in date
    assert results.parent == samples.parent == tmp_path / "export/lm-eval/student gguf__q4_0"


def test_results_have_every_key_that_lm_eval_writes(tmp_path: Path) -> None:
    results, _ = lm_eval_files(student_bench(tmp_path))
    known = keys()["results"]
    assert known.keys() == results.keys() - {"edgethought"}
    assert known["config"].keys() == results["config"].keys() - {"model_sha"}
    config = known["configs"].popitem()[1]
    # What few-shot examples are made of is none of a finished bench's settings.
    assert config.keys() - {"fewshot_config"} <= results["configs"][NAME].keys() | {"tag", "unsafe_code"}
    assert results["results"][NAME] == {
        "name": NAME,
        "alias": NAME,
        "sample_len": 40,
        "exact_match,solver": 0.25,
        "exact_match_stderr,solver": pytest.approx((0.25 * 0.75 / 39) ** 0.5),
    }
    assert results["n-samples"] == {NAME: {"original": 1319, "effective": 40}}
    assert results["edgethought"]["command"] == "edgethought bench a b"


def test_samples_have_every_key_that_lm_eval_writes_and_lose_nothing(tmp_path: Path) -> None:
    _, rows = lm_eval_files(student_bench(tmp_path))
    known, first = keys()["sample"], rows[0]
    assert list(known) == [key for key in first if key != "edgethought"]
    assert list(known["doc"]) == list(first["doc"]) and list(known["arguments"]) == list(first["arguments"])
    for row, sample in zip(rows, read_samples(tmp_path / "samples.jsonl"), strict=True):
        assert row["doc"]["question"] == sample.question and row["target"] == sample.gold
        assert row["resps"] == [[sample.text]] and row["exact_match"] == float(sample.correct)
        assert row["filtered_resps"] == [sample.value or f"[{sample.status}]"]
        beside = row["edgethought"]
        for name in ("artifact_sha256", "settings", "status", "reason", "tokens", "timings_ms", "confidence"):
            assert beside[name] == getattr(sample, name)
    assert rows[-1]["edgethought"]["votes"] == [{"value": "7", "count": 2}, {"value": "8", "count": 1}]
    assert first["arguments"]["gen_args_0"]["arg_0"] == "Question: What is 0 + 1?\nProgram:\n"
    assert first["target_hash"] == hashlib.sha256(b"1").hexdigest()


def test_replies_that_are_read_twice_have_both_filters(tmp_path: Path) -> None:
    results, rows = lm_eval_files(external_bench(tmp_path))
    assert [row["filter"] for row in rows] == ["strict-match"] * 40 + ["flexible-extract"] * 40
    scores = results["results"]["edgethought_gsm8k_plain"]
    assert (scores["exact_match,strict-match"], scores["exact_match,flexible-extract"]) == (0.125, 0.25)
    assert rows[0]["filtered_resps"] == ["[no_thought]"] and rows[40]["filtered_resps"] == ["1"]


@pytest.mark.parametrize("make", [student_bench, external_bench])
def test_inspect_logs_fit_its_schema_and_lose_nothing(tmp_path: Path, make: Any) -> None:
    (path,) = export_bench(make(tmp_path), ["inspect"], tmp_path / "export")
    log = json.loads(path.read_text())
    schema = json.loads((HERE / "inspect_eval_log.schema.json").read_text())
    jsonschema.validate(log, schema, jsonschema.Draft202012Validator)
    for row, sample in zip(log["samples"], read_samples(tmp_path / "samples.jsonl"), strict=True):
        assert (row["id"], row["input"], row["target"]) == (sample.id, sample.question, sample.gold)
        assert row["output"]["completion"] == row["messages"][1]["content"] == sample.text
        score = row["scores"]["solver" if make is student_bench else "flexible-extract"]
        assert (score["value"] == "C", score["answer"]) == (sample.correct, sample.value)
        assert row["output"]["usage"]["output_tokens"] == sample.tokens["generated"]
        assert row["metadata"]["timings_ms"] == sample.timings_ms
    assert len({row["uuid"] for row in log["samples"]}) == 40
    metrics = log["results"]["scores"][-1]["metrics"]
    assert metrics["accuracy"]["value"] == 0.25
    stops = [row["output"]["choices"][0]["stop_reason"] for row in log["samples"]]
    assert stops.count("max_tokens") == (make is student_bench)


def test_a_log_without_its_report_is_exported_too(tmp_path: Path) -> None:
    (student_bench(tmp_path) / "report.json").unlink()
    assert len(list(export_bench(tmp_path / "samples.jsonl", ["lm-eval", "inspect"], tmp_path / "out"))) == 3


def test_an_export_made_again_is_the_same_file(tmp_path: Path) -> None:
    bench = student_bench(tmp_path)
    first, second = (
        {path.name: path.read_bytes() for path in export_bench(bench, ["lm-eval", "inspect"], tmp_path / out)}
        for out in ("a", "b")
    )
    assert first == second


def test_one_answer_has_no_standard_error(tmp_path: Path) -> None:
    log = student_bench(tmp_path) / "samples.jsonl"
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    (task,) = scored_tasks(tmp_path)
    assert (task.accuracy("solver").value, task.accuracy("solver").stderr) == (1.0, None)


def test_formats_are_named(tmp_path: Path) -> None:
    assert parse_formats("inspect, lm-eval") == ("inspect", "lm-eval")
    for wrong in ("", "zeno", "lm-eval,zeno"):
        with pytest.raises(InputError, match="expected: some of lm-eval,inspect"):
            parse_formats(wrong)
    (tmp_path / "samples.jsonl").touch()
    with pytest.raises(InputError, match="has no answers; expected: a bench that answered some"):
        list(export_bench(tmp_path, ["inspect"], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("gsm8k test", "edgethought_gsm8k"),
        ("gsm8k dev", "edgethought_gsm8k_dev"),
        ("gsm8k~numbers-2 test", "edgethought_gsm8k_numbers_2"),
        ("my-own.jsonl.gz", "edgethought_my_own"),
        ("unseen story templates", "edgethought_unseen_story_templates"),
    ],
)
def test_tasks_are_named_as_lm_eval_may_name_them(label: str, name: str) -> None:
    assert task_name(label) == name


def test_models_are_named_as_folders() -> None:
    assert sanitized('org/model: "x"') == "org__model__ __x__"
