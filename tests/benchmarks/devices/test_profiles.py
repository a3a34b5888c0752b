"""Profiles are named on the command line, and hold no process to more than its machine has."""

from dataclasses import replace

import pytest

from benchmarks.devices.limits import limits_of
from benchmarks.devices.profiles import PROFILES, named_profiles
from runtime.values.errors import InputError


@pytest.mark.parametrize(
    ("text", "names"),
    [("none", []), ("pi4-like", ["pi4-like"]), ("laptop, pi5-like", ["laptop", "pi5-like"])],
)
def test_profiles_are_named_with_commas_between(text: str, names: list[str]) -> None:
    assert [profile.name for profile in named_profiles(text)] == names


@pytest.mark.parametrize("text", ["", "pi6", "none,laptop", "laptop,laptop"])
def test_a_name_that_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected: "):
        named_profiles(text)


@pytest.mark.parametrize(
    ("profile", "processors", "threads", "cores"),
    [
        ("pi4-like", range(8), 4, 0.25),
        ("pi4-like", range(2), 2, 0.25),
        ("laptop", range(8), 4, None),
        ("laptop", range(1), 1, None),
        ("phone-like", range(1), 1, None),
        ("phone-like", range(2), 2, 1.0),
    ],
)
def test_a_profile_takes_no_more_than_the_machine_has(
    profile: str, processors: range, threads: int, cores: float | None
) -> None:
    limits = limits_of(PROFILES[profile], processors, "cgroup")
    assert (limits.threads, len(limits.processors), limits.cores) == (threads, threads, cores)


def test_the_sentence_tells_what_holds_apart() -> None:
    limits = limits_of(PROFILES["pi4-like"], [0, 1], "process")
    others = [
        replace(limits, means="cgroup"),
        replace(limits, cores=0.5),
        replace(limits, memory_bytes=1 << 30),
    ]
    assert limits.sentence() == (
        "profile pi4-like (2 threads on 2 processors, 0.25 of a core's time, 2 GiB; memory as RLIMIT_DATA, time by "
        "stopping the process)"
    )
    assert len({one.sentence() for one in [limits, *others]}) == 4
