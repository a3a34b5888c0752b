"""Ways of answering: what options mean for one artifact: its thoughts in their order, its plans, how sure it is."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from runtime.answering.confidence import Calibration, Calibrations, stands_alone, wants_states, way
from runtime.answering.confidence import sure as with_confidence
from runtime.answering.modes import MAX_SAMPLES, MODES, SAMPLING, SCORED, Mode, thoughts_of
from runtime.answering.plans import PLANS, Plan, escalating
from runtime.answering.votes import SELECTIONS, Selection
from runtime.engines.engine import Decoding
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest
from runtime.values.prompt import THOUGHTS, Thought
from runtime.values.solution import Solution


@dataclass(frozen=True, slots=True)
class Options:
    """How questions are answered, checked once for all of them."""

    thought: Thought | None
    decoding: Decoding
    deadline_ms: float | None
    mode: Mode
    samples: int

    def deadline(self, started: float | None = None) -> float | None:
        """When a question that was begun at `started`, or is now, must have its answer, in `perf_counter` seconds."""
        if self.deadline_ms is None:
            return None
        return (perf_counter() if started is None else started) + self.deadline_ms / 1e3


class Lead:
    """How long before a deadline the writing must end, so that the answer is there by then.

    What comes after (the layer being computed, the solver) takes as long as the machine's other work lets it: as much
    as the longest of the last answers that were cut. Where that is all the time there is, nothing is written.
    """

    KEPT = 200
    FIRST_S, LONGEST_S = 0.05, 0.25

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=self.KEPT)

    def before(self, deadline: float | None, started: float) -> float | None:
        """When the writing must end for this deadline; all three in `perf_counter` seconds."""
        if deadline is None:
            return None
        longest = min(max(self._last, default=self.FIRST_S), self.LONGEST_S)
        return max(started, deadline - longest)

    def note(self, end: float | None, returned: float) -> None:
        """Learn from an answer that was there at `returned` and had to end writing at `end`; early ones say nothing."""
        if end is not None and returned > end:
            self._last.append(returned - end)


class Ways:
    """What an artifact can be asked for in each mode, by its manifest, its scorer's thoughts and its calibrations."""

    def __init__(self, manifest: Manifest, calibrations: Calibrations) -> None:
        self._manifest, self._calibrations = manifest, calibrations

    def selection(self, options: Options) -> Selection:
        """How one solution is taken out of several: by the scorer too where `adaptive` reads what that thinks."""
        scored = options.mode == "adaptive" and self.reads_states(options)
        return SELECTIONS["best_of" if scored else options.mode]

    def plan(self, options: Options) -> Plan:
        """The plan that answers one question; raises InputError where it cannot be made."""
        mode, samples, deadline_ms = options.mode, options.samples, options.deadline_ms
        if deadline_ms is not None and not 0 < deadline_ms < float("inf"):
            raise InputError(f"the deadline is {deadline_ms:g} ms; expected: more than 0")
        if mode not in MODES:
            raise InputError(f"mode {mode!r}; expected: {', '.join(MODES)}")
        if mode in SAMPLING and not 2 <= samples <= MAX_SAMPLES:
            raise InputError(f"samples is {samples}; expected: 2 to {MAX_SAMPLES}")
        thoughts = self._thoughts(options.thought, mode)
        if mode == "adaptive" and (alone := self._calibrations.get(way("single", thoughts[0]))):
            return escalating(thoughts, options.decoding, samples, partial(stands_alone, calibration=alone))
        return PLANS[mode](thoughts, options.decoding, samples)

    def calibrated(self, options: Options) -> list[Calibration | None]:
        """What says how sure an answer is, for each thought that may give one; none for a vote of one thought alone."""
        if options.mode in SAMPLING and options.thought is not None:
            return []
        thoughts = (
            [options.thought or self._manifest.default_thought] if options.mode == "single" else THOUGHTS
        )
        return [self._calibrations.get(way(options.mode, thought)) for thought in thoughts]

    def scored_thoughts(self) -> list[str]:
        """The thoughts that the artifact's scorer knows; none where it has no scorer."""
        return (
            list(self._manifest.scorer.get("thoughts") or self._manifest.thoughts)
            if self._manifest.scorer
            else []
        )

    def reads_states(self, options: Options) -> bool:
        """Whether answers in this way need the hidden states that a scorer reads."""
        if options.mode in SCORED or wants_states(self.calibrated(options)):
            return True
        if options.mode != "adaptive":
            return False
        first = self._thoughts(options.thought, options.mode)[0]
        return wants_states([self._calibrations.get(way("single", first))])

    def sure(self, options: Options, solution: Solution) -> Solution:
        """The solution with its calibrated confidence, where there is one for the way it came about."""
        alone = options.mode == "adaptive" and sum(solution.votes.values()) == 1
        mode: Mode = "single" if alone else options.mode
        if not (alone or any(self.calibrated(options))):
            return solution
        return with_confidence(solution, self._calibrations.get(way(mode, solution.thought)))

    def _thoughts(self, thought: Thought | None, mode: Mode) -> Sequence[Thought]:
        if mode == "single" or thought is not None:
            if mode == "fallback":
                raise InputError(
                    f"thought {thought!r} with mode fallback, which chooses the thoughts itself; expected: no thought"
                )
            checked = self.checked_thought(thought)
            if mode in SCORED and checked not in (known := thoughts_of(self._manifest, mode)):
                raise InputError(
                    f"the scorer of {self._manifest.name} does not know thought {checked}; expected: {', '.join(known)}"
                )
            return (checked,)
        return thoughts_of(self._manifest, mode)

    def checked_thought(self, thought: Thought | None) -> Thought:
        """The thought, or the artifact's default; raises InputError for one that it was not trained for."""
        if thought is None:
            return self._manifest.default_thought
        if thought not in THOUGHTS:
            raise InputError(f"thought {thought!r}; expected: {', '.join(self._manifest.thoughts)}")
        if thought not in self._manifest.thoughts:
            trained = ", ".join(self._manifest.thoughts)
            raise InputError(
                f"{self._manifest.name} was not trained for thought {thought}; expected: {trained}"
            )
        return thought
