"""`distill agree` against a server on loopback: calibrated, kept where samples agree, ready to train on."""

import json
from pathlib import Path

import pytest

from distill.labeling.rationale_set import read_rationales, read_set_manifest
from edgethought.cli.distill.agree import agree_command
from edgethought.stages.asking.agree import Agreement
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion
from tests.edgethought.cli.distill.test_distill import problem, write
from tests.runtime.fake_engine import FakeEngine, fake_manifest

COUNT = 30
CHANGES = ["score.tasks=svamp", "openai.model=stub", "openai.license=MIT", "agree.samples=2"]


def told(number: int) -> str:
    return f"Shelf {number} of hall {number % 7} holds {number} old maps and {number + 1} new ones: how many in all?"


@pytest.fixture(autouse=True)
def questions(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Questions without answers, beside a task with a training split that has them."""
    data = tmp_path / "data"
    rows = [problem(f"s{n}", told(n), str(2 * n + 1), f"( {n}.0 + {n + 1}.0 )") for n in range(COUNT)]
    write(data / "svamp_train.jsonl", *rows)
    write(data / "svamp_test.jsonl", problem("t", "How many birds sit on the wire?", "3", "( 1.0 + 2.0 )"))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(data))
    path = tmp_path / "questions.jsonl"
    write_jsonl(path, [{"id": f"n{n}", "question": told(n), "license": "MIT"} for n in range(50, 60)])
    return path


def answer(row: Row) -> StubReply:
    """Samples are right; of shelves that end with 3 one is wrong, with 5 three, and two of them agree."""
    number = int(row["messages"][-1]["content"].split()[1])
    program = "Python" in row["messages"][0]["content"]
    wrong = (number % 10 == 5 and (row["seed"] or program)) or (number % 10 == 3 and row["seed"] and program)
    return completion(
        f"maps = {number}\nnew = {number + (row['seed'] + 2 if wrong else 1)}\nans = maps + new"
    )


def run(stub: StubEndpoint, wanted: Agreement, out: Path, *changes: str) -> None:
    agree_command(wanted, "etd", [*CHANGES, f"openai.base_url={stub.url}", *changes], out)


def test_answers_that_samples_agree_on_become_a_set(
    tmp_path: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = Agreement(questions, ["openai"], None, "svamp:train", 0)
    out = tmp_path / "set"
    with StubEndpoint(answer) as stub:
        for _ in range(2):
            run(stub, wanted, out, "agree.precision=1")
        assert len(stub.asked) == 4 * (COUNT + 10)
    shown = capsys.readouterr()
    assert "kept where 0.750 of the samples agree" in shown.out
    assert "stub: 160 asked" in shown.err and "stub: 0 asked, 160 from the store" in shown.err
    calibration = json.loads((out / "calibration.json").read_text())
    assert (calibration["task"], calibration["share"], calibration["problems"]) == (
        "svamp:train",
        0.75,
        COUNT,
    )
    assert [(row["share"], row["n"], row["right"]) for row in calibration["shares"]] == [
        (0.5, 3, 0),
        (0.75, 3, 3),
        (1.0, 24, 24),
    ]
    rows = list(read_rationales(out))
    answers = {row.problem.id: row.problem.answer for row in rows}
    assert answers == {f"n{n}": str(2 * n + 1) for n in range(50, 60) if n % 10 != 5}
    assert rows[0].provenance["agreed"] == {"share": 1.0, "votes": 4, "samples": 4}
    assert read_set_manifest(out)["asked"]["agree"]["share"] == 0.75
    assert "disagree" in {row["reason"] for row in read_jsonl(out / "dropped.jsonl")}


def test_a_share_that_is_set_needs_no_calibration(tmp_path: Path, questions: Path) -> None:
    with StubEndpoint(answer) as stub:
        run(stub, Agreement(questions, ["openai"]), tmp_path / "set", "agree.share=1", "limit=4")
        assert len(stub.asked) == 16
    assert {row.problem.id for row in read_rationales(tmp_path / "set")} == {"n50", "n51", "n52"}
    assert not (tmp_path / "set/calibration.json").exists()


def test_a_student_votes_beside_a_teacher(
    tmp_path: Path, questions: Path, solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says 105 to everything, which is right about one shelf, and ties with no other."""
    engines: list[FakeEngine] = []

    def opened(folder: Path) -> Model:
        engines.append(FakeEngine({"Program:": "ans = 105", "Equations:": "ans = 105", "Steps:": "?"}))
        return Model(engines[-1], fake_manifest(), solver)

    monkeypatch.setattr("runtime.answering.pipeline.load", opened)
    wanted = Agreement(questions, ["openai"], tmp_path / "student")
    with StubEndpoint(answer) as stub:
        run(stub, wanted, tmp_path / "set", "agree.share=0.6")
        run(stub, wanted, tmp_path / "set", "agree.share=0.6")
    assert not engines[1].prompts
    rows = list(read_rationales(tmp_path / "set"))
    assert {row.problem.id: row.problem.answer for row in rows} == {"n52": "105"}
    assert {row.teacher for row in rows} == {"stub", fake_manifest().name}
    assert rows[0].provenance["agreed"] == {"share": 1.0, "votes": 8, "samples": 8}
    assert read_set_manifest(tmp_path / "set")["teacher"] == f"{fake_manifest().name}+stub"


@pytest.mark.parametrize(
    ("teachers", "calibrate", "changes", "message"),
    [
        ([], "", [], "nobody to ask; expected: --teacher openai or local, or --student"),
        (["gold"], "", [], "--teacher gold draws no samples; expected: openai or local"),
        (["openai"], "", ["agree.precision=0.9"], "without a calibration; expected: --calibrate TASK"),
        (
            ["openai"],
            "svamp:test",
            [],
            "--calibrate svamp:test; expected: svamp or svamp:train, no scoring split",
        ),
        (["openai"], "", ["agree.share=0"], "setting agree.share = 0: "),
        (["openai"], "", ["agree.share=1.1"], "setting agree.share = 1.1: "),
        (["openai"], "", ["agree.precision=2"], "setting agree.precision = 2: "),
        (["openai"], "", ["agree.thoughts=pot,sonnet"], "setting agree.thoughts.1 = 'sonnet': "),
        (["openai"], "", ["openai.license="], "are under 'unstated', which trains no student"),
        (
            ["local"],
            "",
            ["local.model=none.gguf"],
            "local.model=none.gguf is not there; expected: a GGUF file",
        ),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path, questions: Path, teachers: list[str], calibrate: str, changes: list[str], message: str
) -> None:
    with StubEndpoint(answer) as stub, pytest.raises(InputError) as raised:
        run(stub, Agreement(questions, teachers, None, calibrate), tmp_path / "set", *changes)
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert not stub.asked and not (tmp_path / "set").exists()


def test_a_precision_that_no_share_has_is_told(tmp_path: Path, questions: Path) -> None:
    def wrong(row: Row) -> StubReply:
        return completion("maps = 1\nans = maps + 1")

    with (
        StubEndpoint(wrong) as stub,
        pytest.raises(InputError, match="which no share reaches on 30 problems"),
    ):
        run(stub, Agreement(questions, ["openai"], None, "svamp"), tmp_path / "set", "agree.precision=0.9")
