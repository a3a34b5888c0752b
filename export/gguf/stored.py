"""What a matrix becomes in one of GGUF's types: llama.cpp's own quantiser on that matrix alone, read back."""

import ctypes
from typing import Any

from export.checkpoint import require_build
from runtime.values.errors import InputError


def as_stored(matrix: Any, kind: int, out: Any = None) -> Any:
    """A matrix (row, column; numpy, float32) as a GGUF file holds it in the type `kind`, a `ggml_type`; in float32.

    Rounded without an importance matrix, into `out` where given, which may be the matrix itself. Raises InputError for
    rows that the type's blocks do not fit.
    """
    require_build()
    import gguf
    import numpy as np

    found = gguf.GGMLQuantizationType(kind)
    block, size = gguf.GGML_QUANT_SIZES[found]
    rows, columns = matrix.shape
    if columns % block:
        raise InputError(f"rows of {columns} as {found.name.lower()}; expected: a multiple of {block}")
    exact = np.ascontiguousarray(matrix, dtype=np.float32)
    stored = np.empty(exact.size // block * size, dtype=np.uint8)
    out = np.empty_like(exact) if out is None else out
    quantize, dequantize = _functions(found.name.lower())
    quantize(kind, exact.ctypes.data, stored.ctypes.data, 0, rows, columns, None)
    dequantize(stored.ctypes.data, out.ctypes.data, exact.size)
    return out


def _functions(name: str) -> tuple[Any, Any]:
    """ggml's functions that write a type and read it."""
    from runtime.engines.llama.library import library

    ggml = library._lib
    quantize, dequantize = ggml.ggml_quantize_chunk, getattr(ggml, f"dequantize_row_{name}")
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    quantize.restype, quantize.argtypes = (
        ctypes.c_size_t,
        (ctypes.c_int, pointer, pointer, *[count] * 3, pointer),
    )
    dequantize.restype, dequantize.argtypes = None, (pointer, pointer, count)
    return quantize, dequantize
