"""A full disk and a full memory, told in one line each: what happened, what is kept, what helps."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distill.settings import TrainSettings
from distill.training_state import STATE_FILE
from runtime.errors import WorkFailed

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
# What torch and safetensors say, in place of an OSError, when a write failed.
DISK_WORDS = ("PytorchStreamWriter", "inline_container", "unexpected pos", "os error", "I/O error")
MEMORY_WORDS = (
    "can't allocate memory",
    "Cannot allocate memory",
    "out of memory",
    "bad_alloc",
    "bad allocation",
    "could not create a memory",
    "not enough memory",
    "Unable to mmap",
    "unable to mmap",
)


@contextmanager
def failures_told(out: Path, settings: TrainSettings) -> Iterator[None]:
    """Raise WorkFailed in place of what a full disk or memory makes of itself; everything else passes."""
    from safetensors import SafetensorError

    try:
        yield
    except MemoryError as error:
        raise _no_memory(error, out, settings) from error
    except (OSError, RuntimeError, SafetensorError) as error:
        code = getattr(error, "errno", None)
        if code == errno.ENOMEM or _says(error, MEMORY_WORDS):
            raise _no_memory(error, out, settings) from error
        if code in DISK or _says(error, DISK_WORDS):
            raise WorkFailed(
                f"could not write in {out} ({_first_line(error)}); {_kept(out)}: make room and "
                "give the same command again"
            ) from error
        raise


def _no_memory(error: BaseException, out: Path, settings: TrainSettings) -> WorkFailed:
    return WorkFailed(
        f"out of memory ({_first_line(error)}); {_kept(out)}; what takes less: micro_tokens below "
        f"{settings.micro_tokens}{'' if settings.method == 'lora' else ', method lora'}, in another folder"
    )


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    return any(word in str(error) for word in words)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _kept(out: Path) -> str:
    state = out / STATE_FILE
    return f"the last good state is in {state}" if state.is_file() else "no state was saved yet"
