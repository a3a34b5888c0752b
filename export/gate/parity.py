"""The parity gate: an artifact is published only when it answers as its checkpoint does.

What the artifact is made of is compared before that (`export.gate.facts`). Here, on the probe set: token ids, the
rendered prompt, the end tokens, the distributions along the checkpoint's own greedy answers (KL divergence, as
llama.cpp's `--kl-divergence` does it), the greedy answers themselves, and what the solver makes of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from statistics import fmean, median
from typing import Any

from export.gate.reference import Reference
from runtime.engines.engine import Decoding, Engine
from runtime.solver.solver import Solver
from runtime.values.answers import matches_gold
from runtime.values.errors import GateRefused
from runtime.values.pace import paced, watched
from runtime.values.prompt import Thought, render_prompt


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What may differ: mean KL in nats a token, and how many fewer probes may be right."""

    mean_kl: float
    fewer_right: float


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate measured; `broken` names every check that failed and is empty when the artifact may ship.

    `first_divergence` is the median number of equal greedy tokens before the first difference, over the probes that
    differ (None when none does). `mean_kl` and `max_kl` are in nats a token.
    """

    probes: int
    token_ids_differ: int
    prompts_differ: int
    end_tokens_differ: bool
    mean_kl: float
    max_kl: float
    same_top_token: float
    same_greedy_text: int
    first_divergence: float | None
    right_checkpoint: int
    right_artifact: int
    limits: GateLimits
    broken: tuple[str, ...]

    def to_row(self) -> dict[str, Any]:
        """The report as JSON, for the manifest."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What an artifact file itself says: its rendered prompts, and its end tokens."""

    prompts: tuple[str, ...]
    end_tokens: tuple[int, ...]


def run_gate(
    engine: Engine,
    reference: Reference,
    *,
    thought: Thought,
    spelling: Spelling,
    end_tokens: tuple[int, ...],
    expected_ids: Iterable[tuple[str, list[int]]],
    max_tokens: int,
    limits: GateLimits,
    say: Callable[[str], None] = lambda line: None,
) -> GateReport:
    """Compare a loaded artifact with its checkpoint's reference; `say` is told now and then how far that is."""
    probes = reference.probes
    step = paced("probes of the gate,", say)
    prompts = [render_prompt(probe.problem.question, thought) for probe in probes]
    ids_differ = sum(engine.encode(text) != ids for text, ids in expected_ids)
    prompts_differ = sum(ours != theirs for ours, theirs in zip(prompts, spelling.prompts, strict=True))
    divergences = [
        divergence(
            engine.logits([*probe.prompt, *probe.completion], len(probe.completion) + 1)[:-1], expected
        )
        for probe, expected in watched(
            zip(probes, reference.log_probabilities, strict=True), 2 * len(probes), step
        )
        if probe.completion
    ]
    greedy = [
        list(engine.generate(probe.prompt, Decoding(max_tokens)))
        for probe in watched(probes, 2 * len(probes), step, first=len(probes))
    ]
    differ = [
        common_length(ids, probe.completion)
        for ids, probe in zip(greedy, probes, strict=True)
        if tuple(ids) != probe.completion
    ]
    with Solver() as solver:
        right_checkpoint = _count_right(solver, thought, reference, [probe.text for probe in probes])
        right_artifact = _count_right(solver, thought, reference, [engine.decode(ids) for ids in greedy])
    report = GateReport(
        probes=len(probes),
        token_ids_differ=ids_differ,
        prompts_differ=prompts_differ,
        end_tokens_differ=set(spelling.end_tokens) != set(end_tokens),
        mean_kl=round(fmean(kl for kl, _, _ in divergences), 6) if divergences else 0.0,
        max_kl=round(max(kl for _, kl, _ in divergences), 6) if divergences else 0.0,
        same_top_token=round(fmean(same for _, _, same in divergences), 4) if divergences else 1.0,
        same_greedy_text=len(probes) - len(differ),
        first_divergence=median(differ) if differ else None,
        right_checkpoint=right_checkpoint,
        right_artifact=right_artifact,
        limits=limits,
        broken=(),
    )
    return _judged(report)


def divergence(logits: Any, expected: Any) -> tuple[float, float, float]:
    """Mean and largest KL(checkpoint || artifact) in nats, and the share of positions with the same top token.

    `logits` (position, vocabulary) of the artifact, `expected` the checkpoint's log-probabilities in the same shape.
    """
    import numpy as np

    ours = logits.astype(np.float64)
    ours -= ours.max(axis=-1, keepdims=True)
    ours -= np.log(np.exp(ours).sum(axis=-1, keepdims=True))
    theirs = expected.astype(np.float64)
    kl = (np.exp(theirs) * (theirs - ours)).sum(axis=-1)
    same = ours.argmax(axis=-1) == theirs.argmax(axis=-1)
    return float(kl.mean()), float(kl.max()), float(same.mean())


def common_length(first: Sequence[int], second: Sequence[int]) -> int:
    """How many leading tokens two answers share."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _count_right(solver: Solver, thought: Thought, reference: Reference, texts: Sequence[str]) -> int:
    outcomes = solver.solve_batch((thought, text) for text in texts)
    pairs = zip(outcomes, reference.probes, strict=True)
    return sum(matches_gold(outcome.value, probe.problem.answer or "") for outcome, probe in pairs)


def _judged(report: GateReport) -> GateReport:
    limits, broken = report.limits, []
    if report.token_ids_differ:
        broken.append(f"token ids differ on {report.token_ids_differ} texts")
    if report.prompts_differ:
        broken.append(f"the rendered prompt differs on {report.prompts_differ} of {report.probes} probes")
    if report.end_tokens_differ:
        broken.append("the end tokens differ")
    if not report.mean_kl <= limits.mean_kl:
        broken.append(f"mean KL is {report.mean_kl:.4f} nats a token; expected: {limits.mean_kl}")
    if report.right_artifact < report.right_checkpoint - limits.fewer_right:
        broken.append(
            f"{report.right_artifact} of {report.probes} probes right, the checkpoint has {report.right_checkpoint}; "
            f"expected: {limits.fewer_right:g} fewer"
        )
    return replace(report, broken=tuple(broken))


def add_faults(report: GateReport, faults: Sequence[str]) -> GateReport:
    """A report that names these faults first."""
    return replace(report, broken=(*faults, *report.broken))


def refuse_broken(report: GateReport, name: str) -> None:
    """Raise GateRefused, naming every broken check, when the artifact must not be published."""
    if report.broken:
        raise GateRefused(f"{name} does not answer as its checkpoint does: {'; '.join(report.broken)}")
