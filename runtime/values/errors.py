"""The errors that users see, in one tree. The model's mistakes are never here: they are `Outcome.status`.

EdgethoughtError
├── InputError        the user's input was wrong: what was given, what is allowed   (exit status 2)
│   └── MissingExtra  a package is not installed: the command that installs it      (exit status 2)
└── WorkFailed        the work itself failed                                        (exit status 1)
    └── GateRefused   an artifact did not pass the parity gate                      (exit status 1)
"""

# The exit status of a command that Ctrl-C stopped, as shells have it.
INTERRUPTED = 130


class EdgethoughtError(Exception):
    """Anything this project raises on purpose; its text is one line that a user can act on."""

    exit_status = 1


class InputError(EdgethoughtError):
    """The user's input was wrong. Say what was given and what is allowed."""

    exit_status = 2


class MissingExtra(InputError):
    """A package that this call needs is not installed. Say which command installs it."""


class WorkFailed(EdgethoughtError):
    """The input was fine, the work failed."""


class GateRefused(WorkFailed):
    """The parity gate found that an artifact does not answer as its checkpoint does."""
