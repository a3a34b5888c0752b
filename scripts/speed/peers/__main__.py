"""Us and the rivals on the same problems: `python -m scripts.speed.peers ARTIFACT [--onnx ARTIFACT] [--checkpoint DIR]`.

Prompt ids, limit, end tokens, threads and greedy decoding are the same for all. One question goes to every peer
before the next does, in an order drawn anew each time: whoever always came after the same peer was up to 8 % slower
for it. Times are medians, and a ratio is the median of each question's own ratio. Problems are GSM8K's dev split:
nothing is chosen here, but speed needs no test split.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import sleep

from benchmarks.scoring.machine import describe_machine
from benchmarks.scoring.scoring_job import subsample
from benchmarks.tasks.loading import load_scoring
from benchmarks.tasks.splits import DEV
from runtime.answering.completion import FINISHED
from runtime.engines.opening import open_engine
from runtime.solver.solver import Solver
from runtime.values.manifest import Manifest, read_manifest
from runtime.values.prompt import Thought, render_prompt
from scripts.speed.peers import cold_start
from scripts.speed.peers.client import Peer, peers
from scripts.speed.peers.cold_start import ColdStart
from scripts.speed.peers.serving import Reply, Request

OURS, LOOP, RIVAL = "edgethought", "edgethought, engine alone", "create_completion"
ONNX_OURS, ONNX_LOOP, ONNX_BARE = "edgethought, onnx", "edgethought, onnx engine alone", "onnxruntime-genai"
BARE = "bare llama_decode"
# What each engine alone is compared with: the loop of its own library.
BASES = {LOOP: BARE, ONNX_LOOP: ONNX_BARE}
SAMPLES = 8
SAMPLED_EVERY = 10
MANY = 100
COLD_STARTS = 7
# A library's threads go on spinning after their work; the next peer must find the cores free.
SETTLE_S = 0.15

Replies = dict[str, list[Reply]]


def main() -> None:
    """Ask everybody and print a table, or one JSON row."""
    parser = argparse.ArgumentParser(description="edgethought beside its rivals, interleaved.")
    parser.add_argument("artifact", type=Path, help="GGUF artifact folder")
    parser.add_argument("--onnx", type=Path, help="ONNX artifact folder of the same student")
    parser.add_argument("--checkpoint", type=Path, help="checkpoint folder, for transformers' generate")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON row")
    options = parser.parse_args()
    row = compare(options.artifact, options.onnx, options.checkpoint, options.problems, options.threads)
    if options.json:
        print(json.dumps(row))
        return
    for name, value in row.items():
        print(f"{name:58} {value}")


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
    asked = list(requests(artifact, manifest, problems))
    with peers(kinds(artifact, onnx, checkpoint), threads) as running, Solver(workers=1) as solver:
        for request in asked[:2]:
            for peer in running.values():
                peer.ask(request)
        running[OURS].ask(_many(asked[:2]))
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


def requests(artifact: Path, manifest: Manifest, count: int) -> Iterator[Request]:
    """The prompts of the first `count` problems of a seeded choice."""
    engine = open_engine(artifact)
    for problem in subsample(list(load_scoring("gsm8k", DEV)), count, 0):
        ids = engine.encode(render_prompt(problem.question, manifest.default_thought))
        yield Request(problem.question, tuple(ids), manifest.end_tokens, manifest.max_tokens)
    engine.close()


def _many(asked: Sequence[Request]) -> Request:
    first = asked[0]
    return Request("", (), first.end, first.max_tokens, questions=tuple(one.question for one in asked))


def _interleaved(
    running: dict[str, Peer], asked: Sequence[Request]
) -> tuple[Replies, list[tuple[float, float]], list[tuple[int, float, Reply]]]:
    """Replies by peer; (one, eight samples) of every tenth question; (from where, rival's ms, ours) of every hundred."""
    replies: Replies = {name: [] for name in running}
    samples: list[tuple[float, float]] = []
    many: list[tuple[int, float, Reply]] = []
    names, order = list(running), random.Random(0)
    for place, request in enumerate(asked):
        for name in order.sample(names, len(names)):
            sleep(SETTLE_S)
            replies[name].append(running[name].ask(request))
        if place % SAMPLED_EVERY == 0:
            sleep(SETTLE_S)
            eight = Request(request.question, request.ids, request.end, request.max_tokens, SAMPLES)
            samples.append((replies[OURS][-1].total_ms, running[OURS].ask(eight).total_ms))
        if (place + 1) % MANY == 0:
            start = place + 1 - MANY
            rival_ms = sum(reply.total_ms for reply in replies[RIVAL][start:])
            many.append((start, rival_ms, running[OURS].ask(_many(asked[start : place + 1]))))
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
        rows[f"answer, median ms: {name}"] = round(median(reply.total_ms for reply in theirs), 1)
        if name != OURS:
            rows[f"edgethought is faster by: {name}"] = round(_ratio(theirs, ours), 2)
            equal = sum(one == other for one, other in zip(values[OURS], values[name], strict=True))
            rows[f"equal answers: {name}"] = f"{equal} of {len(ours)}"
    return rows


def as_stopped(thought: Thought, text: str) -> str:
    """A reply up to where its answer is complete: a rival cannot stop there, but what it says later is not its answer."""
    ends = [index + 1 for index, character in enumerate(text) if character == "\n"]
    return next((text[:end] for end in ends if FINISHED[thought](text[:end])), text)


def _ratio(theirs: Sequence[Reply], ours: Sequence[Reply]) -> float:
    return median(one.total_ms / other.total_ms for one, other in zip(theirs, ours, strict=True))


def _decode_rows(replies: Replies) -> dict[str, object]:
    """Decoding alone, each engine against the bare loop of its own library, where both wrote the same number."""
    rows: dict[str, object] = {}
    for ours, bare in BASES.items():
        if ours not in replies:
            continue
        pairs = [
            (_rate(one), _rate(other))
            for one, other in zip(replies[ours], replies[bare], strict=True)
            if one.tokens == other.tokens > 1
        ]
        rows[f"decode tok/s: {ours}"] = round(median(one for one, _ in pairs), 1)
        rows[f"decode tok/s: {bare}"] = round(median(other for _, other in pairs), 1)
        rows[f"decode, share of {bare}"] = round(median(one / other for one, other in pairs), 3)
    return rows


def _cold_rows(
    artifact: Path, asked: Sequence[Request], manifest: Manifest, threads: int
) -> dict[str, object]:
    """From the start of a process to its answer, in turn; the first round, which fills the file cache, counts not."""
    gguf = artifact / next(iter(manifest.files))
    rounds: list[tuple[ColdStart, ColdStart]] = []
    for request in asked:
        prompt = render_prompt(request.question, manifest.default_thought)
        rounds.append(
            (
                cold_start.ours(artifact, request.question),
                cold_start.rival(gguf, threads, prompt, request.max_tokens),
            )
        )
    ours, rival = (cold_start.middle(starts) for starts in zip(*rounds[1:], strict=True))
    return {
        "cold start, median s: edgethought solve": round(ours.seconds, 2),
        f"cold start, median s: {RIVAL}": round(rival.seconds, 2),
        "peak memory, MB: edgethought solve": round(ours.peak_mb),
        f"peak memory, MB: {RIVAL}": round(rival.peak_mb),
    }


def _ceiling(replies: Replies) -> float:
    """How many times the rival's problems a second there would be if only prompts were read, at the bare loop's speed."""
    return median(
        rival.total_ms / bare.first_ms for rival, bare in zip(replies[RIVAL], replies[BARE], strict=True)
    )


def _rate(reply: Reply) -> float:
    return (reply.tokens - 1) / (reply.total_ms - reply.first_ms) * 1e3


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
        rows["many problems, times as many if only prompts were read"] = round(_ceiling(replies), 2)
        same = sum(
            one == other.text
            for start, _, reply in many
            for one, other in zip(json.loads(reply.text), replies[OURS][start : start + MANY], strict=True)
        )
        rows["texts equal with and without batching"] = f"{same} of {MANY * len(many)}"
    return rows


if __name__ == "__main__":
    main()
