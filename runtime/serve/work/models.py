"""The models of a server: loaded when they are asked for, under a ceiling of memory, the least recently used closed."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from runtime.answering.confidence import read_calibrations
from runtime.answering.default_model import STUDENT_FILE, artifact_folder, named_artifact
from runtime.answering.modes import MODES, Mode
from runtime.answering.pipeline import load
from runtime.serve.errors import ApiError, model_failed, over_memory, shutting_down
from runtime.serve.settings import ServeSettings
from runtime.serve.work.batch import ModelBatch
from runtime.values.errors import EdgethoughtError, InputError
from runtime.values.manifest import SCORER_FILE, Manifest, read_manifest

# How long a request waits for other models to become idle before there is no memory.
ROOM_S = 30.0
# A model takes about its file, and its slots besides.
ESTIMATED_SLOTS_BYTES = 128 << 20
# Of the machine's memory, unless a ceiling is given.
DEFAULT_SHARE = 0.75
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(slots=True, eq=False)
class ServedModel:
    """An artifact under its name; `bytes` is what it takes loaded, a guess until it was loaded once."""

    name: str
    folder: Path
    manifest: Manifest
    bytes: int
    calibrated: bool
    batch: ModelBatch | None = None
    loading: asyncio.Task[ModelBatch] | None = None
    used: float = 0.0

    @property
    def loaded(self) -> bool:
        """Whether it can answer at once."""
        return self.batch is not None and self.batch.open

    @property
    def idle(self) -> bool:
        """Whether it is loaded and nobody waits for it."""
        return self.batch is not None and self.batch.idle

    @property
    def modes(self) -> list[Mode]:
        """The modes that it can be asked in."""
        scored = bool(self.manifest.scorer) and (self.folder / SCORER_FILE).is_file()
        several = len(self.manifest.thoughts) > 1
        return [mode for mode in MODES if (scored or mode != "best_of") and (several or mode != "fallback")]

    def to_row(self) -> dict[str, Any]:
        """What `GET /models` says of it."""
        one = self.manifest
        return {
            "name": self.name,
            "summary": f"{one.parameters / 1e6:,.0f} million parameters, {one.format} {one.quantization}",
            "thoughts": list(one.thoughts),
            "default_thought": one.default_thought,
            "loaded": self.loaded,
            "modes": self.modes,
            "calibrated": self.calibrated,
            "bytes": one.bytes,
        }


class Models:
    """The models of a server. Everything is called in the event loop's thread."""

    def __init__(self, served: Sequence[ServedModel], settings: ServeSettings) -> None:
        self._served = {one.name: one for one in served}
        self._settings = settings
        self.limit_bytes = settings.memory_bytes or int(_machine_bytes() * DEFAULT_SHARE)
        self._lock = asyncio.Lock()
        self._closing = False

    def __iter__(self) -> Iterator[ServedModel]:
        return iter(self._served.values())

    @property
    def default(self) -> ServedModel:
        """The one that answers where none is named."""
        return next(iter(self))

    def named(self, name: str) -> ServedModel:
        """The model of this name; raises ApiError."""
        if name in self._served:
            return self._served[name]
        known = ", ".join(self._served)
        raise ApiError(404, f"model {name[:80]!r}; expected: {known}", param="model", code="model_not_found")

    async def open_first(self) -> None:
        """Load the default; raises InputError, WorkFailed or ApiError as it is."""
        self.default.loading = asyncio.create_task(self._load(self.default))
        await self.default.loading

    async def open(self, served: ServedModel) -> ModelBatch:
        """The batch of a model, loaded if need be; raises ApiError where there is no memory for it.

        What is submitted to it before the next `await` finds it open.
        """
        if self._closing:
            raise shutting_down()
        served.used = monotonic()
        if served.batch is not None and served.batch.open:
            return served.batch
        if served.loading is None or served.loading.done():
            served.loading = asyncio.create_task(self._load(served))
        try:
            # A client that leaves does not end what others wait for.
            return await asyncio.shield(served.loading)
        except EdgethoughtError as error:
            print(f"{served.name}: {error}", file=sys.stderr, flush=True)
            raise model_failed(served.name) from error

    async def _load(self, served: ServedModel) -> ModelBatch:
        async with self._lock:
            await self._make_room(served)
            before = resident_bytes()
            if served.batch:  # its engine failed
                await self._close(served)
            model = await asyncio.to_thread(load, served.folder)
            batch = ModelBatch(model, streams=self._settings.streams, queue=self._settings.queue)
            await batch.start()
            served.bytes = max(served.manifest.bytes, resident_bytes() - before)
            try:
                # It may be more than was thought.
                await self._make_room(served)
            except ApiError:
                await _ended(batch)
                raise
            served.batch, served.used = batch, monotonic()
            return batch

    async def _make_room(self, wanted: ServedModel) -> None:
        """Close models that nobody uses until there is room; raises ApiError where that cannot be."""
        if wanted.bytes > self.limit_bytes:
            raise over_memory(wanted.name, wanted.bytes, 0, self.limit_bytes)
        until = monotonic() + ROOM_S
        while self.loaded_bytes + wanted.bytes > self.limit_bytes:
            idle = [one for one in self if one.idle and one is not wanted]
            if idle:
                await self._close(min(idle, key=lambda one: one.used))
            elif self._closing or monotonic() >= until:
                raise over_memory(wanted.name, wanted.bytes, self.loaded_bytes, self.limit_bytes)
            else:
                await asyncio.sleep(0.05)

    @property
    def loaded_bytes(self) -> int:
        """What all loaded models take."""
        return sum(one.bytes for one in self if one.loaded)

    async def _close(self, served: ServedModel) -> None:
        batch, served.batch = served.batch, None
        if batch:
            await _ended(batch)

    def refuse(self) -> None:
        """Load and answer nothing new; what runs is finished."""
        self._closing = True
        for one in self:
            if one.batch:
                one.batch.close()

    def cancel(self) -> None:
        """End what is being written with what there is."""
        for one in self:
            if one.batch:
                one.batch.cancel()

    async def close(self) -> None:
        """Wait for what runs, and free all models."""
        self.refuse()
        for one in self:
            if one.loading:
                await asyncio.wait([one.loading])
            await self._close(one)


