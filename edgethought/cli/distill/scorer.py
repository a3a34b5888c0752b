"""What `edgethought distill sample` and `distill scorer` do."""

from pathlib import Path

from benchmarks.tasks.splits import TRAIN
from edgethought.stages.problems import held_out, known_problems
from edgethought.stages.progress import progress_bar, say, stoppable
from edgethought.stages.recipe import read_recipe
from edgethought.stages.tasks import draw
from runtime.answering.modes import MAX_SAMPLES
from runtime.values.errors import InputError


def sample_command(
    model: Path | None,
    data: str,
    out: Path,
    *,
    samples: int,
    limit: int,
    threads: int | None,
    seed: int,
    adapter: Path | None = None,
) -> None:
    """Write a student's samples on training problems, and print how many are right."""
    from distill.recipes.sampling import check_samples_file, draw_samples
    from export.checkpoint_engine.opening import load_model

    problems = list(draw(data, TRAIN, limit, seed)[0])
    if not 2 <= samples <= MAX_SAMPLES:
        raise InputError(f"samples is {samples}; expected: 2 to {MAX_SAMPLES}")
    if not problems:
        raise InputError(f"{data} has no problems; expected: data with at least one")
    check_samples_file(out)
    with (
        stoppable(f"the same command goes on, {out} keeps what there is"),
        load_model(model, threads=threads, adapter=adapter) as student,
        progress_bar("problems") as bar,
    ):
        report = draw_samples(student, problems, out, samples=samples, seed=seed, progress=bar)
    others = f" (and {report.others:,} of other problems)" if report.others else ""
    if report.rows < samples * len(problems):
        say(
            f"  some of these problems have fewer than {samples} samples there; expected for more: another --out"
        )
    print(f"{out}: {report.rows:,} samples of {len(problems):,} problems, {report.right:,} right{others}")


def scorer_command(checkpoint: Path, samples: Path, recipe: str, out: Path, *, limit: int, seed: int) -> None:
    """Train a scorer of a checkpoint on samples that the solver judges, and print how it fares."""
    from distill.labeling.filters import Decontamination
    from distill.recipes.judged import balanced, read_samples
    from distill.recipes.scorer import check_place, train_scorer
    from export.checkpoint import read_card
    from runtime.solver.solver import Solver

    read_card(checkpoint)
    check_place(out)
    against = Decontamination(held_out(read_recipe(recipe, []), scored=False), "drop")
    with Solver() as solver:
        judged = list(read_samples(samples, known_problems(), against, solver))
    groups = balanced(judged, limit=limit, seed=seed)
    say(
        f"  {len(judged):,} solved samples, {sum(map(len, groups)):,} of them of {len(groups):,} questions count"
    )
    with progress_bar("questions") as bar:
        report = train_scorer(checkpoint, groups, out, source=samples.name, seed=seed, progress=bar)
    print(
        f"{out}: {report.rows:,} samples, {report.right:,} right; of {report.held_out:,} on questions not seen: AUC "
        f"{report.auc:.3f}, the best-scored one right for {report.best:.1%} where {report.mean:.1%} of the samples are"
    )
