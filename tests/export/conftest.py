"""What the tests of export share: builds of ONNX in a process that is already warm."""

from collections.abc import Iterator

import pytest

from tests.export.warm_builder import WarmBuilder


@pytest.fixture(scope="session")
def warm_builder() -> Iterator[WarmBuilder]:
    builder = WarmBuilder()
    yield builder
    builder.close()


@pytest.fixture(scope="module", autouse=True)
def builds_are_warm(request: pytest.FixtureRequest, warm_builder: WarmBuilder) -> Iterator[None]:
    """Every build but those of `test_build.py`, which are made as users make them."""
    if request.path.name == "test_build.py":
        yield
        return
    import export.onnx.decoder

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(export.onnx.decoder, "subprocess", warm_builder)
        yield