async def _ended(batch: ModelBatch) -> None:
    batch.close()
    await batch.ended()


def served_models(names: Sequence[str]) -> list[ServedModel]:
    """The artifacts to serve, this machine's default where none is named; raises InputError.

    Each is an artifact's folder or the name of a published student, or NAME=FOLDER.
    """
    found = [_served(*_split(name)) for name in names] or [_served("", artifact_folder())]
    taken: set[str] = set()
    for one in found:
        if one.name in taken:
            raise InputError(f"two models of the name {one.name}; expected: NAME=FOLDER for one of them")
        taken.add(one.name)
    return found


def _split(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if equals and _NAME.fullmatch(name):
        return name, named_artifact(Path(folder))
    return "", named_artifact(Path(text))


def _served(name: str, folder: Path) -> ServedModel:
    manifest = read_manifest(folder)
    return ServedModel(
        name=name or _name_of(folder),
        folder=folder,
        manifest=manifest,
        bytes=manifest.bytes + ESTIMATED_SLOTS_BYTES,
        calibrated=bool(read_calibrations(folder, manifest.name)),
    )


def _name_of(folder: Path) -> str:
    """A published student's name, else the folder's, in characters that need no quoting."""
    folder = folder.resolve()
    known = folder.parent if (folder.parent / STUDENT_FILE).is_file() else folder
    return re.sub(r"[^A-Za-z0-9._-]+", "-", known.name).strip("-.")[:64] or "model"


def _machine_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def resident_bytes() -> int:
    """Memory that this process has now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
