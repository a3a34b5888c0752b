"""AMX is left out of llama.cpp and of nothing else: a library that lists its layouts as llama.cpp does."""

import ctypes
import errno
import platform
import sys
from pathlib import Path

import pytest

from runtime.engines.llama.amx import without_amx
from tests.runtime.engines.llama.test_build import compiled

# Layouts are listed once; tiles are asked for as llama.cpp does, with its complaint.
SOURCE = """
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static const char *layouts[3];
static int refused(void) {
    int no = syscall(SYS_arch_prctl, 0x1023, 18) && errno == EPERM;
    if (no) fprintf(stderr, "AMX is not ready to be used!\\n");
    return no && !ALWAYS;
}
static const char **extra(void *device) {
    if (!layouts[0]) { layouts[0] = "CPU_REPACK"; if (!refused()) layouts[1] = "AMX"; }
    return layouts;
}
void *ggml_backend_cpu_reg(void) { return layouts; }
void *ggml_backend_reg_dev_get(void *registry, size_t number) { return layouts; }
void *ggml_backend_reg_get_proc_address(void *registry, const char *name) {
    return strcmp(name, "ggml_backend_dev_get_extra_bufts") ? NULL : (void *)extra;
}
const char *ggml_backend_buft_name(const char *layout) { return layout; }
"""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() != "x86_64", reason="AMX is of x86-64"
)


def listed(folder: Path, *, always: int) -> ctypes.CDLL:
    return ctypes.CDLL(str(compiled(folder, SOURCE.replace("ALWAYS", str(always)))))


def test_tiles_are_refused_to_llama_cpp_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    library = listed(tmp_path, always=0)
    assert without_amx(library) and without_amx(library)
    assert not capfd.readouterr().err
    # This thread may still ask for them: it gets them, or is told that the processor has none.
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(158, 0x1023, 18) == 0 or ctypes.get_errno() != errno.EPERM


def test_a_library_that_lays_weights_out_for_tiles_all_the_same_is_told(tmp_path: Path) -> None:
    assert not without_amx(listed(tmp_path, always=1))


def test_where_the_kernel_filters_nothing_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.engines.llama.amx.install_filter", lambda program: False)
    assert not without_amx(listed(tmp_path, always=0))


def test_a_library_that_lists_no_layouts_is_told(tmp_path: Path) -> None:
    other = SOURCE.replace("ALWAYS", "0").replace('"ggml_backend_dev_get_extra_bufts"', '"something_else"')
    assert not without_amx(ctypes.CDLL(str(compiled(tmp_path, other))))
