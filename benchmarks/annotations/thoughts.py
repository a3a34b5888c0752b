"""How an annotation is spelled as each thought."""

from collections.abc import Callable

from benchmarks.annotations.annotation import Annotation
from runtime.values.prompt import Thought


def write_eot(annotation: Annotation, answer: str) -> str:
    """One equation a line, the last for `ans`."""
    return "\n".join(annotation.equations) or write_pot(annotation, answer)


def write_pot(annotation: Annotation, answer: str) -> str:
    """One assignment a step; its expression is Python as it is."""
    return "\n".join(f"{step.name} = {step.expression}" for step in annotation.steps)


def write_cot(annotation: Annotation, answer: str) -> str:
    """The annotation's own sentences, then the answer phrase."""
    return "\n".join(
        [*(step.sentence for step in annotation.steps if step.sentence), f"The answer is {answer}."]
    )


WRITERS: dict[Thought, Callable[[Annotation, str], str]] = {
    "eot": write_eot,
    "pot": write_pot,
    "cot": write_cot,
}
