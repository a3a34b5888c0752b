"""What `edgethought lm-eval` does: lm-evaluation-harness's command line, with what is ours known to it.

lm-eval 0.4.13 loads no entry points of other packages: a model must be in its registry, and tasks in a folder, before
its command line runs.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from runtime.values.errors import MissingExtra

MODEL = "edgethought"
TARGET = "benchmarks.interop.harness.model:EdgethoughtLM"
INCLUDE = "--include_path"


def lm_eval_command(arguments: Sequence[str]) -> None:
    """Run lm-eval; raises MissingExtra without it. Tasks of your own `--include_path` stand in place of ours."""
    try:
        from lm_eval.__main__ import cli_evaluate
        from lm_eval.api.registry import model_registry
    except ImportError as error:
        raise MissingExtra(f"this needs lm-evaluation-harness ({error}): pip install lm-eval") from error
    if MODEL not in model_registry:
        model_registry.register(MODEL, target=TARGET)
    with TemporaryDirectory(prefix="edgethought-lm-eval-") as folder:
        sys.argv = ["lm_eval", *with_tasks(arguments, Path(folder))]
        cli_evaluate()


def with_tasks(arguments: Sequence[str], folder: Path) -> list[str]:
    """lm-eval's arguments with our tasks, written into `folder`, among what it looks through."""
    own = any(argument.partition("=")[0] == INCLUDE for argument in arguments)
    if own or not any(argument.startswith("-") for argument in arguments if argument not in ("-h", "--help")):
        return list(arguments)
    from benchmarks.interop.harness.task_files import write_task_files

    write_task_files(folder)
    return [*arguments, INCLUDE, str(folder)]
