"""Training runs side by side: read from their folders as they stand, told in a table, drawn in one picture."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from distill.training.report.comparison_picture import COLORS, draw_runs
from distill.training.report.run_comparison import read_run, run_table
from edgethought.cli.app import app
from runtime.values.errors import InputError


def write_run(folder: Path, *, dev: bool = True, finished: bool = True) -> Path:
    folder.mkdir()
    steps = [
        {"step": n, "loss": 2.0 - n / 10, "rate": 1e-3, "tokens": 100 + n, "labels": 40, "seconds": 0.5}
        for n in range(4)
    ]
    steps[2]["seconds"] = 600.0
    lines = [json.dumps(row) for row in steps]
    (folder / "metrics.jsonl").write_text("\n".join(lines) + '\n{"step": 4, "lo', encoding="utf-8")
    if dev:
        rows = [
            {"step": 2, "tokens": 201, "weights": "snapshot", "right": 3, "n": 50, "seconds": 9.0},
            {"step": 4, "tokens": 406, "weights": "snapshot", "right": 5, "n": 50, "seconds": 9.0},
            {"step": 4, "tokens": 406, "weights": "average", "right": 9, "n": 50, "seconds": 9.0},
        ]
        (folder / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if finished:
        (folder / "checkpoint").mkdir()
        (folder / "checkpoint" / "edgethought.json").write_text(
            '{"thoughts": ["eot", "pot"]}', encoding="utf-8"
        )
    return folder


def test_a_row_says_tokens_speed_loss_and_the_last_snapshots_accuracy(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole")
    bare = write_run(tmp_path / "bare", dev=False, finished=False)
    table = run_table([read_run(whole), read_run(bare)])
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert rows[0] == {
        "run": "whole", "thoughts": "eot+pot", "steps": "4", "tokens": "406", "labels": "160", "tokens/s": "201",
        "last loss": "1.700", "dev right": "10.0 %", "95 %": "4.3 to 21.4", "n": "50",
    }  # fmt: skip
    assert (rows[1]["thoughts"], rows[1]["dev right"], rows[1]["n"]) == ("–", "–", "–")


def test_the_picture_has_the_runs_that_measured_and_says_when_there_is_none(tmp_path: Path) -> None:
    measured = read_run(write_run(tmp_path / "measured"))
    bare = read_run(write_run(tmp_path / "bare", dev=False))
    picture = tmp_path / "deep" / "runs.png"
    draw_runs([measured, bare], picture, "Runs")
    assert picture.read_bytes().startswith(b"\x89PNG")
    for runs in ([bare], [measured] * (len(COLORS) + 1)):
        with pytest.raises(InputError, match="expected in a picture: 1 to 8"):
            draw_runs(runs, tmp_path / "no.png", "Runs")
    assert not (tmp_path / "no.png").exists()


def test_from_the_command_line(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "one")
    done = CliRunner().invoke(
        app, ["distill", "compare", str(folder), "--json", "--out", str(tmp_path / "x.png")]
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rows"][0]["run"] == "one"
    assert (tmp_path / "x.png").is_file()
    with pytest.raises(InputError, match=r"no step in .*nothing/metrics.jsonl; expected: a folder"):
        read_run(tmp_path / "nothing")
