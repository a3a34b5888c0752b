"""Tuning: what is quickest on this device, measured in about a minute: artifact, threads, thoughts at a time.

The same prompts are prefilled and continued for the same number of tokens by every candidate. What is measured is
speed alone; accuracy is `edgethought bench`'s, and where two artifacts are equally quick the one that stays closer to
its checkpoint wins.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.tasks.table import Table
from export.gate.probes import probe_problems
from runtime.answering.tuning import Tuned
from runtime.engines.engine import Decoding, Engine, Streams
from runtime.engines.opening import open_engine
from runtime.values.cores import allowed_processors, physical_cores
from runtime.values.manifest import Manifest, artifact_key, read_manifest
from runtime.values.prompt import render_prompt

# Tokens of a typical prompt and of a typical thought; of both together at most.
DEFAULT_PROMPT = 64
WRITTEN = 32
ROOM = 512
STREAMS = (8, 16, 32)
# Differences below this share are noise; then the better kept or the smaller setting wins.
SAME = 0.05
MIN_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Speed:
    """One candidate: `answer_ms` for a prompt and `WRITTEN` tokens, and `answers_s` where many are written at a time."""

    artifact: Path
    label: str
    threads: int
    streams: int
    prefill_tokens_s: float
    decode_tokens_s: float
    answer_ms: float
    answers_s: float
    contexts: int = 1
    accuracy_level: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is best here: the artifact to use by default, and each artifact's own settings."""

    best: Path
    settings: dict[Path, Tuned]
    speeds: list[Speed]


def tune(
    artifacts: Sequence[Path],
    *,
    seconds: float = 90.0,
    progress: Callable[[int, int, str], None] | None = None,
) -> Choice:
    """Measure every artifact with every sensible number of threads, then with several streams, and choose.

    `seconds` is shared out among the candidates; loading comes on top. Raises InputError when a folder is no artifact.
    """
    manifests = {artifact: read_manifest(artifact) for artifact in artifacts}
    threads = thread_counts()
    alone = sum(len(accuracy_levels(manifest)) for manifest in manifests.values()) * len(threads)
    total = alone + len(artifacts) * len(STREAMS) * len(context_counts(threads[-1]))
    each_s = seconds / total
    speeds: list[Speed] = []

    def told(speed: Speed) -> Speed:
        speeds.append(speed)
        if progress:
            note = f"{speed.label}, {speed.threads} threads, {speed.streams} at a time, {speed.contexts} contexts"
            progress(len(speeds), total, note)
        return speed

    settings: dict[Path, Tuned] = {}
    for artifact, manifest in manifests.items():
        singly = [
            told(one_at_a_time(artifact, manifest, count, each_s, level))
            for level in accuracy_levels(manifest)
            for count in threads
        ]
        quickest = min(singly, key=lambda speed: speed.answer_ms)
        level = quickest.accuracy_level
        several = [told(speed) for speed in together(artifact, manifest, quickest.threads, each_s, level)]
        most = best_streams([quickest, *several])
        settings[artifact] = Tuned(quickest.threads, most.streams, most.contexts, level)
    return Choice(best_artifact(speeds, manifests), settings, speeds)


def thread_counts() -> list[int]:
    """One thread, every physical core, and every logical processor where those are more."""
    return sorted({1, physical_cores(), len(allowed_processors())})


def accuracy_levels(manifest: Manifest) -> list[int | None]:
    """The accuracy levels to try: every one that an artifact has, or none in particular."""
    return [int(level) for level in manifest.accuracy_levels] or [None]


def context_counts(threads: int) -> list[int]:
    """One context with all threads, two, and one a thread."""
    return sorted({1, min(2, threads), threads})


def one_at_a_time(
    artifact: Path, manifest: Manifest, threads: int, seconds: float, accuracy_level: int | None = None
) -> Speed:
    """Prompts answered one after the other for about `seconds`, after a warm-up."""
    with closing(open_engine(artifact, threads, accuracy_level=accuracy_level)) as engine:
        asked = prompts(engine, manifest)
        answered(engine, next(asked))
        times: list[tuple[float, float]] = []
        started = perf_counter()
        while len(times) < MIN_ANSWERS or perf_counter() - started < seconds:
            times.append(answered(engine, next(asked)))
    prefill = median(prefill for prefill, _ in times)
    decode = median(decode for _, decode in times)
    answer_s = DEFAULT_PROMPT / prefill + WRITTEN / decode
    return Speed(
        artifact,
        _label(manifest, accuracy_level),
        threads,
        1,
        prefill,
        decode,
        answer_s * 1e3,
        1 / answer_s,
        accuracy_level=accuracy_level,
    )


def prompts(engine: Engine, manifest: Manifest) -> Iterator[list[int]]:
    """The probe problems' prompts, over and over."""
    thought = manifest.default_thought
    return cycle([engine.encode(render_prompt(problem.question, thought)) for problem in probe_problems()])


