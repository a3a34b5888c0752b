"""What a matrix becomes in one of GGUF's types: llama.cpp's own quantiser on that matrix alone, read back."""

import ctypes
from typing import Any

from export.checkpoint import require_build
from runtime.values.errors import InputError


def as_stored(matrix: Any, kind: int) -> Any:
    """A matrix (row, column; numpy, float32) as a GGUF file holds it in the type `kind`, a `ggml_type`; in float32.

    Rounded without an importance matrix. Raises InputError for rows that the type's blocks do not fit.
    """
    require_build()
    import gguf
    import numpy as np

    from runtime.engines.llama.library import library

    found = gguf.GGMLQuantizationType(kind)
    block, size = gguf.GGML_QUANT_SIZES[found]
    rows, columns = matrix.shape
    if columns % block:
        raise InputError(f"rows of {columns} as {found.name.lower()}; expected: a multiple of {block}")
    exact = np.ascontiguousarray(matrix, dtype=np.float32)
    stored = np.empty((rows, columns // block * size), dtype=np.uint8)
    quantize = library._lib.ggml_quantize_chunk
    quantize.restype = ctypes.c_size_t
    quantize.argtypes = (
        ctypes.c_int,
        ctypes.POINTER(ctypes.c_float),
        ctypes.c_void_p,
        *(ctypes.c_int64,) * 3,
        ctypes.POINTER(ctypes.c_float),
    )
    source = exact.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    quantize(kind, source, stored.ctypes.data_as(ctypes.c_void_p), 0, rows, columns, None)
    return gguf.dequantize(stored, found)
