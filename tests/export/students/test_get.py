"""A published student is made step by step, killed or not, of exactly its base, its adapter and its tokens."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgethought.cli.bench.score import asked_models
from edgethought.cli.model.bundle import bundle_command
from edgethought.cli.model.commands import get_command, list_command
from edgethought.cli.tune import tune_command
from edgethought.stages.bundle.build import build_bundle
from export.students import get, table
from export.students.get import artifacts_here, find_adapter, get_student, is_older_here
from export.students.table import Figure, Student, WeightsFile, known_students
from export.trim.base import trim_base
from export.trim.kept import kept_of, read_kept
from runtime.answering.confidence import CONFIDENCE_FILE, read_calibrations
from runtime.answering.default_model import artifact_folder, set_default, student_artifacts
from runtime.answering.pipeline import load
from runtime.engines.drafts import DRAFTS_FILE, read_followers
from runtime.engines.onnx.weights import WEIGHTS_FILE
from runtime.values.errors import InputError, WorkFailed
from runtime.values.manifest import SCORER_FILE, broken_files, file_sha256, read_manifest
from runtime.values.prompt import TAGS
from scripts.package_student import package
from tests.runtime.answering.test_scorer import weights, write_tensors
from tests.tiny import tiny_checkpoint
from tests.tiny_adapter import tiny_adapter
from tests.tiny_seq2seq import one_thread

BASE = "smollm2-135m"


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture
def place(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the adapter of a tiny student, which is the only one of the table; its base is here."""
    base = tiny_checkpoint(home / "bases" / BASE, spread=0.1)
    trim_base(base, ["Question: ans = 12"], tmp_path / "small", first_merges=0)
    kept_of(tmp_path / "small", base).save(tmp_path / "tiny.tokens.json")
    adapter = tiny_adapter(base, tmp_path / "students" / "any-name") / "adapter_model.safetensors"
    student = Student(
        summary="tiny",
        base=BASE,
        license="Apache-2.0",
        adapter=WeightsFile(bytes=adapter.stat().st_size, sha256=file_sha256(adapter)),
        thoughts=("pot", "eot"),
        default_thought="pot",
        vocabulary=str(tmp_path / "tiny.tokens.json"),
        targets=("gguf:bf16",),
        bytes=100_000,
        figures=(Figure(task="gsm8k", n=1319, right=13),),
        figures_of="bfloat16",
    )
    known_students.cache_clear()
    monkeypatch.setattr(table, "known_students", lambda: {"tiny": student})
    monkeypatch.setattr("edgethought.cli.model.listing.known_students", lambda: {"tiny": student})
    monkeypatch.setattr(get, "_ROOM", 0.0)
    return tmp_path / "students"


