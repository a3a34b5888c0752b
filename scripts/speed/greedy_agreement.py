"""Whether other programs write what our engine writes: `python -m scripts.speed.greedy_agreement ARTIFACT`.

llama-cpp-python's chat (which gets the question alone and renders the file's own template), its OpenAI server, its bare
loop, and onnxruntime-genai's own loop, all greedy with the same limit, against our engine on the same file. The server
needs `pip install 'llama-cpp-python[server]'` and is left out without it.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runtime.values.manifest import read_manifest
from scripts.speed.harness import arguments, show
from scripts.speed.peers.client import ask, peers, requests
from scripts.speed.peers.rivals import Reply, Request

# Ours of each kind, and the programs that read the same file.
OURS = {"gguf": "edgethought, GGUF", "onnx": "edgethought, ONNX"}
SERVER_NEEDS = ("fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")


def main() -> None:
    """Ask everybody and print a row a program."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path, help="GGUF artifact folder")
    parser.add_argument("--onnx", type=Path, help="ONNX artifact folder")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    rows = compare(options.artifact, kinds_of_gguf(options.artifact), options.problems, options.threads)
    if options.onnx:
        kinds = {OURS["onnx"]: ("ours_loop", options.onnx), "onnxruntime-genai": ("bare_genai", options.onnx)}
        rows += compare(options.onnx, kinds, options.problems, options.threads)
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


def agreement(asked: Sequence[Request], ours: Sequence[Reply], theirs: Sequence[Reply]) -> dict[str, Any]:
    """On how many questions the texts are the same to the last character, and the first question where they are not."""
    same = [one.text == other.text for one, other in zip(ours, theirs, strict=True)]
    first = next((request.question[:60] for request, equal in zip(asked, same, strict=True) if not equal), "")
    return {"same": sum(same), "of": len(same), "first_other": first}


if __name__ == "__main__":
    main()
