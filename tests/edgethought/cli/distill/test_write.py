"""`distill write` against a server on loopback: rows to label or to agree on later, and who cannot write."""

from pathlib import Path

import pytest

from edgethought.cli.distill.write import write_command
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion
from tests.edgethought.cli.distill.test_distill import problem, write

CHANGES = ["teacher=openai", "data=svamp", "score.tasks=svamp", "openai.model=stub", "openai.license=MIT"]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    questions = [
        f"Shelf {n} of the hall holds {n} old maps and 5 new ones: how many in all?" for n in range(20)
    ]
    write(
        folder / "svamp_train.jsonl",
        *(problem(f"s{n}", told, str(n + 5), f"( {n}.0 + 5.0 )") for n, told in enumerate(questions)),
    )
    write(folder / "svamp_test.jsonl", problem("t", "How many birds sit on the wire?", "3", "( 1.0 + 2.0 )"))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))


def answer(row: Row) -> StubReply:
    words = row["messages"][-1]["content"].split()
    if words[1] == "7":
        return completion("no")
    return completion(
        '{"questions": ["On shelf %s lie 9 atlases and %s globes: how many?"]}' % (words[1], words[1])
    )


def test_variants_are_written_and_the_same_call_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "similar.jsonl"
    with StubEndpoint(answer) as stub:
        for limit in (6, 0):
            write_command("similar", "etd", [*CHANGES, f"openai.base_url={stub.url}", f"limit={limit}"], out)
        assert len(stub.asked) == 20
    told = capsys.readouterr()
    assert "19 of similar about 20 problems (6 of them an earlier run's)\n  dropped 1: no_json" in told.out
    assert "stub: 14 asked" in told.err
    rows = list(read_jsonl(out))
    assert len(rows) == 19 and all(row["answer"] is None and row["license"] == "MIT" for row in rows)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("easier", [], "kind 'easier'; expected: harder"),
        ("harder", ["teacher=gold"], "teacher gold writes rationales only; expected: openai or local"),
        ("harder", ["openai.license="], "are under 'unstated', which trains no student"),
        ("harder", ["teacher=local"], "teacher local without a model; expected: --set local.model"),
    ],
)
def test_wrong_input_is_one_line(tmp_path: Path, kind: str, changes: list[str], message: str) -> None:
    with pytest.raises(InputError) as raised:
        write_command(kind, "etd", [*CHANGES, *changes], tmp_path / "out.jsonl")
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert not (tmp_path / "out.jsonl").exists()
