"""Scorer: how probable it is that a thought is right, by what the student's own hidden states say of it.

A probe is a network of two layers over two of the states that a thought has anyway (its end token's, and the mean over
it), so it costs next to nothing where the thought was written. Verifiers: arXiv 2110.14168; that a model's states know
what its words do not: arXiv 2207.05221.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import erf, exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from runtime.engines.engine import States
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest
from runtime.values.prompt import THOUGHTS
from runtime.values.tensors import read_tensors

KIND = "probe"
# What the network reads: two states, one behind the other.
STATES = "end token, mean over the thought"
_TENSORS = ("mean", "std", "w1", "b1", "w2", "b2")


@dataclass(frozen=True, slots=True)
class Probe:
    """Float32 weights: `mean` and `std` (2 width,) centre the inputs, `w1` is (hidden, 2 width), `w2` (1, hidden).

    `about` says what it learned from and what it was found to be worth, as the artifact's manifest carries it.
    """

    weights: Mapping[str, Any]
    about: dict[str, Any]

    @property
    def width(self) -> int:
        """The width of the states that it reads."""
        return int(self.weights["mean"].size) // 2

    def logit(self, states: States) -> float:
        """The logarithm of the odds that the thought is right."""
        w = self.weights
        inputs = (np.concatenate([states.end, states.mean]) - w["mean"]) / w["std"]
        hidden = w["w1"] @ inputs + w["b1"]
        # GELU by its definition; a few hundred values need no vectorised erf.
        active = hidden * np.array([0.5 * (1 + erf(value / sqrt(2))) for value in hidden.tolist()])
        return float(w["w2"][0] @ active + w["b2"][0])

    def score(self, states: States) -> float:
        """How probable it is that the thought is right, 0 to 1."""
        return 1 / (1 + exp(-max(-700.0, self.logit(states))))


def read_scorer(file: Path, width: int | None = None, student: Collection[str] = ()) -> Probe:
    """Read a scorer; raises InputError when the file holds none, or one for states of another `width` or `student`.

    `student` has the hashes of its states; a scorer that names none may be anybody's.
    """
    tensors = read_tensors(file)
    shapes = {name: tensors.arrays[name].shape for name in _TENSORS if name in tensors.arrays}
    inputs = shapes.get("mean", (0,))[0] if len(shapes.get("mean", ())) == 1 else 0
    hidden = shapes.get("b1", (0,))[0] if len(shapes.get("b1", ())) == 1 else 0
    expected = {
        "mean": (inputs,),
        "std": (inputs,),
        "w1": (hidden, inputs),
        "b1": (hidden,),
        "w2": (1, hidden),
        "b2": (1,),
    }
    if shapes != expected or not inputs or inputs % 2 or not hidden:
        raise InputError(
            f"{file} is no scorer; expected: {', '.join(_TENSORS)} of a probe over two states, two layers"
        )
    if width is not None and inputs != 2 * width:
        raise InputError(
            f"{file} scores states of width {inputs // 2}; expected: the student's {width}, a scorer of its own"
        )
    about = _about(file, tensors.metadata)
    if student and about["student"] and not set(student) & set(about["student"]):
        raise InputError(
            f"{file} is the scorer of another student (states {about['student'][0][:12]}…); expected: one that "
            f"`edgethought distill scorer` trained on this one (states {next(iter(student))[:12]}…)"
        )
    return Probe(tensors.arrays, about)


def scorer_of(manifest: Manifest, file: Path | None, state_width: int) -> Probe:
    """An artifact's scorer; raises InputError where it has none, or its engine gives no states of this width."""
    if not manifest.scorer or file is None:
        raise InputError(
            f"{manifest.name} has no scorer, which mode best_of needs; expected: an artifact that "
            "`edgethought model get flagship` or `edgethought export --scorer FILE` made (FILE by `edgethought distill "
            "scorer`), or mode vote"
        )
    if not state_width:
        raise InputError(
            f"{manifest.name} gives no hidden states, which its scorer reads; expected: a GGUF artifact"
        )
    return read_scorer(file, state_width, manifest.student)


def _about(file: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What a scorer says of itself; one that says nothing scores every thought."""
    thoughts = [name for name in metadata.get("thoughts", "").split(",") if name]
    if not set(thoughts) <= set(THOUGHTS):
        raise InputError(f"{file} scores the thoughts {', '.join(thoughts)}; expected: {', '.join(THOUGHTS)}")
    try:
        figures = json.loads(metadata.get("figures", "{}"))
    except ValueError as error:
        raise InputError(f"{file} has figures that are no JSON; expected: an object") from error
    return {
        "kind": KIND,
        "states": STATES,
        "thoughts": thoughts,
        "trained_on": metadata.get("trained_on", ""),
        "figures": figures,
        "student": [sha256 for sha256 in metadata.get("student", "").split(",") if sha256],
    }
