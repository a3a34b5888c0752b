"""What a recipe says of settings that it does not know."""

import pytest

from edgethought.stages.recipe import read_recipe
from runtime.values.errors import InputError


@pytest.mark.parametrize(
    ("change", "setting", "expected"),
    [
        ("train.ranks=3", "train.ranks = 3", "train.rank, train.base, train.threads"),
        ("rank=3", "rank = 3", "train.rank"),
        ("rounds=[{method: rft, samplez: 3}]", "rounds.0.samplez = 3", "rounds.samples"),
        (
            "score.zzz=1",
            "score.zzz = 1",
            "score.tasks, score.split, score.limit, score.mode, score.baselines, ",
        ),
        ("zzz.a=1", "zzz", "summary, data, sources, limit, "),
    ],
)
def test_an_unknown_setting_names_the_nearest(change: str, setting: str, expected: str) -> None:
    """Those that may have been meant, not all hundred; where none is near, those of the same group."""
    with pytest.raises(InputError) as error:
        read_recipe("etd", [change])
    assert str(error.value).startswith(
        f"setting {setting}: Extra inputs are not permitted; expected: {expected}"
    )
    assert len(str(error.value)) < 400
