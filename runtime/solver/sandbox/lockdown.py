"""What a worker gives up before it reads its first request, and the name of what was really reached."""

import os

from runtime.solver.sandbox.landlock import restrict_files_and_network
from runtime.solver.sandbox.limits import set_limits
from runtime.solver.sandbox.seccomp import filter_system_calls

# Above the worker's socket, its silent output and its error stream; nothing else was inherited.
_FIRST_SPARE_DESCRIPTOR = 3


def lock_down(memory: int) -> str:
    """Isolate this process for good; returns the layers that hold, such as `process+rlimits+seccomp`.

    Landlock first, because it needs a descriptor; seccomp last, because it forbids the other two.
    """
    landlock = restrict_files_and_network()
    os.closerange(_FIRST_SPARE_DESCRIPTOR, 1024)
    layers = {"process": True, "rlimits": set_limits(memory), "landlock": landlock}
    layers["seccomp"] = filter_system_calls()
    return "+".join(layer for layer, held in layers.items() if held)
