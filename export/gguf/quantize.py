"""A GGUF of exact weights to a quantised one, by llama.cpp's own quantiser, and what each tensor really became."""

import ctypes
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.gguf.reader import read_gguf
from runtime.values.errors import WorkFailed

# llama.h's `llama_ftype`
FILE_TYPES = {
    "f16": 1,
    "q4_0": 2,
    "q4_1": 3,
    "q8_0": 7,
    "q5_0": 8,
    "q4_k_m": 15,
    "q5_k_m": 17,
    "q6_k": 18,
    "iq4_nl": 25,
    "bf16": 32,
}
# Where rounding can be weighed by what a column is multiplied with: llama.cpp rounds q8_0 without.
WEIGHED = ("q4_0", "q4_1", "q5_0", "iq4_nl", "q4_k_m", "q5_k_m", "q6_k")

# `ggml_type` of the embedding, which is the head too, where llama.cpp's own choice (q8_0) is slow: it has no kernel for
# several rows of it at once on x86. Measured with q4_0: 14 MB less, 12 % quicker alone, 20 % at eight streams, for 0.02
# nats a token.
HEAD_TYPES = {"q4_0": 20}  # iq4_nl

# Blocks of K-quants are 256 weights of one row, and llama.cpp takes another type where rows are no multiple of that.
K_BLOCK = 256
FALLBACKS = {"Q5_0": "Q4_K", "Q5_1": "Q5_K", "Q8_0": "Q6_K"}


def quantize_gguf(
    source: Path, out: Path, quantization: str, importance: Mapping[str, Any] | None = None
) -> None:
    """Quantise a GGUF, its rounding weighed by `importance` (see `importance_matrix`); raises WorkFailed when refused."""
    from runtime.engines.llama.complaints import complaint, silence_log
    from runtime.engines.llama.library import library

    silence_log()
    parameters = library.llama_model_quantize_default_params()
    parameters.ftype = FILE_TYPES[quantization]
    if quantization in HEAD_TYPES:
        parameters.token_embedding_type = parameters.output_tensor_type = HEAD_TYPES[quantization]
        # With an importance matrix llama.cpp would make some tensors q4_1, which no fast kernel reads.
        parameters.pure = True
    weights = _native(importance) if importance and quantization in WEIGHED else None
    if weights is not None:
        parameters.imatrix = weights
    code = library.llama_model_quantize(str(source).encode(), str(out).encode(), parameters)
    if code != 0:
        raise WorkFailed(
            f"llama.cpp could not quantise {source.name} to {quantization} (code {code}){complaint()}"
        )


def _native(importance: Mapping[str, Any]) -> Any:
    """llama.cpp's array of named float arrays, which ends with an entry without a name."""
    import numpy as np

    from runtime.engines.llama.library import library

    entries = (library.llama_model_imatrix_data * (len(importance) + 1))()
    pointer = ctypes.POINTER(ctypes.c_float)
    for entry, (name, values) in zip(entries, importance.items(), strict=False):
        # The pointer keeps the values alive, the entry keeps the pointer.
        values = np.ascontiguousarray(values, dtype=np.float32)
        entry.name, entry.data, entry.size = name.encode(), values.ctypes.data_as(pointer), values.size
    return entries


@dataclass(frozen=True, slots=True)
class Fallback:
    """Tensors of one kind that are not of the type that a quantisation asks for, because their rows do not fit it."""

    tensors: tuple[str, ...]
    columns: int
    wanted: str
    found: str

    @property
    def change(self) -> str:
        """`Q4_K to Q5_0`."""
        return f"{self.wanted} to {self.found}"

    def __str__(self) -> str:
        names = ", ".join(self.tensors)
        return f"{self.change}, rows of {self.columns} being no multiple of {K_BLOCK}: {names}"


def fallbacks(path: Path, quantization: str) -> tuple[Fallback, ...]:
    """Which tensors of a K-quantised file had to take another type, by kind; none in files of other quantisations.

    The types are what the file has; what was wanted follows from llama.cpp's table of substitutes.
    """
    if "_k" not in quantization:
        return ()
    kinds: dict[tuple[str, str, int], list[str]] = {}
    for wanted, found, columns, name in _replaced(path):
        kinds.setdefault((wanted, found, columns), []).append(name)
    return tuple(
        Fallback(tuple(names), columns, wanted, found) for (wanted, found, columns), names in kinds.items()
    )


def _replaced(path: Path) -> Iterator[tuple[str, str, int, str]]:
    """Of each replaced tensor: the type that was wanted, the one it has, its columns, its name."""
    for tensor in read_gguf(path).tensors:
        columns, found = int(tensor.shape[0]), tensor.tensor_type.name
        if columns % K_BLOCK and found in FALLBACKS:
            yield FALLBACKS[found], found, columns, tensor.name


def gguf_tensor_types(path: Path) -> dict[str, int]:
    """How many tensors of a GGUF file have each type: what the file really is, whatever its name says."""
    counts = Counter(tensor.tensor_type.name for tensor in read_gguf(path).tensors)
    return dict(sorted(counts.items()))
