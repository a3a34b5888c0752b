"""Us and the rivals on the same problems: `python -m scripts.speed.peers ARTIFACT [--onnx ARTIFACT] [--checkpoint DIR]`.

Prompt ids, limit, end tokens, threads and greedy decoding are the same for all. Times are medians, and a ratio is the
median of each question's own ratio.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

from benchmarks.scoring.machine import describe_machine
from runtime.answering.completion import FINISHED
from runtime.solver.solver import Solver
from runtime.values.manifest import Manifest, read_manifest
from runtime.values.prompt import Thought, render_prompt
from scripts.speed.harness import Usage, Worker, arguments, orders, ratio, show, watched
from scripts.speed.peers.client import ask, peers, requests
from scripts.speed.peers.rivals import Reply, Request

OURS, LOOP, RIVAL = "edgethought", "edgethought, engine alone", "create_completion"
ONNX_OURS, ONNX_LOOP, ONNX_BARE = "edgethought, onnx", "edgethought, onnx engine alone", "onnxruntime-genai"
BARE = "bare llama_decode"
# What each engine alone is compared with: the loop of its own library.
BASES = {LOOP: BARE, ONNX_LOOP: ONNX_BARE}
SAMPLES = 8
SAMPLED_EVERY = 10
MANY = 100
COLD_STARTS = 7
# How often the memory of a process that starts and ends is looked at.
LOOK_EVERY_S = 0.005
# The shortest script that answers with llama-cpp-python's own API.
RIVAL_SCRIPT = (
    "import sys, llama_cpp; "
    "llama = llama_cpp.Llama(sys.argv[1], n_ctx=1024, n_threads=int(sys.argv[2]), flash_attn=True, verbose=False); "
    "print(llama.create_completion(sys.argv[3], max_tokens=int(sys.argv[4]), temperature=0.0)['choices'][0]['text'])"
)

Replies = dict[str, list[Reply]]


def main() -> None:
    """Ask everybody and print a table, or one JSON row."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path, help="GGUF artifact folder")
    parser.add_argument("--onnx", type=Path, help="ONNX artifact folder of the same student")
    parser.add_argument("--checkpoint", type=Path, help="checkpoint folder, for transformers' generate")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    show(
        [compare(options.artifact, options.onnx, options.checkpoint, options.problems, options.threads)],
        options.json,
    )


def kinds(artifact: Path, onnx: Path | None, checkpoint: Path | None) -> dict[str, tuple[str, Path]]:
    """Every peer that can run: its module and what it loads."""
    gguf = artifact / next(iter(read_manifest(artifact).files))
    chosen = {
        OURS: ("ours", artifact),
        LOOP: ("ours_loop", artifact),
        RIVAL: ("create_completion", gguf),
        "create_chat_completion": ("create_chat_completion", gguf),
        BARE: ("bare_llama", gguf),
    }
    if onnx:
        chosen |= {
            ONNX_OURS: ("ours", onnx),
            ONNX_LOOP: ("ours_loop", onnx),
            ONNX_BARE: ("bare_genai", onnx),
        }
    if checkpoint:
        chosen["transformers generate"] = ("transformers_generate", checkpoint)
    return chosen


def compare(
    artifact: Path, onnx: Path | None, checkpoint: Path | None, problems: int, threads: int
) -> dict[str, object]:
    """Every figure by name: milliseconds, tokens a second, ratios (above 1: we are faster), counts."""
    manifest = read_manifest(artifact)
    asked = requests(artifact, problems)
    with peers(kinds(artifact, onnx, checkpoint), threads) as running, Solver(workers=1) as solver:
        for request in asked[:2]:
            for peer in running.values():
                ask(peer, request)
        ask(running[OURS], _many(asked[:2]))
        replies, samples, many = _interleaved(running, asked)
        cold = _cold_rows(artifact, asked[:COLD_STARTS], manifest, threads)
        versions = sorted({peer.version for peer in running.values()})
        return {
            "machine": json.dumps(asdict(describe_machine())),
            "versions": ", ".join(versions),
            "problems": len(asked),
            "threads": threads,
            **_answer_rows(replies, manifest, solver),
            **_decode_rows(replies),
            **_together_rows(replies, samples, many),
            **cold,
        }


def _many(asked: Sequence[Request]) -> Request:
    first = asked[0]
    return Request("", (), first.end, first.max_tokens, questions=tuple(one.question for one in asked))


def _interleaved(
    running: Mapping[str, Worker], asked: Sequence[Request]
) -> tuple[Replies, list[tuple[float, float]], list[tuple[int, float, Reply]]]:
    """Replies by peer; (one, eight samples) of every tenth question; (from where, rival's ms, ours) of every hundred."""
    replies: Replies = {name: [] for name in running}
    samples: list[tuple[float, float]] = []
    many: list[tuple[int, float, Reply]] = []
    for place, (request, order) in enumerate(zip(asked, orders(running), strict=False)):
        for name in order:
            replies[name].append(ask(running[name], request))
        if place % SAMPLED_EVERY == 0:
            eight = replace(request, samples=SAMPLES)
            samples.append((replies[OURS][-1].total_ms, ask(running[OURS], eight).total_ms))
        if (place + 1) % MANY == 0:
            start = place + 1 - MANY
            rival_ms = sum(reply.total_ms for reply in replies[RIVAL][start:])
            many.append((start, rival_ms, ask(running[OURS], _many(asked[start : place + 1]))))
    return replies, samples, many


