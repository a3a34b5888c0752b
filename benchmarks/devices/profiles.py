"""Device profiles: how much of this machine an artifact gets, so that its times are nearer to a small device's.

What a profile grants is a rough stand-in. A CPU's time can be cut, its instructions and its memory cannot be changed, so
`NOT_IMITATED` stands beside every figure.
"""

from dataclasses import dataclass

from runtime.values.errors import InputError

GIB = 1 << 30
NONE = "none"


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of device. `cores` is processor time, in cores of a machine like the reference; `memory_bytes` a ceiling.

    `published` says where its figures are from; `gflops` is the device's published HPL result, float64, all cores, and
    `copy_gb_s` its published rate of copying memory. None where there is none for such a device.
    """

    name: str
    device: str
    threads: int
    cores: float
    memory_bytes: int
    published: str
    gflops: float | None = None
    copy_gb_s: float | None = None


# The reference is one core of an Intel Xeon (Sapphire Rapids, 2.6 GHz) as a virtual machine has it, beside other work:
# for each second of its time 49 to 68 GFLOPS of float64 products (matrices of 400 and 800) and 6.0 to 6.6 GB/s of copied
# memory. A Raspberry Pi 4 is 0.17 to 0.24 such cores by arithmetic and 0.4 by memory, and gets 0.25; a Pi 5 has 2.5
# times its HPL.
_REFERENCE = "cores are those of a 2.6 GHz Xeon (Sapphire Rapids)"
_HPL = "HPL as github.com/geerlingguy/top500-benchmark has it"
PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "laptop",
            "a laptop with four fast cores",
            threads=4,
            cores=4.0,
            memory_bytes=8 * GIB,
            published="no published figure: four cores as they are, and the memory that a small laptop has",
        ),
        Profile(
            "pi5-like",
            "Raspberry Pi 5 (4 × Cortex-A76, 2.4 GHz, 4 GB)",
            threads=4,
            cores=0.6,
            memory_bytes=4 * GIB,
            published=f"{_HPL}; {_REFERENCE}: 0.44 to 0.62 by HPL",
            gflops=30.2,
        ),
        Profile(
            "pi4-like",
            "Raspberry Pi 4 (4 × Cortex-A72, 1.8 GHz, 2 GB)",
            threads=4,
            cores=0.25,
            memory_bytes=2 * GIB,
            published=f"{_HPL}, memcpy as github.com/ThomasKaiser/sbc-bench has it (2.2 to 2.8 GB/s); {_REFERENCE}: "
            "0.17 to 0.24 by HPL, 0.4 by memcpy",
            gflops=11.9,
            copy_gb_s=2.5,
        ),
        Profile(
            "phone-like",
            "a phone of the middle class (two large cores)",
            threads=2,
            cores=1.0,
            memory_bytes=GIB,
            published=f"no published figure: two cores at half of their time, a guess; {_REFERENCE}",
        ),
    )
}

NOT_IMITATED = (
    "A profile limits threads, processor time and memory, and nothing else. Instruction set and width of vectors, memory "
    "bandwidth, caches, clock, heat and throttling, storage and the operating system stay this machine's. Processor time "
    "is granted in slices, so single times are coarser than a device's, and a first token may wait for its slice. "
    "Take the figures for the order of things, which artifact fits and which is faster, and measure on the device before "
    "you promise a time."
)


def named_profiles(text: str) -> tuple[Profile, ...]:
    """The profiles that the command line names with commas between; `none` is none. Raises InputError."""
    names = [name.strip() for name in text.split(",")]
    known = [*PROFILES, NONE]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"profile {unknown[0]!r}; expected: {', '.join(known)}")
    if len(set(names)) < len(names) or (NONE in names and len(names) > 1):
        raise InputError(f"profiles {text!r}; expected: none, or others, each once")
    return tuple(PROFILES[name] for name in names if name != NONE)
