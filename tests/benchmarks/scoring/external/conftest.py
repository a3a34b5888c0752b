"""The endpoint that tests of external models ask."""

from collections.abc import Iterator

import pytest

from tests.benchmarks.scripted_server import ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A real HTTP server on loopback that replies from a list."""
    with scripted_server() as server:
        yield server
