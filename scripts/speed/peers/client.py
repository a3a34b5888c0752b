"""The driver's side of the peers: start them, ask them, and what they are asked."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from runtime.engines.opening import open_engine
from runtime.values.manifest import read_manifest
from runtime.values.prompt import render_prompt
from scripts.speed.harness import Worker, dev_questions, workers
from scripts.speed.peers.rivals import Reply, Request


def peers(kinds: Mapping[str, tuple[str, Path]], threads: int) -> AbstractContextManager[dict[str, Worker]]:
    """A process for each name's peer and model."""
    module = "scripts.speed.peers.rivals"
    return workers(
        {name: (module, peer, str(model), str(threads)) for name, (peer, model) in kinds.items()}, threads
    )


def ask(peer: Worker, request: Request) -> Reply:
    """One request answered; raises WorkFailed with the peer's last words when it dies."""
    return Reply(**peer.ask(asdict(request)))


def requests(artifact: Path, count: int, max_tokens: int | None = None) -> list[Request]:
    """Dev questions as prompts in an artifact's own tokens, with its own limit unless another is given."""
    manifest = read_manifest(artifact)
    engine = open_engine(artifact)
    found = [
        Request(
            question,
            tuple(engine.encode(render_prompt(question, manifest.default_thought))),
            manifest.end_tokens,
            max_tokens or manifest.max_tokens,
        )
        for question in dev_questions(count)
    ]
    engine.close()
    return found
