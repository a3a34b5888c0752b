"""The ONNX builder in a process that has its imports: seven seconds of them, which each build would pay for anew.

`python -m tests.export.warm_builder` imports what the builder does and then forks a child for each command line that it
reads, which runs the builder's module as `python -m` does.
"""

import contextlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

MODULE = "onnxruntime_genai.models.builder"
ROOT = Path(__file__).parents[2]


class WarmBuilder:
    """Stands for `subprocess` where builds are started; its process begins with the first of them."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run(command, capture_output=True, text=True, check=False)`, without what was printed."""
        assert command[:3] == [sys.executable, "-m", MODULE]
        assert options == {"capture_output": True, "text": True, "check": False}
        with tempfile.NamedTemporaryFile("r") as complaints:
            status = self._ask({"arguments": command[3:], "errors": complaints.name})
            return subprocess.CompletedProcess(command, status, "", complaints.read())

    def _ask(self, build: dict[str, Any]) -> int:
        if self._server is None:
            own = [sys.executable, "-m", "tests.export.warm_builder"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._server = subprocess.Popen(own, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps(build) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def close(self) -> None:
        """End the process."""
        if self._server is not None:
            self._server.communicate()


def main() -> None:
    """Serve builds until standard input ends: a line of JSON in, an exit status out."""
    import onnxruntime_genai.models.builder  # noqa: F401
    from transformers import (  # noqa: F401
        AutoModelForCausalLM,
        AutoTokenizer,
        Gemma3ForCausalLM,
        LlamaForCausalLM,
        Qwen2ForCausalLM,
        Qwen3ForCausalLM,
    )

    for line in sys.stdin:
        build = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_build(build["arguments"], build["errors"]))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _build(arguments: list[str], errors: str) -> int:
    with Path(errors).open("w") as complaints, Path(os.devnull).open("w") as nowhere:
        os.dup2(complaints.fileno(), 2)
        os.dup2(nowhere.fileno(), 1)
        sys.argv = [MODULE, *arguments]
        try:
            runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
        except BaseException:  # noqa: BLE001 - what Python itself does with it at the end
            traceback.print_exc()
            return 1
        finally:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
