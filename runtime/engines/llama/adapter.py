"""A LoRA adapter beside a loaded model: its products are added as llama.cpp computes, the model's file stays as it is."""

import ctypes
from pathlib import Path
from typing import Any

from runtime.engines.llama.library import library
from runtime.values.errors import InputError, WorkFailed
from runtime.values.manifest import file_sha256

_WHOLE = 1.0


class LlamaAdapter:
    """An adapter's GGUF file, loaded for one model, which frees it; `key` is its sha256."""

    def __init__(self, model: Any, file: Path) -> None:
        if not file.is_file():
            raise InputError(
                f"no file {file}; expected: an adapter that `edgethought export --to gguf:adapter` wrote"
            )
        self.key = file_sha256(file)
        self._native = library.llama_adapter_lora_init(model, str(file).encode())
        if not self._native:
            raise InputError(
                f"{file} could not be loaded as an adapter of this model; expected: one of its base"
            )

    def attach(self, context: Any) -> None:
        """Have a context compute with the adapter; raises WorkFailed when llama.cpp refuses."""
        if hasattr(library, "llama_set_adapters_lora"):
            adapters = (library.llama_adapter_lora_p_ctypes * 1)(self._native)
            status = library.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(_WHOLE))
        else:
            # Releases up to 0.3.16.
            status = library.llama_set_adapter_lora(context, self._native, _WHOLE)
        if status != 0:
            raise WorkFailed(f"llama.cpp did not take the adapter (status {status})")
