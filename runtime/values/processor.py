"""What this machine's processor can do, as the system describes it; nothing is executed to find out."""

from functools import cache
from pathlib import Path

_DESCRIPTION = Path("/proc/cpuinfo")
# What decides how fast a model runs or trains here, by the name that the field uses, and Linux's flag for it.
FEATURES = {
    "AVX2": "avx2",
    "AVX512": "avx512f",
    "AVX512-VNNI": "avx512_vnni",
    "AVX512-BF16": "avx512_bf16",
    "AVX-VNNI": "avx_vnni",
    "AMX": "amx_tile",
    "NEON": "asimd",
    "NEON dotprod": "asimddp",
    "NEON i8mm": "i8mm",
    "NEON bf16": "bf16",
    "SVE": "sve",
}


@cache
def processor_flags() -> frozenset[str]:
    """Linux's flags of the first processor (`flags` on x86, `Features` on ARM); empty where nobody says."""
    try:
        lines = _DESCRIPTION.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    words = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    return frozenset(next(words, "").split())


def processor_features() -> tuple[str, ...]:
    """Which of `FEATURES` this processor has."""
    return tuple(name for name, flag in FEATURES.items() if flag in processor_flags())
