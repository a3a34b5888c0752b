"""A full disk and a full memory, told in one line each: what happened, what is kept, what helps."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distill.training.checkpoints.snapshots import STATE_FILE
from distill.training.settings import TrainSettings
from runtime.values.errors import WorkFailed

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
# What safetensors says in place of an OSError, and torch's writer, which does not say why it stopped short.
DISK_WORDS = tuple(f"(os error {code})" for code in DISK)
CUT_SHORT = ("PytorchStreamWriter", "inline_container", "unexpected pos")
MEMORY_WORDS = (
    "can't allocate memory",
    "Cannot allocate memory",
    "(os error 12)",
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
        if code in DISK or _says(error, DISK_WORDS + CUT_SHORT):
            reason = "a file was cut short" if _says(error, CUT_SHORT) else _first_line(error)
            raise WorkFailed(
                f"could not write in {out} ({reason}); {_kept(out)}: make room and give the same command again"
            ) from error
        raise


def _no_memory(error: BaseException, out: Path, settings: TrainSettings) -> WorkFailed:
    return WorkFailed(
        f"out of memory ({_first_line(error)}); {_kept(out)}; what takes less: max_tokens_per_batch below "
        f"{settings.max_tokens_per_batch}{'' if settings.method == 'lora' else ', method lora'}, in another folder"
    )


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    return any(word in str(error) for word in words)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _kept(out: Path) -> str:
    state = out / STATE_FILE
    return f"the last good state is in {state}" if state.is_file() else "no state was saved yet"
