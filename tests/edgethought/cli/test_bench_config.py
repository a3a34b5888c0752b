"""A bench's settings come from a file, what is typed stands in their place, and what is none of them is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import typer

from edgethought.cli.app import app
from edgethought.cli.app import bench as bench_signature
from edgethought.cli.bench import score
from edgethought.cli.bench.config import BenchConfig, bench_config
from runtime.values.errors import InputError

FILE = """
models: [flagship]
tasks: [gsm8k:dev, svamp]
limit: 200
mode: vote
samples: 4
out: runs/vote
request: [repeat_penalty=1]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bench.yaml"
    path.write_text(FILE)
    return path


def test_a_file_has_the_options_by_name(file: Path) -> None:
    config = bench_config(file, {"limit": 20})
    assert (config.tasks, config.limit, config.out) == ("gsm8k:dev,svamp", 20, Path("runs/vote"))
    assert (config.models, config.request) == (("flagship",), ("repeat_penalty=1",))
    assert (config.settings().mode, config.settings().samples, config.seed) == ("vote", 4, 0)


def test_every_option_is_a_setting_with_the_same_default() -> None:
    options = set(get_type_hints(bench_signature)) - {"context", "config", "return"}
    assert options == set(BenchConfig.model_fields)
    command = typer.main.get_command(app).commands["bench"]  # type: ignore[attr-defined]
    context = command.make_context("bench", [])
    for name, field in BenchConfig.model_fields.items():
        default = field.get_default(call_default_factory=True)
        assert str(context.params[name] or "") == str(default or ""), name


def told(words: list[str], monkeypatch: pytest.MonkeyPatch, file: Path) -> BenchConfig:
    """What the command line makes of these words."""
    seen: list[BenchConfig] = []
    monkeypatch.setattr(score, "bench_command", seen.append)
    app(["bench", "--config", str(file), *words], standalone_mode=False)
    return seen[0]


def test_only_what_is_typed_stands_in_place_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = told([], monkeypatch, file)
    assert (config.models, config.tasks, config.mode) == (("flagship",), "gsm8k:dev,svamp", "vote")
    config = told(["nano", "--tasks", "gsm8k", "--seeds"], monkeypatch, file)
    assert (config.models, config.tasks, config.mode) == (("nano",), "gsm8k", "vote")
    assert config.limit == 200 and config.seeds


@pytest.mark.parametrize(
    ("text", "given", "complaint"),
    [
        ("taks: gsm8k", {}, "setting taks is none of bench's; expected: tasks"),
        ("limit: many", {}, "setting limit = 'many': expected: a valid integer"),
        ("mode: votes", {}, "setting mode = 'votes': expected: 'single', 'fallback'"),
        ("- gsm8k", {}, "holds no settings; expected: models, tasks"),
        ("tasks: [", {}, "is no YAML"),
        ("limit: 5", {"streams": "x"}, "setting streams = 'x'"),
    ],
)
def test_what_is_no_setting_is_refused(
    tmp_path: Path, text: str, given: Mapping[str, Any], complaint: str
) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(InputError, match=complaint):
        bench_config(tmp_path / "bad.yaml", given)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        bench_config(tmp_path / "none.yaml", {})


def test_a_report_records_a_config_that_is_read_again(file: Path, tmp_path: Path) -> None:
    config = bench_config(file, {})
    import yaml

    (tmp_path / "again.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    assert bench_config(tmp_path / "again.yaml", {}) == config
