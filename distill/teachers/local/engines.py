"""Which engine writes: llama.cpp the GGUF as it is, or torch the checkpoint that `base get` made of it.

Torch's products in bfloat16 pay for many replies at a time, where the processor has them; elsewhere llama.cpp is quicker.
Their texts differ, as their numbers do, so each has replies of its own. `auto` measures once, and goes by that from then
on.
"""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, Protocol

from distill.teachers.local.files import ModelFile
from distill.teachers.local.settings import LocalSettings
from export.bases.base import base_checkpoint, checkpoint_folder
from export.bases.table import known_bases
from export.checkpoint import CARD_FILE, WEIGHTS_FILE, quick_bfloat16
from runtime.engines.engine import Decoding, Streams
from runtime.values.cores import physical_cores
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.processor import processor_features

EngineName = Literal["llama", "torch"]
# Replies at a time: where llama.cpp's batches have ended to pay, and where torch's have.
STREAMS: dict[EngineName, int] = {"llama": 16, "torch": 64}
CHOICES_FILE = "engines.json"
# What is measured: so many tokens of every stream, after a prefix of some length.
MEASURED_TOKENS, MEASURED_PREFIX = 12, 64
# A checkpoint is there twice while its weights are laid out.
MEMORY_FACTOR = 2.5


class BatchEngine(Protocol):
    """What continuous batching wants of an engine."""

    context_tokens: int

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        ...

    def streams(
        self, slots: int, max_len: int, contexts: int = 1, *, kept: Sequence[Sequence[int]] = ()
    ) -> Streams:
        """Slots for sequences that are decoded together; the prefixes that are `kept` stay while nobody uses them."""
        ...

    def close(self) -> None:
        """Free the memory."""
        ...


def chosen_engine(settings: LocalSettings, file: ModelFile) -> EngineName:
    """The engine that the settings name, or the quicker one here; raises InputError for one that cannot be."""
    if settings.engine == "llama":
        return "llama"
    if settings.engine == "torch":
        if settings.model not in known_bases():
            raise InputError(
                f"local.engine=torch with {settings.model}; expected: a base of the table, whose checkpoint it runs"
            )
        return "torch"
    if not _torch_pays(settings):
        return "llama"
    return _remembered(file) or _measured(settings, file)


def opened_engine(name: EngineName, settings: LocalSettings, file: ModelFile) -> BatchEngine:
    """The engine, loaded."""
    threads = settings.threads or physical_cores()
    if name == "torch":
        from export.checkpoint_engine.engine import CheckpointEngine

        return CheckpointEngine(base_checkpoint(settings.model), file.manifest, threads)
    from runtime.engines.llama.engine import LlamaCppEngine

    return LlamaCppEngine(file.path, file.manifest, threads)


def _torch_pays(settings: LocalSettings) -> bool:
    """Whether it may be the quicker one: the checkpoint is here, fits into memory, and bfloat16 is quick."""
    if settings.model not in known_bases() or find_spec("torch") is None or not quick_bfloat16():
        return False
    folder = checkpoint_folder(settings.model)
    weights = folder / WEIGHTS_FILE
    if not (folder / CARD_FILE).is_file() or not weights.is_file():
        return False
    return MEMORY_FACTOR * weights.stat().st_size < _free_memory()


def _free_memory() -> float:
    """Bytes that a process may take; without /proc as many as there are."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return float("inf")
    found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return found.get("MemAvailable", float("inf"))


def _place(file: ModelFile) -> str:
    """A model on a kind of processor."""
    return f"{file.sha256[:16]} {' '.join(sorted(processor_features()))} x{physical_cores()}"


def _remembered(file: ModelFile) -> EngineName | None:
    name = _choices().get(_place(file), {}).get("engine")
    return name if name in STREAMS else None


def _choices() -> dict[str, Any]:
    try:
        found = json.loads((home_folder() / CHOICES_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _measured(settings: LocalSettings, file: ModelFile) -> EngineName:
    """The engine with more tokens a second, each with its own number of streams; remembered where that can be written."""
    rates = {name: _rate(opened_engine(name, settings, file), streams) for name, streams in STREAMS.items()}
    best = max(rates, key=lambda name: rates[name])
    told = {name: round(rate, 1) for name, rate in rates.items()}
    home_folder().mkdir(parents=True, exist_ok=True)
    write_json(
        home_folder() / CHOICES_FILE, {**_choices(), _place(file): {"engine": best, "tokens_per_s": told}}
    )
    return best


def _rate(engine: BatchEngine, count: int) -> float:
    """Tokens a second of `count` streams, prompts read before the clock starts."""
    prefix = list(range(300, 300 + MEASURED_PREFIX))
    streams = engine.streams(count, 2 * MEASURED_PREFIX, 2)
    streams.start(prefix, [([500 + place], Decoding(MEASURED_TOKENS)) for place in range(count)])
    written, began = 0, 0.0
    while tokens := streams.step():
        if began:
            written += len(tokens)
        began = began or perf_counter()
    seconds = perf_counter() - began
    streams.close()
    engine.close()
    return written / seconds
