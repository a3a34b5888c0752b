"""What bench's command line says becomes who is asked, how, and under which settings."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.scoring.job import BenchSettings, Endpoint, ModelSpec
from edgethought.cli.bench.score import asked_models, endpoint_of, profile_limits
from edgethought.cli.solve import checked_grammar, checked_samples
from runtime.values.cores import physical_processors
from runtime.values.errors import InputError, MissingExtra

HERE = Endpoint("http://127.0.0.1:1/v1", "gpt", "MY_KEY")


def test_each_model_is_asked_as_suits_it_unless_one_way_is_said() -> None:
    models = ["runs/a", "base.gguf", "base@few-shot", "base@lm-eval"]
    assert asked_models(models, HERE, None) == [
        ModelSpec(Path("runs/a"), "student"),
        ModelSpec(Path("base.gguf"), "chat"),
        ModelSpec(Path("base"), "few-shot"),
        ModelSpec(Path("base"), "lm-eval"),
        ModelSpec(HERE, "chat"),
    ]
    assert [asked.prompt_mode for asked in asked_models(models, HERE, "few-shot")] == [
        "few-shot",
        "few-shot",
        "few-shot",
        "lm-eval",
        "few-shot",
    ]


def test_a_folder_with_an_at_sign_in_its_name_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run@chat"
    folder.mkdir()
    assert asked_models([str(folder)], None, None) == [ModelSpec(folder, "student")]


@pytest.mark.parametrize(("models", "prompt_mode"), [(["base@nothing"], None), (["base"], "nothing")])
def test_a_way_of_asking_that_is_none_is_refused(models: list[str], prompt_mode: str | None) -> None:
    with pytest.raises(InputError, match="ask 'nothing'; expected: student, few-shot, chat, lm-eval"):
        asked_models(models, None, prompt_mode)


def test_an_endpoint_is_named_whole_or_not_at_all() -> None:
    assert endpoint_of(None, None, None) is None
    assert endpoint_of("http://127.0.0.1:1/v1/", "gpt", "MY_KEY") == HERE
    with pytest.raises(InputError, match="without a model"):
        endpoint_of("http://127.0.0.1:1/v1", None, None)
    with pytest.raises(InputError, match="with --endpoint URL"):
        endpoint_of(None, "gpt", None)


def test_further_fields_of_a_request_are_json_or_text_and_none_of_ours() -> None:
    given = ["repeat_penalty=1", "reasoning=low", 'extra={"a": [1, true]}']
    endpoint = endpoint_of("http://127.0.0.1:1/v1", "gpt", None, given)
    assert endpoint is not None
    assert endpoint.request == (
        ("repeat_penalty", "1"),
        ("reasoning", '"low"'),
        ("extra", '{"a": [1, true]}'),
    )
    for wrong in ("x", "=1", "temperature=1", "stop=a"):
        with pytest.raises(InputError, match="expected: NAME=VALUE"):
            endpoint_of("http://127.0.0.1:1/v1", "gpt", None, [wrong])


@pytest.mark.parametrize(
    ("wrong", "complaint"), [({"max_tokens": 0}, "max tokens is 0"), ({"limit": 0}, "limit is 0")]
)
def test_settings_are_checked_by_name(wrong: dict[str, int], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        BenchSettings(**wrong)  # type: ignore[arg-type]


def test_samples_are_checked_with_their_mode() -> None:
    assert checked_samples(3, "vote") == 3
    assert checked_samples(None, "single") is None
    with pytest.raises(InputError, match="--samples with --mode single"):
        checked_samples(3, "single")


@pytest.mark.parametrize("installed", [True, False])
def test_grammars_need_their_library(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", ModuleType("llguidance") if installed else None)
    if installed:
        assert checked_grammar(True)
    else:
        with pytest.raises(MissingExtra, match=r"pip install 'edgethought\[grammar\]'"):
            checked_grammar(True)


def test_a_profile_has_its_own_threads() -> None:
    assert profile_limits("none", BenchSettings(threads=2)) == []
    with pytest.raises(InputError, match="--threads and --profile laptop; expected: one of them"):
        profile_limits("laptop", BenchSettings(threads=2))
    with pytest.raises(
        InputError, match="profile 'pi3'; expected: laptop, pi5-like, pi4-like, phone-like, none"
    ):
        profile_limits("pi3", BenchSettings())


@pytest.mark.skipif(sys.platform != "linux", reason="profiles are for Linux")
def test_profiles_are_held_to_what_this_machine_has() -> None:
    laptop, pi4 = profile_limits("laptop,pi4-like", BenchSettings())
    cores = len(physical_processors())
    assert (laptop.threads, pi4.threads) == (min(4, cores), min(4, cores))
    assert (laptop.cores, pi4.cores) == (None, 0.25)
