"""Modes: how many thoughts answer one question, and in what order; and what else a caller may choose."""

from typing import Literal, TypedDict, get_args

from runtime.engines.engine import Decoding
from runtime.values.prompt import Thought

# `single` writes one thought; `fallback` goes on to the next until one is solved (EoTD, arXiv 2401.11864); `vote` takes
# the value that most of several samples reach; `adaptive` votes only where the first two answers differ or fail.
Mode = Literal["single", "fallback", "vote", "adaptive"]
MODES: tuple[Mode, ...] = get_args(Mode)
FALLBACK_ORDER: tuple[Thought, ...] = ("pot", "eot", "cot")
# Modes in which `samples` counts.
VOTING: tuple[Mode, ...] = ("vote", "adaptive")
DEFAULT_SAMPLES = 8
MAX_SAMPLES = 64
# Thoughts that are written at a time where many are asked for.
DEFAULT_STREAMS = 32
MAX_STREAMS = 64
# Contexts that many questions are spread over; they share out the threads and do not wait for each other.
DEFAULT_CONTEXTS = 2


class AnswerOptions(TypedDict, total=False):
    """What `Model.answer` and `Model.answer_batch` take alike; what is left out is as they have it."""

    thought: Thought | None
    decoding: Decoding | None
    deadline_ms: float | None
    mode: Mode
    samples: int
