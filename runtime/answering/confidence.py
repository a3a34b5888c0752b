"""Confidence: how probable it is that an answer is right, calibrated on problems that the student never learned from.

A logistic regression over what an answer comes with anyway: what the artifact's scorer thinks of it, how probable its
text is, whether its value is one that such a question has, how many samples
agree. One for each way of answering, in `confidence.json` beside the artifact's manifest,
which `edgethought distill confidence` fits on dev problems (Platt scaling, with more than one feature).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, isfinite, log
from pathlib import Path
from typing import Any

from runtime.answering.modes import SAMPLING, SURE, Mode
from runtime.values.answers import format_value
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought
from runtime.values.solution import Solution

CONFIDENCE_FILE = "confidence.json"
# Odds beyond these say no more than that it is certain.
MOST_ODDS = 15.0
FEATURES = frozenset(("tokens", "positive", "plausible", "scorer", "logprob", "agree", "values"))
_WRITER = "what `edgethought distill confidence` writes for this artifact"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the features by name, and the constant; `about` says what it was fitted on and how well it fits."""

    weights: Mapping[str, float]
    constant: float
    about: Mapping[str, Any]

    def known(self, solution: Solution) -> bool:
        """Whether a solution is solved and has all that is read."""
        return solution.outcome.solved and self.weights.keys() <= features(solution).keys()

    def probability(self, solution: Solution) -> float:
        """How probable it is that a `known` solution is right."""
        known = features(solution)
        odds = self.constant + sum(weight * known[name] for name, weight in self.weights.items())
        return 1 / (1 + exp(-max(-MOST_ODDS, min(MOST_ODDS, odds))))


Calibrations = Mapping[str, Calibration]


def way(mode: Mode, thought: Thought) -> str:
    """The name of a way of answering: a mode, and of one that writes one thought that thought."""
    return mode if mode in SAMPLING else f"{mode} {thought}"


def features(solution: Solution) -> dict[str, float]:
    """What a solution says of itself, by name.

    The scorer's log odds, its text's log-probability, its length, whether the value is above 0 and one that such a
    question has, and which share of the samples agrees, with the number of values there are.
    """
    scored, value = solution.score, solution.outcome.value
    votes = sum(solution.votes.values())
    known = {"tokens": log(1 + solution.generated_tokens)}
    if value is not None:
        known |= {"positive": float(value > 0), "plausible": float(solution.expected.whole(value))}
    if scored is not None:
        known["scorer"] = max(-MOST_ODDS, min(MOST_ODDS, log(max(scored, 1e-9) / max(1 - scored, 1e-9))))
    if solution.logprob is not None:
        known["logprob"] = max(-100.0, solution.logprob)
    if votes and value is not None:
        known["agree"] = solution.votes.get(format_value(value), 0) / votes
        known["values"] = log(len(solution.votes))
    return known


def read_calibrations(folder: Path, model: str = "") -> dict[str, Calibration]:
    """Those of an artifact, by the way of answering; none where it has no file of them.

    Raises InputError for a file that is none of ours, and for one that was fitted on another `model`.
    """
    path = folder / CONFIDENCE_FILE
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = {name: _calibration(row) for name, row in rows.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} holds no calibrations; expected: {_WRITER}, or no such file") from error
    for one in found.values():
        if model and one.about.get("model", model) != model:
            raise InputError(
                f"{path} is of {one.about['model']}, not of {model}; expected: {_WRITER}, or no such file"
            )
    return found


def _calibration(row: Mapping[str, Any]) -> Calibration:
    weights = {feature: float(weight) for feature, weight in row["weights"].items()}
    constant = float(row["constant"])
    if not weights.keys() <= FEATURES or not all(map(isfinite, (constant, *weights.values()))):
        raise ValueError("weights of what no answer has, or no numbers")
    return Calibration(
        weights, constant, {key: value for key, value in row.items() if key not in ("weights", "constant")}
    )


def sure(solution: Solution, calibration: Calibration | None) -> Solution:
    """The solution with its calibrated confidence; as it was where none is known of its way of answering."""
    if calibration is None or not calibration.known(solution):
        return solution
    return replace(solution, confidence=calibration.probability(solution))


def stands_alone(solution: Solution, calibration: Calibration) -> bool:
    """Whether a first answer is so probably right that no other is asked for."""
    return solution.credible and calibration.known(solution) and calibration.probability(solution) >= SURE


def abstained(solution: Solution, least: float) -> Solution:
    """The solution without its answer, where its confidence is below `least`; one that is not solved stays as it is."""
    if not solution.outcome.solved or solution.confidence is None or solution.confidence >= least:
        return solution
    reason = f"confidence {solution.confidence:.2f} is below {least:g}"
    return replace(solution, outcome=Outcome("abstained", None, reason, solution.outcome.isolation))


def to_rows(calibrations: Calibrations) -> dict[str, Any]:
    """Calibrations as their file has them."""
    return {
        name: {"weights": dict(one.weights), "constant": one.constant, **one.about}
        for name, one in calibrations.items()
    }


def wants_states(calibrations: Sequence[Calibration | None]) -> bool:
    """Whether any of them reads what the artifact's scorer thinks."""
    return any(one is not None and "scorer" in one.weights for one in calibrations)
