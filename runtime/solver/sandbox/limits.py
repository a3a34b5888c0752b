"""Resource limits: what the kernel refuses a worker whatever its code does."""

import resource
import sys

MEGABYTE = 1 << 20
# Address space, not resident memory: the interpreter's own maps count.
PLAIN_MEMORY = 320 * MEGABYTE
SYMPY_MEMORY = 1024 * MEGABYTE


def set_limits(memory: int) -> bool:
    """Set this process's rlimits (`memory`: bytes of address space); False when one of them did not hold.

    No core file, no file growth, no new descriptor, no new process. macOS takes RLIMIT_AS and ignores it, so
    there memory is bounded by the language tier alone.
    """
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    if sys.platform != "darwin":
        wanted[resource.RLIMIT_AS] = memory
    held = [_lower(limit, value) for limit, value in wanted.items()]
    return all(held)


def _lower(limit: int, value: int) -> bool:
    hard = resource.getrlimit(limit)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (bound, bound))
    return resource.getrlimit(limit) == (bound, bound)
