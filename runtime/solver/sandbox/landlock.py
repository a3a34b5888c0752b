"""Landlock through ctypes: from here on this process opens no file and no TCP connection.

Follows linux/landlock.h; the ruleset names every right that the running kernel knows and grants none of them.
"""

import ctypes
import sys

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION_FLAG = 1
_SET_NO_NEW_PRIVILEGES = 38
# Rights on files by the kernel's ABI version: 13 at first, then refer, truncate and device ioctl.
_FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


def restrict_files_and_network() -> bool:
    """Give up files and TCP for good; True only if a file that could be opened before is refused now."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    if version < 1:
        return False
    ruleset = _Ruleset(
        _FILE_RIGHTS[min(version, 5)],
        _BIND_AND_CONNECT if version >= 4 else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    handle = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if handle < 0 or libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return libc.syscall(_RESTRICT_SELF, handle, ctypes.c_uint32(0)) == 0 and _files_are_refused()


def _files_are_refused() -> bool:
    try:
        with open(sys.executable, "rb"):  # noqa: PTH123 - the worker needs no pathlib
            return False
    except PermissionError:
        return True
