"""Small safetensors files read with numpy alone: a device has no torch, and needs no library for this."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.values.errors import InputError

_TYPES = {"F32": "<f4", "F16": "<f2"}
# A file of more is no scorer, and no reason to fill a device's memory.
MAX_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Tensors:
    """Named arrays, float32, and what the file says of itself."""

    arrays: dict[str, Any]
    metadata: dict[str, str]


def read_tensors(file: Path) -> Tensors:
    """Read a safetensors file of 32 or 16 bit floats; raises InputError when it is none."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError(f"{file.stat().st_size:,} bytes")
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"no file {file}; expected: a .safetensors file") from error
    except IsADirectoryError as error:
        raise InputError(f"{file} is a folder; expected: a .safetensors file") from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} cannot be read ({error}); expected: a .safetensors file of at most {MAX_BYTES // 10**6} MB"
        ) from error
    try:
        return _parsed(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is no safetensors file of 32 or 16 bit floats ({type(error).__name__}: {error}); expected: a "
            "scorer that `edgethought distill scorer` wrote"
        ) from error


def _parsed(data: bytes) -> Tensors:
    import numpy as np

    start = 8 + int.from_bytes(data[:8], "little")
    if not 8 < start <= len(data):
        raise ValueError("its header is cut off")
    header: dict[str, Any] = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, row in header.items():
        first, last = row["data_offsets"]
        if not 0 <= first <= last <= len(data) - start:
            raise ValueError(f"{name} is cut off")
        values = np.frombuffer(data[start + first : start + last], _TYPES[row["dtype"]])
        arrays[name] = values.reshape(row["shape"]).astype(np.float32)
    return Tensors(arrays, {str(key): str(value) for key, value in metadata.items()})
