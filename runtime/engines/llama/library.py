"""llama.cpp's library, loaded in this one place, once it is known that its code can run on this processor."""

from runtime.engines.llama.amx import without_amx
from runtime.engines.llama.build import REBUILD, check_installed_build
from runtime.values.errors import InputError, MissingExtra

_uses = check_installed_build()
try:
    from llama_cpp import llama_cpp as library
except ImportError as error:
    raise MissingExtra("GGUF needs llama-cpp-python: pip install 'edgethought[gguf]'") from error
except (OSError, RuntimeError) as error:
    raise InputError(
        f"llama-cpp-python is installed, but its library does not load ({error}); expected: {REBUILD}"
    ) from error

# Whether weights may be laid out for this processor's instructions, which makes them quick.
EXTRA_LAYOUTS = "amx_int8" not in _uses or without_amx(library._lib)

__all__ = ["EXTRA_LAYOUTS", "library"]
