"""What a recipe says of settings that it does not know."""

import pytest

from edgethought.stages.recipe import read_recipe
from runtime.values.errors import InputError


@pytest.mark.parametrize(
    ("change", "setting", "expected"),
    [
        ("train.ranks=3", "train.ranks = 3", "train.rank, train.base, train.threads, …"),
        ("rank=3", "rank = 3", "train.rank"),
        ("rounds=[{method: rft, samplez: 3}]", "rounds.0.samplez = 3", "rounds.samples"),
        (
            "score.zzz=1",
            "score.zzz = 1",
            "score.tasks, score.split, score.limit, score.mode, score.baselines, ",
        ),
        ("zzz.a=1", "zzz", "summary, data, sources, limit, "),
        ("rounds=[{method: rft, train: {nope: 1}}]", "rounds.0.train.nope = 1", "train."),
    ],
)
def test_an_unknown_setting_names_the_nearest(change: str, setting: str, expected: str) -> None:
    """Those that may have been meant, not all hundred; where none is near, those of the same group."""
    with pytest.raises(InputError) as error:
        read_recipe("etd", [change])
    assert str(error.value).startswith(f"setting {setting} is none; expected: {expected}")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train.epochs=many", "setting train.epochs = 'many': expected: a valid integer"),
        ("train.epochs=0", "setting train.epochs = 0: expected: greater than or equal to 1"),
        ("sources=stories", "setting sources = 'stories': expected: a list"),
        ("rounds=[rft]", "setting rounds.0 = 'rft': expected: settings of RoundSettings"),
        ("rounds=[{}]", "setting rounds.0.method: is missing; expected: a value"),
        ("train.loss=forward_kl", "setting train: loss forward_kl needs a teacher; expected: "),
        (
            "rounds=[{method: rft, train: {learning_rate: fast}}]",
            "setting rounds.0.train.learning_rate = 'fast': expected: a valid number",
        ),
        (
            "rounds=[{method: on_policy, train: {teacher: x, teacher_shots: 9}}]",
            "setting rounds.0.train.teacher_shots = 9: expected: less than or equal to 5",
        ),
    ],
)
def test_a_wrong_value_is_told_in_plain_words_with_its_place(change: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_recipe("etd", [change])
    assert str(error.value).startswith(message)


def test_a_file_that_is_not_there_is_called_that() -> None:
    with pytest.raises(
        InputError, match=r"recipe 'nowhere/mine\.yaml' is not there; expected: a \.yaml file, or eotd"
    ):
        read_recipe("nowhere/mine.yaml")
