"""Modes: how many thoughts answer one question, and in what order; and what else a caller may choose."""

from typing import Literal, TypedDict, get_args

from runtime.engines.engine import Decoding
from runtime.values.manifest import Manifest
from runtime.values.prompt import Thought

# `single` writes one thought; `fallback` goes on to the next until one is solved (EoTD, arXiv 2401.11864); `vote` takes
# the value that most of several samples reach; `best_of` takes the solved sample that the artifact's scorer thinks most
# of (verifiers, arXiv 2110.14168); `adaptive` does so, or votes, only where the first answer is not sure, or where it
# was never calibrated the first two answers differ or fail.
Mode = Literal["single", "fallback", "vote", "adaptive", "best_of"]
MODES: tuple[Mode, ...] = get_args(Mode)
FALLBACK_ORDER: tuple[Thought, ...] = ("pot", "eot", "cot")
# Modes in which `samples` counts, and those that score them.
SAMPLING: tuple[Mode, ...] = ("vote", "adaptive", "best_of")
SCORED: tuple[Mode, ...] = ("best_of",)
# `adaptive`: an answer that is as probably right as this stands alone.
SURE = 0.4
DEFAULT_SAMPLES = 8
MAX_SAMPLES = 64
# Thoughts that are written at a time where many are asked for.
DEFAULT_STREAMS = 32
MAX_STREAMS = 128
# Contexts that many questions are spread over; they share out the threads and do not wait for each other.
DEFAULT_CONTEXTS = 2


def thoughts_of(manifest: Manifest, mode: Mode) -> list[Thought]:
    """The thoughts that a mode asks for where none is named, in order; a scorer chooses among those that it knows."""
    known = manifest.scorer.get("thoughts") if mode in (*SCORED, "adaptive") else None
    return [
        thought
        for thought in FALLBACK_ORDER
        if thought in manifest.thoughts and thought in (known or manifest.thoughts)
    ]


class AnswerOptions(TypedDict, total=False):
    """What `Model.answer` and `Model.answer_batch` take alike; what is left out is as they have it."""

    thought: Thought | None
    decoding: Decoding | None
    deadline_ms: float | None
    mode: Mode
    samples: int
