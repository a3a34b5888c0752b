"""Splits as types: training code cannot be handed a test split, mypy refuses it and so does the loader."""

from enum import Enum

from runtime.values.errors import InputError


class TrainingSplit(Enum):
    """What a student may learn from."""

    TRAIN = "train"


class ScoringSplit(Enum):
    """What accuracy is measured on. `DEV` is for choices made on the way, `TEST` for what is reported."""

    DEV = "dev"
    TEST = "test"


Split = TrainingSplit | ScoringSplit
TRAIN, DEV, TEST = TrainingSplit.TRAIN, ScoringSplit.DEV, ScoringSplit.TEST


def named_split(name: str) -> Split:
    """The split of a name; raises InputError listing them."""
    named: dict[str, Split] = {split.value: split for split in (TRAIN, DEV, TEST)}
    if name not in named:
        raise InputError(f"split {name!r}; expected: {', '.join(named)}")
    return named[name]
