"""One set of weights for both engines: an ONNX artifact's weights file, laid out anew from the blocks of a GGUF.

No number changes. Q4_0 and IQ4_NL keep 32 weights in a half-precision scale and sixteen bytes, the first sixteen
weights in the low halves of the bytes; onnxruntime wants neighbours in one byte, and the scales apart. `weights.json`
says what lies where, so a device with the GGUF makes the file at its first load, without a package to read either.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from runtime.values.environment import home_folder, packaged_folder
from runtime.values.errors import InputError
from runtime.values.files import whole_file, write_json
from runtime.values.manifest import AS_EXPORTED, MANIFEST_FILE, Manifest, file_sha256

PLAN_FILE, WEIGHTS_FILE = "weights.json", "model.onnx.data"
# Where the GGUF is looked for: in the artifact's own folder, then in its neighbour.
GGUF_PLACES = ("model.gguf", "../gguf-q4_0/model.gguf")
# Where in `EDGETHOUGHT_HOME` the copies of packaged artifacts are, each by so much of its weights' hash.
COPIES, HASH_DIGITS = "packaged", 16
# Processors read whole lines of this many bytes.
ALIGNMENT = 64
_SCALE_BYTES = 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one GGUF tensor: where they begin in the file, how many, bytes in each.

    `heads` is how many heads' rows are put from pairs back to halves, 0 where none are.
    """

    offset: int
    count: int
    bytes: int
    heads: int = 0


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor of the weights file: its rows in the GGUF, how they are laid out, and a block's bytes in the GGUF."""

    name: str
    layout: str
    block: int
    rows: tuple[Rows, ...]

    @property
    def size(self) -> int:
        """Bytes in the weights file."""
        blocks = sum(rows.count * rows.bytes for rows in self.rows) // self.block
        codes = self.block - _SCALE_BYTES
        return (
            blocks
            * {"scales": _SCALE_BYTES, "nibbles": codes, "bytes": codes, "plain": self.block}[self.layout]
        )


@dataclass(frozen=True, slots=True)
class WeightsPlan:
    """The content of `weights.json`: the hash of the GGUF, and the tensors in the order of the weights file."""

    gguf_sha256: str
    tensors: tuple[StoredTensor, ...]

    def offsets(self) -> list[int]:
        """Where each tensor begins in the weights file."""
        padded = [tensor.size + -tensor.size % ALIGNMENT for tensor in self.tensors]
        return [0, *accumulate(padded)][:-1]

    def save(self, folder: Path) -> None:
        """Write `weights.json` into an artifact's folder."""
        write_json(folder / PLAN_FILE, asdict(self))


def read_plan(folder: Path) -> WeightsPlan:
    """Read an artifact's `weights.json`; raises InputError when it is damaged."""
    file = folder / PLAN_FILE
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        tensors = [
            StoredTensor(**{**tensor, "rows": tuple(Rows(**rows) for rows in tensor["rows"])})
            for tensor in row["tensors"]
        ]
        return WeightsPlan(str(row["gguf_sha256"]), tuple(tensors))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}: {error}); expected: {AS_EXPORTED}"
        ) from error


def write_weights(plan: WeightsPlan, gguf: Path, out: Path) -> None:
    """Write the weights file `out` from a GGUF that has the plan's hash."""
    import numpy as np

    stored = np.memmap(gguf, np.uint8, "r")
    with out.open("wb") as file:
        for tensor in plan.tensors:
            file.write(_laid_out(stored, tensor).tobytes())
            file.write(bytes(-tensor.size % ALIGNMENT))


def _laid_out(stored: Any, tensor: StoredTensor) -> Any:
    import numpy as np

    blocks = np.concatenate([_read_rows(stored, rows) for rows in tensor.rows]).reshape(-1, tensor.block)
    return LAYOUTS[tensor.layout](blocks)


def _read_rows(stored: Any, rows: Rows) -> Any:
    """Rows as bytes (count, bytes), a Llama's queries and keys in transformers' order."""
    found = stored[rows.offset : rows.offset + rows.count * rows.bytes].reshape(rows.count, rows.bytes)
    if not rows.heads:
        return found
    half = rows.count // rows.heads // 2
    return found.reshape(rows.heads, half, 2, rows.bytes).swapaxes(1, 2).reshape(rows.count, rows.bytes)


def _scales(blocks: Any) -> Any:
    return blocks[:, :_SCALE_BYTES]


def _nibbles(blocks: Any) -> Any:
    """Weights 0 to 15 in the low halves and 16 to 31 in the high ones, to neighbours in one byte."""
    import numpy as np

    halves = blocks[:, _SCALE_BYTES:]
    codes = np.concatenate([halves & 15, halves >> 4], axis=1)
    return codes[:, 0::2] | (codes[:, 1::2] << 4)


def _bytes(blocks: Any) -> Any:
    """Signed bytes to bytes around 128."""
    return blocks[:, _SCALE_BYTES:] ^ 128


# (blocks, bytes of a block) to what is written.
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "scales": _scales,
    "nibbles": _nibbles,
    "bytes": _bytes,
    "plain": lambda blocks: blocks,
}


def complete_weights(folder: Path, manifest: Manifest) -> Path:
    """Make an artifact's weights file from the GGUF beside it, where it came without one; where it is whole then.

    That is `folder` itself. What lies in the package stays as it was installed: its copy is in `EDGETHOUGHT_HOME`. Raises
    InputError when the GGUF is not there, is another one, or does not give the file that the manifest names.
    """
    if (folder / WEIGHTS_FILE).is_file() or not (folder / PLAN_FILE).is_file():
        return folder
    sha256 = manifest.files.get(WEIGHTS_FILE, "")
    copy = home_folder() / COPIES / sha256[:HASH_DIGITS] / folder.name
    packaged = folder.is_relative_to(packaged_folder())
    if packaged and (copy / WEIGHTS_FILE).is_file():
        return copy
    plan, gguf = read_plan(folder), _find_gguf(folder)
    if file_sha256(gguf) != plan.gguf_sha256:
        raise InputError(
            f"{gguf} is not the GGUF that {folder} is of; expected: sha256 {plan.gguf_sha256[:12]}…"
        )
    place = copy if packaged else folder
    try:
        if packaged:
            shutil.copytree(folder, copy, dirs_exist_ok=True)
        with whole_file(place / WEIGHTS_FILE) as partial:
            write_weights(plan, gguf, partial)
            if file_sha256(partial) != sha256:
                raise InputError(
                    f"{gguf} does not give the {WEIGHTS_FILE} that {folder / MANIFEST_FILE} names; expected: "
                    f"{AS_EXPORTED}"
                )
    except OSError as error:
        raise InputError(
            f"{place / WEIGHTS_FILE} cannot be written ({error.strerror}); expected: a folder to write to"
            + (", such as another EDGETHOUGHT_HOME" if packaged else "")
        ) from error
    return place


def _find_gguf(folder: Path) -> Path:
    places = [folder / place for place in GGUF_PLACES]
    for place in places:
        if place.is_file():
            return place
    raise InputError(
        f"{folder} has no {WEIGHTS_FILE}; expected: it, or the GGUF to make it from, at {places[0]}"
    )