def answered(engine: Engine, prompt: Sequence[int]) -> tuple[float, float]:
    """Tokens a second of one answer's prefill and of its decoding."""
    started = perf_counter()
    stream = engine.generate(prompt, Decoding(WRITTEN))
    tokens = int(next(stream, None) is not None)
    first = perf_counter()
    tokens += sum(1 for _ in stream)
    decode_s = perf_counter() - first
    return len(prompt) / (first - started), max(1, tokens - 1) / decode_s


def together(
    artifact: Path, manifest: Manifest, threads: int, seconds: float, accuracy_level: int | None = None
) -> Iterator[Speed]:
    """Several thoughts at a time, for each number of streams and of contexts that the engine really has."""
    for contexts in context_counts(threads):
        for count in STREAMS:
            with closing(open_engine(artifact, threads, accuracy_level=accuracy_level)) as engine:
                streams = engine.streams(count, min(ROOM, engine.context_tokens), contexts)
                if streams.slots < count or streams.contexts < contexts:
                    return
                answers_s = throughput(engine, manifest, streams, seconds)
            written_s, label = answers_s * WRITTEN, _label(manifest, accuracy_level)
            yield Speed(
                artifact, label, threads, count, 0.0, written_s, 0.0, answers_s, contexts, accuracy_level
            )


def throughput(engine: Engine, manifest: Manifest, streams: Streams, seconds: float) -> float:
    """Answers a second on these streams, a slot taken again as soon as its stream has left; closes them."""
    asked = prompts(engine, manifest)
    written = 0
    started = perf_counter()
    with closing(streams):
        while perf_counter() - started < seconds or written < WRITTEN * streams.slots:
            for prompt in islice(asked, streams.free()):
                streams.start([], [(prompt, Decoding(WRITTEN))])
            written += len(streams.step())
        return written / WRITTEN / (perf_counter() - started)


def best_streams(speeds: Sequence[Speed]) -> Speed:
    """The fewest thoughts at a time, on the fewest contexts, that are as quick as the quickest."""
    most = max(speed.answers_s for speed in speeds)
    quick = [speed for speed in speeds if speed.answers_s >= most * (1 - SAME)]
    return min(quick, key=lambda speed: (speed.streams, speed.contexts))


def best_artifact(speeds: Sequence[Speed], manifests: dict[Path, Manifest]) -> Path:
    """The quickest for one answer; of those that are equally quick, the one closest to its checkpoint."""
    alone = [speed for speed in speeds if speed.streams == 1]
    least = min(speed.answer_ms for speed in alone)
    quick = {speed.artifact: speed.answer_ms for speed in alone if speed.answer_ms <= least * (1 + SAME)}
    return min(quick, key=lambda artifact: (_divergence(manifests[artifact]), quick[artifact]))


def _divergence(manifest: Manifest) -> float:
    return float(manifest.gate.get("mean_kl", float("inf")))


def _label(manifest: Manifest, accuracy_level: int | None) -> str:
    level = "" if accuracy_level is None else f" level {accuracy_level}"
    return f"{manifest.format}:{manifest.quantization}{level}"


def settings_by_key(choice: Choice) -> dict[str, Tuned]:
    """Each artifact's settings under the key by which a later start knows it."""
    return {artifact_key(read_manifest(artifact)): tuned for artifact, tuned in choice.settings.items()}


def tuning_table(choice: Choice) -> Table:
    """Every candidate, and what was chosen."""
    rows = tuple(_row(speed, choice) for speed in choice.speeds)
    return Table(
        "This device",
        ("artifact", "threads", "streams", "prefill/s", "decode/s", "answers", ""),
        rows,
        f"Prefill and decode in tokens a second; an answer is a prompt of {DEFAULT_PROMPT} tokens and a thought of "
        f"{WRITTEN}. Streams are thoughts written at a time, `on` contexts that share out the threads. A level is "
        "onnxruntime's accuracy level: 4 multiplies in int8, 1 in float32; each is past the gate. This is speed "
        "only: `edgethought bench` says how often the answers are right.",
    )


def _row(speed: Speed, choice: Choice) -> tuple[str, ...]:
    tuned = choice.settings[speed.artifact]
    alone = speed.streams == 1
    notes = []
    same = speed.accuracy_level == tuned.accuracy_level
    if alone and same and speed.threads == tuned.threads:
        notes.append("default" if speed.artifact == choice.best else "its threads")
    if same and (speed.streams, speed.threads, speed.contexts) == (
        tuned.streams,
        tuned.threads,
        tuned.contexts,
    ):
        notes.append("for files")
    return (
        speed.label,
        str(speed.threads),
        f"{speed.streams} on {speed.contexts}" if speed.contexts > 1 else str(speed.streams),
        f"{speed.prefill_tokens_s:.0f}" if alone else "–",
        f"{speed.decode_tokens_s:.0f}",
        f"{speed.answer_ms:.0f} ms" if alone else f"{speed.answers_s:.1f}/s",
        ", ".join(notes),
    )
