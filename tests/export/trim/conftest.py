"""What the tests of trimming share: one thread, and a tiny checkpoint with a vocabulary of words."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import one_thread
from tests.tiny_words import word_vocabulary


@pytest.fixture(autouse=True)
def on_one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    with one_thread() if request.node.get_closest_marker("torch") else nullcontext():
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("whole") / "base", vocabulary=word_vocabulary())
