"""What the tests of export share: a warm ONNX builder, and what a checkpoint answers on the probes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runtime.values.manifest import file_sha256
from runtime.values.problem import Problem
from tests.export.warm_builder import WarmBuilder

if TYPE_CHECKING:
    from export.checkpoint import CheckpointCard
    from export.gate.reference import Reference


@pytest.fixture(scope="session")
def warm_builder() -> Iterator[WarmBuilder]:
    builder = WarmBuilder()
    yield builder
    builder.close()


@pytest.fixture(scope="module", autouse=True)
def builds_are_warm(warm_builder: WarmBuilder) -> Iterator[None]:
    """Every build of ONNX; `test_build.py` has one that is made as users make it."""
    import export.onnx.decoder

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(export.onnx.decoder, "subprocess", warm_builder)
        yield


@pytest.fixture(scope="module", autouse=True)
def checkpoints_answer_once() -> Iterator[None]:
    """A checkpoint that is exported by several tests of a module answers the probes for the first of them."""
    import export.building.build

    answer = export.building.build.checkpoint_reference
    known: dict[tuple[object, ...], Reference] = {}

    def answered(
        checkpoint: Path, card: "CheckpointCard", problems: Sequence[Problem], *say: Callable[[str], None]
    ) -> "Reference":
        files = [(path.name, file_sha256(path)) for path in sorted(checkpoint.iterdir()) if path.is_file()]
        key = (*files, repr(card), *problems)
        if key not in known:
            known[key] = answer(checkpoint, card, problems, *say)
        return known[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(export.building.build, "checkpoint_reference", answered)
        yield
