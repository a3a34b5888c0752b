"""Runs of onnxruntime that can be stopped from any thread, inside a pass if need be."""

from typing import Any

import onnxruntime as library


class Interrupted(Exception):
    """A run was stopped before its end; the session is fit for the next."""


class Runs:
    """Starts runs; `stop` ends the one that is under way, and every later one until `resume`."""

    def __init__(self) -> None:
        self._options: Any = library.RunOptions()

    def run(self, session: Any, binding: Any, *, whole: bool = False) -> None:
        """Run a session over what is bound; raises Interrupted when it was stopped.

        A run that is short goes through as a `whole`: one that can be stopped looks at its flag before every operation,
        2 to 3 % of a step's time.
        """
        if whole and self._options.terminate:
            raise Interrupted
        try:
            session.run_with_iobinding(binding, None if whole else self._options)
        except RuntimeError as error:
            if self._options.terminate:
                raise Interrupted from error
            raise

    def stop(self) -> None:
        """End what runs now."""
        self._options.terminate = True

    def resume(self) -> None:
        """Let runs go on."""
        self._options.terminate = False