def _answer_rows(replies: Replies, manifest: Manifest, solver: Solver) -> dict[str, object]:
    """Question to answer: medians, how much faster we are than each, on how many the answers are equal."""
    ours = replies[OURS]
    thought = manifest.default_thought
    values = {
        name: [solver.solve(thought, as_stopped(thought, reply.text)).value for reply in theirs]
        for name, theirs in replies.items()
    }
    rows: dict[str, object] = {}
    for name, theirs in replies.items():
        rows[f"answer, median ms: {name}"] = round(median(_times(theirs)), 1)
        if name != OURS:
            rows[f"edgethought is faster by: {name}"] = round(ratio(_times(theirs), _times(ours)), 2)
            equal = sum(one == other for one, other in zip(values[OURS], values[name], strict=True))
            rows[f"equal answers: {name}"] = f"{equal} of {len(ours)}"
    return rows


def as_stopped(thought: Thought, text: str) -> str:
    """A reply up to where its answer is complete: a rival cannot stop there, but what it says later is not its answer."""
    ends = [index + 1 for index, character in enumerate(text) if character == "\n"]
    return next((text[:end] for end in ends if FINISHED[thought](text[:end])), text)


def _decode_rows(replies: Replies) -> dict[str, object]:
    """Decoding alone, each engine against the bare loop of its own library, where both wrote the same number."""
    rows: dict[str, object] = {}
    for ours, bare in BASES.items():
        if ours not in replies:
            continue
        pairs = [
            (one.tokens_per_s, other.tokens_per_s)
            for one, other in zip(replies[ours], replies[bare], strict=True)
            if one.tokens == other.tokens > 1
        ]
        rows[f"decode tok/s: {ours}"] = round(median(one for one, _ in pairs), 1)
        rows[f"decode tok/s: {bare}"] = round(median(other for _, other in pairs), 1)
        rows[f"decode, share of {bare}"] = round(ratio(*zip(*pairs, strict=True)), 3)
    return rows


def _cold_rows(
    artifact: Path, asked: Sequence[Request], manifest: Manifest, threads: int
) -> dict[str, object]:
    """From the start of a process to its answer, in turn; the first round, which fills the file cache, counts not."""
    gguf = artifact / next(iter(manifest.files))
    rounds: list[tuple[Usage, Usage]] = []
    for request in asked:
        prompt = render_prompt(request.question, manifest.default_thought)
        commands = (
            [
                sys.executable,
                "-m",
                "edgethought",
                "solve",
                "--json",
                "--model",
                str(artifact),
                request.question,
            ],
            [sys.executable, "-c", RIVAL_SCRIPT, str(gguf), str(threads), prompt, str(request.max_tokens)],
        )
        # 1 is a thought that the solver could not solve: an answer all the same.
        ours, rival = (watched(command, every_s=LOOK_EVERY_S, allowed=(0, 1)) for command in commands)
        rounds.append((ours, rival))
    rows: dict[str, object] = {}
    for name, starts in zip(("edgethought solve", RIVAL), zip(*rounds[1:], strict=True), strict=True):
        rows[f"cold start, median s: {name}"] = round(median(one.seconds for one in starts), 2)
        rows[f"peak memory, MB: {name}"] = round(median(one.largest_mb for one in starts))
    return rows


def _times(replies: Sequence[Reply]) -> list[float]:
    return [reply.total_ms for reply in replies]


def _together_rows(
    replies: Replies, samples: Sequence[tuple[float, float]], many: Sequence[tuple[int, float, Reply]]
) -> dict[str, object]:
    """Several samples of one question, and many questions at once."""
    rows: dict[str, object] = {
        f"{SAMPLES} samples, times the time of one": round(median(eight / one for one, eight in samples), 2)
    }
    if many:
        seconds = sum(reply.total_ms for _, _, reply in many) / 1e3
        rows["many problems, a second"] = round(MANY * len(many) / seconds, 2)
        ratios = [rival / reply.total_ms for _, rival, reply in many]
        rows[f"many problems, times as many as {RIVAL}"] = round(median(ratios), 2)
        # If only prompts were read, at the bare loop's speed.
        first_ms = [reply.first_ms for reply in replies[BARE]]
        rows["many problems, times as many if only prompts were read"] = round(
            ratio(_times(replies[RIVAL]), first_ms), 2
        )
        same = sum(
            one == other.text
            for start, _, reply in many
            for one, other in zip(json.loads(reply.text), replies[OURS][start : start + MANY], strict=True)
        )
        rows["texts equal with and without batching"] = f"{same} of {MANY * len(many)}"
    return rows


if __name__ == "__main__":
    main()
