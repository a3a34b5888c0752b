"""Running the command line: errors are told here, once, in one line, each with its exit status."""

import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

from runtime.values.errors import INTERRUPTED, EdgethoughtError
from runtime.values.files import DISK_FULL

# What the system says of a path that the user could have given otherwise; a full disk is none of these.
WRONG_PLACE = (
    errno.ENOENT,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
)
# Options that once had another name; who gives an old one is told the new.
RENAMED_OPTIONS = {
    "--ask": "--prompt-mode",
    "--without-siblings": "--exclude-near-duplicates",
    "--licence": "--license",
}


def main() -> NoReturn:
    """Run the command line; every error that is ours becomes one line and its exit status."""
    for name, way in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # A stream that whoever started us has closed.
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(way, encoding="utf-8"))  # noqa: SIM115
    try:
        status = _run()
    except EdgethoughtError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        # Before or after a command; inside one, Typer makes this status of it.
        status = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno in DISK_FULL:
            where = f"{error.filename}: " if error.filename else ""
            told = f"{where}{error.strerror}; expected: room on the disk, then the same command goes on"
            print(f"error: {told}", file=sys.stderr)
            sys.exit(1)
        if error.filename is None:
            raise
        # A folder that cannot be made, a file that cannot be written: the path says what is wrong.
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2 if error.errno in WRONG_PLACE else 1)
    if status == INTERRUPTED:
        print("stopped", file=sys.stderr)
    sys.exit(status)


def _run() -> int | None:
    """Run the command that was given; its exit status. The commands are imported here, where Ctrl-C ends in one line."""
    from typer.exceptions import TyperException

    from edgethought.cli.app import app

    try:
        status: int | None = app(standalone_mode=False)
    except TyperException as error:
        # Without a message it is the help that was printed.
        if line := _usage_line(error.format_message()):
            print(f"error: {line}", file=sys.stderr)
        return error.exit_code
    return status


def _usage_line(message: str) -> str:
    """Typer's complaint in one line, in our words where it lists what is allowed."""
    line = " ".join(message.split()).replace("Value error, ", "")
    for old, new in RENAMED_OPTIONS.items():
        if f"No such option: {old}" in line:
            return f"{old} is now {new}"
    return line.replace(" is not one of ", "; expected: ")


if __name__ == "__main__":
    main()
