"""seccomp through ctypes: from here on the kernel kills this process at any system call off a short list.

A classic BPF program (linux/seccomp.h, linux/filter.h): architecture first, then the call's number. Memory
may be mapped but never made executable; calls that only look at files fail with EACCES, so that a late import
is an error and not a death.
"""

import ctypes
import errno
import platform
import sys
from collections.abc import Sequence

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_EXECUTABLE = 4
_X32_BIT = 0x40000000

# Numbers by machine: (x86-64, aarch64). None: the call does not exist there.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "setitimer": (38, 103),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "sigaltstack": (131, 132),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
}
_ALLOWED_UNLESS_EXECUTABLE: dict[str, tuple[int | None, int | None]] = {
    "mmap": (9, 222),
    "mprotect": (10, 226),
}
_REFUSED_POLITELY: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "lseek": (8, 62),
    "ioctl": (16, 29),
    "access": (21, None),
    "getcwd": (79, 17),
    "readlink": (89, None),
    "openat": (257, 56),
    "newfstatat": (262, 79),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "statx": (332, 291),
    "faccessat2": (439, 439),
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


Instruction = tuple[int, int, int, int]


def filter_program(machine: str) -> list[Instruction] | None:
    """The filter for one machine (code, jumps if true, if false, operand); None if unknown."""
    if machine not in _MACHINES:
        return None
    column, architecture = _MACHINES[machine]
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        program += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    for calls, verdict in ((_ALLOWED, _ALLOW), (_REFUSED_POLITELY, _ERRNO | errno.EACCES)):
        for numbers in calls.values():
            if (number := numbers[column]) is not None:
                program += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, verdict)]
    for numbers in _ALLOWED_UNLESS_EXECUTABLE.values():
        program += [
            (_JUMP_EQUAL, 0, 4, numbers[column] or 0),
            (_LOAD, 0, 0, _THIRD_ARGUMENT),
            (_JUMP_ANY_BIT, 0, 1, _EXECUTABLE),
            (_RETURN, 0, 0, _KILL),
            (_RETURN, 0, 0, _ALLOW),
        ]
    return [*program, (_RETURN, 0, 0, _KILL)]


def refused_request(number: int, argument: int) -> list[Instruction]:
    """A filter that refuses one system call of x86-64 where it has this first argument, and allows all else."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 0, 5, _MACHINES["x86_64"][1]),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, argument),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def filter_system_calls() -> bool:
    """Install the filter for good; False where the kernel or the machine has none for us."""
    program = filter_program(platform.machine()) if sys.platform.startswith("linux") else None
    return program is not None and install_filter(program)


def install_filter(program: Sequence[Instruction]) -> bool:
    """Have the kernel judge every later system call of this thread, and of those it starts; False where it does not."""
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    instructions = (_Instruction * len(program))(*(_Instruction(*line) for line in program))
    whole = _Program(len(program), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(whole), 0, 0) == 0)
