"""llama.cpp without Intel's AMX, which ends the process where some compilers built it.

GCC 12.2 takes `ldtilecfg` to read 8 of its 64 bytes and drops the stores of the others: the first pass over a prompt dies
of a signal where there is AMX (others' in llama.cpp issue 20824), and a built library does not tell. llama.cpp asks the
kernel for the tiles once, when it first lists where weights may lie. It is made to do so here, in a thread that the
kernel refuses them: weights then lie as for AVX512, and torch's own AMX stays as it is.
"""

import ctypes
import os
import sys
from threading import Thread
from typing import Any

from runtime.solver.sandbox.seccomp import install_filter, refused_request

# arch_prctl(ARCH_REQ_XCOMP_PERM, …) of x86-64, arch/x86/include/uapi/asm/prctl.h.
_ARCH_PRCTL, _REQUEST = 158, 0x1023
_STDERR = 2


def without_amx(library: Any) -> bool:
    """Have a loaded `libllama` do without AMX; False where its weights could still be laid out for it."""
    found: list[str] = []

    def ask() -> None:
        if install_filter(refused_request(_ARCH_PRCTL, _REQUEST)):
            found.extend(_layouts(library))

    thread = Thread(target=_quietly, args=(ask,))
    thread.start()
    thread.join()
    return bool(found) and "AMX" not in found


def _layouts(library: Any) -> list[str]:
    """The names of llama.cpp's own weight layouts on this processor, which it lists once a process."""
    pointer = ctypes.c_void_p
    library.ggml_backend_cpu_reg.restype = pointer
    device_of, address_of, name_of = (
        library.ggml_backend_reg_dev_get,
        library.ggml_backend_reg_get_proc_address,
        library.ggml_backend_buft_name,
    )
    device_of.argtypes, device_of.restype = (pointer, ctypes.c_size_t), pointer
    address_of.argtypes, address_of.restype = (pointer, ctypes.c_char_p), pointer
    name_of.argtypes, name_of.restype = (pointer,), ctypes.c_char_p
    registry = library.ggml_backend_cpu_reg()
    address = address_of(registry, b"ggml_backend_dev_get_extra_bufts")
    if not address:
        return []
    layouts = ctypes.CFUNCTYPE(ctypes.POINTER(pointer), pointer)(address)(device_of(registry, 0))
    names: list[str] = []
    while layouts[len(names)]:
        names.append(name_of(layouts[len(names)]).decode())
    return names


def _quietly(ask: Any) -> None:
    """Do it with the process's standard error shut: llama.cpp complains there that it got no tiles."""
    sys.stderr.flush()
    kept, nowhere = os.dup(_STDERR), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        ask()
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)
