"""llama.cpp's library, loaded in this one place, once it is known that its code can run on this processor."""

from runtime.engines.llama.build import REBUILD, check_installed_build
from runtime.values.errors import InputError, MissingExtra

check_installed_build()
try:
    from llama_cpp import llama_cpp as library
except ImportError as error:
    raise MissingExtra("GGUF needs llama-cpp-python: pip install 'edgethought[gguf]'") from error
except (OSError, RuntimeError) as error:
    raise InputError(
        f"llama-cpp-python is installed, but its library does not load ({error}); expected: {REBUILD}"
    ) from error

__all__ = ["library"]
