"""How fast the symbolic teacher writes new problems: `python -m scripts.speed.symbolic_speed [--variants N] [--json]`.

Rewrites problems of GSM8K's training split (EDGETHOUGHT_DATA) and has the solver work out the equations of each new one,
as `edgethought distill label` does. Processor time counts, of this process and of the solver's, so that a figure is that
of one core whatever else runs; reading the problems' own annotations counts too. A row for each kind alone, and one for
all of them together. Only what the solver confirms counts as a problem.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from benchmarks.tasks.loading import load_training
from distill.labeling.filters import failure
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.teachers.symbolic.teacher import SymbolicTeacher, variants_of
from distill.teachers.symbolic.variants import KINDS, Kind
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale
from scripts.speed.harness import arguments, show


def main() -> None:
    """Measure each kind, then all kinds together, and print a table or a JSON row for each."""
    parser = arguments(__doc__)
    parser.add_argument("--problems", type=int, default=1000, help="problems that are rewritten")
    parser.add_argument("--variants", type=int, default=10, help="new problems of each kind for each")
    options = parser.parse_args()
    problems = list(islice(load_training("gsm8k"), options.problems))
    measure(problems[:100], KINDS, 1)  # caches and lists, before anything is counted
    rows = [measure(problems, kinds, options.variants) for kinds in [*((kind,) for kind in KINDS), KINDS]]
    show(rows, options.json)


def measure(problems: Sequence[Problem], kinds: Sequence[Kind], variants: int) -> dict[str, Any]:
    """Every figure of one round by name, its unit at the end."""
    settings = SymbolicSettings(kinds=tuple(kinds), variants=variants)
    started = _processor_s()
    made = list(_rationales(problems, settings))
    written = _processor_s()
    with Solver(workers=1) as solver:
        outcomes = solver.solve_batch((rationale.thought, rationale.text) for rationale in made)
        verified = sum(failure(one, outcome) is None for one, outcome in zip(made, outcomes, strict=True))
    ended = _processor_s()
    return {
        "kinds": " ".join(kinds) if len(kinds) == 1 else "all",
        "parents": len(problems),
        "variants": variants,
        "new_problems": len(made),
        "verified": verified,
        "verified_per_s_per_core": round(verified / (ended - started)),
        "written_per_s_per_core": round(len(made) / (written - started)),
        "writing_us": round((written - started) / len(made) * 1e6),
        "verifying_us": round((ended - written) / len(made) * 1e6),
    }


def _rationales(problems: Sequence[Problem], settings: SymbolicSettings) -> Iterator[Rationale]:
    """The equations of every new problem."""
    teacher = SymbolicTeacher(settings)
    variants = variants_of(problems, settings)
    found = chain.from_iterable(teacher.annotate(problem, ["eot"]) for problem in variants)
    return (one for one in found if isinstance(one, Rationale))


def _processor_s() -> float:
    """Processor time of this process and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
