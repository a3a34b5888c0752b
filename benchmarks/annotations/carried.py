"""Carried annotations: a problem that takes its own steps along in `Problem.solution`, as one JSON object.

Story templates and rewriters know their solution exactly; carried this way it survives JSON Lines between stages.
"""

import json
from dataclasses import replace

from benchmarks.annotations.annotation import Annotation, ParseFailure, Step
from runtime.values.problem import Problem

OPENING = '{"steps": ['


def carry(problem: Problem, annotation: Annotation) -> Problem:
    """The problem with its annotation in `solution`."""
    steps = [[step.name, step.expression, step.sentence] for step in annotation.steps]
    system = {"equations": annotation.equations} if annotation.equations else {}
    return replace(problem, solution=json.dumps({"steps": steps, **system}, ensure_ascii=False))


def carries(problem: Problem) -> bool:
    """Whether a problem's solution was written by `carry`."""
    return problem.solution is not None and problem.solution.startswith(OPENING)


def read_carried(problem: Problem) -> Annotation | ParseFailure:
    """The annotation that `carry` put there."""
    try:
        told = json.loads(problem.solution or "")
        steps = tuple(
            Step(str(name), str(expression), str(sentence)) for name, expression, sentence in told["steps"]
        )
        equations = tuple(map(str, told.get("equations", ())))
    except (ValueError, KeyError, TypeError) as error:
        return ParseFailure("damaged", type(error).__name__)
    return Annotation(steps, equations) if steps else ParseFailure("damaged", "no steps")