def test_a_student_is_made_checked_and_signs_its_answers(
    place: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    list_command(as_json=True)
    (before,) = json.loads(capsys.readouterr().out)["rows"]
    assert (before["student"], before["state"], before["gsm8k n=1319"]) == ("tiny", "to get", "1.0 ± 0.6")
    get_command("tiny", source=place)
    assert "tiny gguf:bf16, 0 MB, Apache-2.0" in capsys.readouterr().out
    list_command(as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][0]["state"] == "here"
    assert artifact_folder() == home / "students/tiny/gguf-bf16"
    assert sorted(path.name for path in (home / "students/tiny").iterdir()) == [
        ".lock",
        "gguf-bf16",
        "student.json",
    ]
    with load(threads=1) as model:
        solution = model.answer("Tom has 2 pens.")
    assert (solution.model, solution.thought) == ("tiny gguf:bf16", "pot")


def test_a_students_name_is_an_artifact_everywhere(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        InputError, match=r"tiny is no artifact .no such folder.* or the name of a student that is here"
    ):
        load(Path("tiny"))
    artifact = get_student("tiny", source=place)
    with load(Path("tiny"), threads=1) as model:
        assert model.manifest.name == "tiny gguf:bf16"
    (asked,) = asked_models(["tiny@student"], None, None)
    assert (asked.source, asked.prompt_mode) == (artifact, "student")

    def stopped(taken: object, *_: object, **__: object) -> None:
        raise InputError(f"stopped at {taken}")

    monkeypatch.setattr("benchmarks.tune.tune", stopped)
    monkeypatch.setattr("edgethought.stages.bundle.build.build_bundle", stopped)
    with pytest.raises(InputError, match=f"stopped at .*{artifact}"):
        tune_command([Path("tiny")], seconds=1, keep=False, as_json=True)
    with pytest.raises(InputError, match=f"stopped at {artifact}"):
        bundle_command("tiny", tmp_path / "tiny.zip", platform=None, python=None)
    monkeypatch.setenv("EDGETHOUGHT_MODEL", "tiny")
    assert artifact_folder() == artifact
    # A folder of that name goes before it.
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert artifact_folder() == Path("tiny")


def test_its_tokens_are_the_lists(place: Path) -> None:
    kept = read_kept(place.parent / "tiny.tokens.json")
    artifact = get_student("tiny", source=place)
    import gguf

    fields = gguf.GGUFReader(artifact / "model.gguf").fields
    assert len(fields["tokenizer.ggml.tokens"].contents()) == len(kept.tokens)


@pytest.mark.parametrize("step", ["merge_adapter", "trim_like", "export_checkpoint", "write_json"])
def test_a_run_that_ends_at_any_step_goes_on_there(
    place: Path, home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    asked: list[str] = []

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(get, step, stopped)
        with pytest.raises(KeyboardInterrupt):
            get_student("tiny", source=place)
    there = {path.name for path in (home / "students/tiny").iterdir()} - {".lock"}
    left = {"merge_adapter": set(), "trim_like": {"merged"}, "export_checkpoint": {"trimmed"}}
    assert there == left.get(step, {"trimmed", "gguf-bf16"})
    assert not artifacts_here("tiny", table.find_student("tiny"))
    artifact = get_student("tiny", source=place, say=asked.append)
    assert ("merge" in asked) == (step in ("merge_adapter", "trim_like"))
    assert ("export: gguf:bf16" in asked) == (step != "write_json")
    assert read_manifest(artifact).name == "tiny gguf:bf16"


def test_a_damaged_artifact_is_made_again(place: Path) -> None:
    artifact = get_student("tiny", source=place)
    whole = (artifact / "model.gguf").read_bytes()
    (artifact / "model.gguf").write_bytes(whole[:-100])
    assert get_student("tiny", source=place) == artifact
    assert (artifact / "model.gguf").read_bytes() == whole


def test_an_adapter_is_known_by_its_bytes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    student = table.find_student("tiny")
    assert find_adapter("tiny", student, place) == place / "any-name"
    assert find_adapter("tiny", student, place / "any-name") == place / "any-name"
    monkeypatch.setenv("EDGETHOUGHT_STUDENTS", str(place))
    assert find_adapter("tiny", student) == place / "any-name"
    file = place / "any-name/adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    with pytest.raises(
        InputError, match=r"no adapter of tiny .* expected: --from FOLDER, or EDGETHOUGHT_STUDENTS"
    ):
        find_adapter("tiny", student)


def test_an_unknown_student_says_which_there_are(place: Path) -> None:
    with pytest.raises(InputError, match="student 'huge'; expected: tiny"):
        get_student("huge")


def test_a_full_disk_is_told_before_anything_is_made(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get, "_ROOM", 1e9)
    with pytest.raises(InputError, match=r"GB free; expected: .* GB, or another EDGETHOUGHT_HOME"):
        get_student("tiny", source=place)


def test_a_chosen_default_goes_before_students_and_a_runs_after_them(place: Path, tmp_path: Path) -> None:
    artifact = get_student("tiny", source=place)
    other = shutil.copytree(artifact, tmp_path / "other")
    set_default([other])
    assert artifact_folder() == artifact
    set_default([other], chosen=True)
    assert artifact_folder() == other
    shutil.rmtree(other)
    assert artifact_folder() == artifact


def test_what_decides_an_artifact_decides_the_student(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    student = table.find_student("tiny")
    others = [
        student.model_copy(update=change)
        for change in (
            {"targets": ("gguf:q8_0",)},
            {"calibration": "gsm8k.calibration.jsonl"},
            {"thoughts": ("pot",)},
        )
    ]
    assert len({one.sha256 for one in (student, *others)}) == 4
    assert student.model_copy(update={"summary": "another"}).sha256 == student.sha256
    get_student("tiny", source=place)
    assert artifacts_here("tiny", student) and not any(artifacts_here("tiny", one) for one in others)
    monkeypatch.setattr("edgethought.cli.model.listing.known_students", lambda: {"tiny": others[0]})
    list_command(as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][0]["state"] == "older, get again"


def test_the_table_is_whole(tmp_path: Path) -> None:
    known_students.cache_clear()
    students = known_students()
    ranks = [student.rank for student in students.values()]
    assert ranks == sorted(ranks, reverse=True)
    sizes = {(figure.task, figure.n) for student in students.values() for figure in student.figures}
    assert len(sizes) == len({task for task, _ in sizes})
    for name, student in students.items():
        kept = read_kept(student.vocabulary_file)
        assert kept.tokens == tuple(sorted(set(kept.tokens)))
        assert kept.tokens[-1] < kept.whole_tokens
        assert student.default_thought in student.thoughts
        calibration = student.read_calibration()
        assert calibration is not None
        tags = {prompt.splitlines()[-1] for prompt, _ in calibration.texts}
        # The nano was made with texts of sentences among those its rounding is weighed by, and writes none any more.
        unlearned = {TAGS["cot"]} if name == "nano" else set()
        assert tags == {TAGS[thought] for thought in student.thoughts} | unlearned
        assert student.adapter.bytes < 40e6
        if confidence := student.beside.get(CONFIDENCE_FILE):
            assert student.scorer
            assert f"single {student.default_thought}" in json.loads(confidence.read_text())
        if drafts := student.beside.get(DRAFTS_FILE):
            shutil.copyfile(drafts, tmp_path / DRAFTS_FILE)
            assert len(read_followers(tmp_path)) > 1000


def test_two_runs_at_once_are_told_apart(place: Path, home: Path) -> None:
    from runtime.values.files import locked

    with (
        locked(home / "students/tiny"),
        pytest.raises(
            (InputError, WorkFailed), match=r"another run works in .*; expected: wait for it; it makes"
        ),
    ):
        get_student("tiny", source=place)


def test_a_students_scorer_goes_into_its_artifact(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = write_tensors(place.parent / SCORER_FILE, weights(64), {"thoughts": "pot,eot"})
    expected = WeightsFile(bytes=scorer.stat().st_size, sha256=file_sha256(scorer))
    student = table.find_student("tiny").model_copy(update={"scorer": expected})
    monkeypatch.setattr(table, "known_students", lambda: {"tiny": student})
    told: list[str] = []
    artifact = get_student("tiny", source=place, say=told.append)
    assert "beside an adapter: no mode best_of" in told[-1]
    assert read_manifest(artifact).scorer == {}
    shutil.copy(scorer, place / "any-name")
    assert get_student("tiny", source=place, say=told.append) == artifact
    assert told[-1] == "scorer"
    assert read_manifest(artifact).files[SCORER_FILE] == expected.sha256
    with load(artifact, threads=1) as model:
        assert model.answer("Tom has 2 pens.", mode="best_of", samples=2).generated_tokens > 0
    # Its calibrations come with it, and do not take the place of one's own.
    calibrations = place.parent / "tiny.confidence.json"
    calibrations.write_text(json.dumps({"single pot": {"weights": {"scorer": 1.0}, "constant": 0.0}}))
    sure = student.model_copy(update={"confidence": str(calibrations)})
    monkeypatch.setattr(table, "known_students", lambda: {"tiny": sure})
    assert get_student("tiny", source=place) == artifact
    assert read_calibrations(artifact).keys() == {"single pot"}
    (artifact / CONFIDENCE_FILE).write_text("{}")
    get_student("tiny", source=place)
    with load(artifact, threads=1) as model:
        assert not model.tells_confidence("single", "pot")
    # A scorer that is gone comes back alone.
    model_time = (artifact / "model.gguf").stat().st_mtime_ns
    (artifact / SCORER_FILE).unlink()
    assert get_student("tiny", source=place, say=told.append) == artifact
    assert (artifact / "model.gguf").stat().st_mtime_ns == model_time
    assert not broken_files(artifact)


@pytest.fixture
def packaged(place: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny student in the package for both engines, and nothing at home."""
    both = table.find_student("tiny").model_copy(update={"targets": ("gguf:q4_0", "onnx:q4_0")})
    monkeypatch.setattr(table, "known_students", lambda: {"tiny": both})
    monkeypatch.setattr("edgethought.cli.model.listing.known_students", lambda: {"tiny": both})
    with pytest.raises(InputError, match="tiny is not here; expected: `edgethought model get tiny` first"):
        package("tiny")
    get_student("tiny", source=place)
    folder = package("tiny")
    shutil.rmtree(home / "students")
    assert folder == tmp_path / "packaged/tiny"
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_student_of_the_package_answers_with_either_engine(
    packaged: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    installed = files_of(packaged)
    assert not any(name.endswith(WEIGHTS_FILE) for name in installed)
    assert artifact_folder() == artifact_folder(Path("tiny")) == packaged / "gguf-q4_0"
    assert student_artifacts() == [packaged / "gguf-q4_0", packaged / "onnx-q4_0"]
    list_command(as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][0]["state"] == "here"
    # Nothing is trained or exported to have what is here.
    assert get_student("tiny") == packaged / "gguf-q4_0"
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", "onnx".__eq__)
    assert artifact_folder() == artifact_folder(Path("tiny")) == packaged / "onnx-q4_0"
    for _ in range(2):
        with load(threads=1) as model:
            assert model.answer("Tom has 2 pens.").model == "tiny onnx:q4_0"
    bundle_files = zipfile.ZipFile(
        bundled(packaged / "onnx-q4_0", tmp_path / "tiny.zip", monkeypatch)
    ).namelist()
    assert f"artifact/{WEIGHTS_FILE}" in bundle_files
    assert files_of(packaged) == installed
    assert len(list((home / "packaged").rglob(WEIGHTS_FILE))) == 1


def bundled(artifact: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle without wheels."""
    monkeypatch.setattr("edgethought.stages.bundle.build.write_own_wheel", lambda folder: None)
    monkeypatch.setattr("edgethought.stages.bundle.build.download_wheels", lambda *_: [])
    build_bundle(artifact, out, platform="x86_64", python="3.11")
    return out


def test_a_package_without_its_gguf_or_a_home_says_so(
    packaged: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGETHOUGHT_HOME", "/proc/nothing")
    with pytest.raises(InputError, match=r"cannot be written .* such as another EDGETHOUGHT_HOME"):
        load(packaged / "onnx-q4_0")
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(home))
    shutil.rmtree(packaged / "gguf-q4_0")
    with pytest.raises(InputError, match=r"has no model.onnx.data; expected: it, or the GGUF"):
        load(packaged / "onnx-q4_0")
    assert artifact_folder() == packaged / "onnx-q4_0"


def test_a_student_that_was_got_goes_before_the_packages(
    packaged: Path, home: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = table.find_student("tiny").model_copy(update={"thoughts": ("pot",)})
    monkeypatch.setattr(table, "known_students", lambda: {"tiny": newer})
    artifact = get_student("tiny", source=place)
    assert artifact == artifact_folder() == home / "students/tiny/gguf-q4_0"
    shutil.rmtree(home / "students")
    assert artifact_folder() == packaged / "gguf-q4_0"
    assert is_older_here("tiny", newer)
