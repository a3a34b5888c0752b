"""Whether other programs write what our engines write: `python -m scripts.speed.greedy_agreement ARTIFACT`.

llama-cpp-python's chat (which gets the question alone and renders the file's own template), its OpenAI server, its bare
loop, and onnxruntime-genai's own loop, against our engine on the same file; with `--checkpoint`, transformers'
`generate`, one question at a time, against our engine of checkpoints, 64 at a time, both in float32. All are greedy, with
the same limit. The server needs `pip install 'llama-cpp-python[server]'` and is left out without it.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runtime.engines.engine import Decoding, Engine
from runtime.values.manifest import read_manifest
from runtime.values.prompt import render_prompt
from scripts.speed.harness import arguments, dev_questions, show
from scripts.speed.peers.client import ask, peers, requests
from scripts.speed.peers.rivals import Reply, Request

# Ours of each kind, and the programs that read the same file.
OURS = {"gguf": "edgethought, GGUF", "onnx": "edgethought, ONNX"}
SLOTS = 64
SERVER_NEEDS = ("fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")


def main() -> None:
    """Ask everybody and print a row a program."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path, nargs="?", help="GGUF artifact folder")
    parser.add_argument("--onnx", type=Path, help="ONNX artifact folder")
    parser.add_argument("--checkpoint", type=Path, help="checkpoint folder")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    rows = []
    if options.artifact:
        rows += compare(options.artifact, kinds_of_gguf(options.artifact), options.problems, options.threads)
    if options.onnx:
        kinds = {OURS["onnx"]: ("ours_loop", options.onnx), "onnxruntime-genai": ("bare_genai", options.onnx)}
        rows += compare(options.onnx, kinds, options.problems, options.threads)
    if options.checkpoint:
        rows.append(compare_checkpoint(options.checkpoint, options.problems, options.threads))
    show(rows, options.json)


def kinds_of_gguf(artifact: Path) -> dict[str, tuple[str, Path]]:
    """Who reads a GGUF file, ours first."""
    file = artifact / next(iter(read_manifest(artifact).files))
    names = ["create_chat_completion", "bare_llama", *(["llama_server"] if _has_server() else [])]
    return {OURS["gguf"]: ("ours_loop", artifact), **{name: (name, file) for name in names}}


def _has_server() -> bool:
    return all(find_spec(name) for name in SERVER_NEEDS)


def compare(
    artifact: Path, kinds: dict[str, tuple[str, Path]], problems: int, threads: int
) -> list[dict[str, Any]]:
    """A row for each program beside ours, which is the first of `kinds`."""
    asked = requests(artifact, problems)
    with peers(kinds, threads) as running:
        replies = {name: [ask(peer, request) for request in asked] for name, peer in running.items()}
        versions = {name: peer.version for name, peer in running.items()}
    ours, *others = kinds
    return [
        {
            "program": name,
            "version": versions[name],
            "beside": ours,
            **agreement(asked, replies[ours], replies[name]),
        }
        for name in others
    ]


def compare_checkpoint(checkpoint: Path, problems: int, threads: int) -> dict[str, Any]:
    """A row for transformers beside our engine of checkpoints, which writes many at a time."""
    import torch

    from export.checkpoint_engine.engine import CheckpointEngine
    from export.checkpoint_engine.opening import model_manifest

    manifest = model_manifest(checkpoint)
    engine = CheckpointEngine(checkpoint, manifest, threads, dtype=torch.float32)
    asked = [
        Request(
            question,
            tuple(engine.encode(render_prompt(question, manifest.default_thought))),
            manifest.end_tokens,
            manifest.max_tokens,
        )
        for question in dev_questions(problems)
    ]
    ours = written(engine, asked)
    engine.close()
    with peers({"transformers": ("transformers_float32", checkpoint)}, threads) as running:
        peer = running["transformers"]
        theirs = [ask(peer, request) for request in asked]
        row = {"program": "transformers", "version": peer.version, "beside": "edgethought, checkpoint"}
    return {**row, **agreement(asked, ours, theirs)}


def written(engine: Engine, asked: Sequence[Request]) -> list[Reply]:
    """What an engine writes greedily, `SLOTS` texts at a time, to their own ends."""
    room = max(len(request.ids) + request.max_tokens for request in asked)
    streams = engine.streams(SLOTS, room)
    ids: list[list[int]] = [[] for _ in asked]
    waiting, on = list(range(len(asked))), dict[int, int]()
    while waiting or on:
        while waiting and streams.free():
            place = waiting.pop(0)
            (slot,) = streams.start((), [(asked[place].ids, Decoding(asked[place].max_tokens))])
            on[slot] = place
        for token in streams.step():
            if token.id is not None:
                ids[on[token.slot]].append(token.id)
            if token.left:
                del on[token.slot]
    streams.close()
    return [Reply(engine.decode(one), len(one), 0.0) for one in ids]


def agreement(asked: Sequence[Request], ours: Sequence[Reply], theirs: Sequence[Reply]) -> dict[str, Any]:
    """On how many questions the texts are the same to the last character, and the first question where they are not."""
    same = [one.text == other.text for one, other in zip(ours, theirs, strict=True)]
    first = next((request.question[:60] for request, equal in zip(asked, same, strict=True) if not equal), "")
    return {"same": sum(same), "of": len(same), "first_other": first}


if __name__ == "__main__":
    main()
