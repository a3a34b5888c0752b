"""What every kind of rewriting gives: a question, its exact answer, and the annotation that computes it."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Protocol

from benchmarks.annotations.annotation import Annotation
from runtime.values.rationale import Declined

# Between an original's id or task and what was made of it: `gsm8k_train-00012~similar-1`, `gsm8k~numbers`.
OF = "~"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A new question, the steps that answer it, and what they come to."""

    question: str
    annotation: Annotation
    answer: Fraction


class Writer(Protocol):
    """One kind of rewriting, made ready for one problem; what it draws follows from the generator alone."""

    def write(self, rng: Random) -> Rewritten | Declined:
        """One more new problem, or why none was found."""
