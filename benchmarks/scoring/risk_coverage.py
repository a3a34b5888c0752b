"""Risk against coverage: how often answers are wrong when only those of the highest confidence are given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.scoring.samples import Sample

RISKS = (0.05, 0.1, 0.2)
CURVE_POINTS = 50
# Below this many answers a risk is chance.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Selective answering by calibrated confidence. Shares are fractions of one.

    `curve` has pairs of coverage (answers given, of all questions) and risk (wrong ones among them). `aurc` is the
    mean risk over all coverages that the answers reach (Geifman and El-Yaniv, 2017), `aurc_best` what a perfect order
    of the same answers has, `risk` what no order has. `coverage_at` maps a risk to the largest coverage within it.
    """

    n: int
    answered: int
    risk: float
    aurc: float
    aurc_best: float
    coverage_at: dict[float, float]
    curve: tuple[tuple[float, float], ...]


def risk_coverage(samples: Sequence[Sample]) -> RiskCoverage | None:
    """Order the answers by confidence; None where no answer has one.

    Equally confident answers come in no order: wrong ones are spread evenly among them.
    """
    sure = [(sample.confidence, sample.correct) for sample in samples if _answers(sample)]
    answered = [(confidence, right) for confidence, right in sure if confidence is not None]
    if not answered:
        return None
    n, count = len(samples), len(answered)
    wrong = count - sum(right for _, right in answered)
    risks = list(_risks(answered))
    best = [max(0, wrong - (count - given)) / given for given in range(1, count + 1)]
    within = {
        limit: max((given for given, risk in enumerate(risks, 1) if risk <= limit), default=0) / n
        for limit in RISKS
    }
    return RiskCoverage(
        n=n,
        answered=count,
        risk=wrong / count,
        aurc=sum(risks) / count,
        aurc_best=sum(best) / count,
        coverage_at=within,
        curve=tuple((given / n, risks[given - 1]) for given in _places(count)),
    )


def _answers(sample: Sample) -> bool:
    return sample.status == "solved" and sample.confidence is not None


def _risks(answered: Sequence[tuple[float, bool]]) -> Iterator[float]:
    """The risk after each answer, the surest first."""
    given, wrong = 0, 0.0
    for _, ties in groupby(sorted(answered, key=lambda one: -one[0]), key=lambda one: one[0]):
        rights = [right for _, right in ties]
        share = 1 - sum(rights) / len(rights)
        for _ in rights:
            given, wrong = given + 1, wrong + share
            yield wrong / given


def _places(count: int) -> list[int]:
    """Numbers of answers to draw the curve at, the last one among them."""
    first = min(FEWEST, count)
    steps = min(CURVE_POINTS, count - first)
    return sorted({first + (count - first) * step // max(1, steps) for step in range(steps + 1)})
