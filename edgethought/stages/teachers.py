"""A recipe's teacher that is a model behind a server: opened for one rationale set, with its budget and its terms."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.tasks.licenses import SHIP_LICENSES, permitted
from distill.labeling.origins import text_license
from distill.teachers.chat.prompts import annotation_prompt
from distill.teachers.chat.teacher import ChatTeacher
from distill.teachers.openai.model import OpenAIModel, checked_settings
from distill.teachers.openai.settings import DECIDING
from edgethought.stages.recipe import Recipe
from runtime.values.errors import InputError


def asked(recipe: Recipe) -> dict[str, Any]:
    """How the model is asked, as far as that decides what it writes: a set goes on only under the same.

    Raises InputError where the settings do not fit together, or the model's texts may not be used as the recipe wants.
    """
    settings = checked_settings(recipe.openai)
    license = text_license(settings.model, settings.license)
    if not permitted(license, recipe.policy):
        known = text_license(settings.model, "MIT") != "MIT"
        stated = (
            "" if known else f", or (where it is so) --set openai.license={'|'.join(sorted(SHIP_LICENSES))}"
        )
        raise InputError(
            f"texts of {settings.model!r} are under {license!r}, which trains no student that is shipped; expected: "
            f"--set policy=research{stated}"
        )
    decides = settings.model_dump(mode="json", include=set(DECIDING))
    prompts = {prompt.name: prompt.sha256 for prompt in map(annotation_prompt, recipe.thoughts)}
    return {**decides, "license": license, "mixture": recipe.mixture, "prompts": prompts}


@contextmanager
def remote_teacher(
    recipe: Recipe, out: Path, tick: Callable[[], None]
) -> Iterator[tuple[ChatTeacher, OpenAIModel]]:
    """The teacher, and the model that it asks; `tick` is called now and then while a reply is waited for."""
    terms = asked(recipe)
    paid_by = sha256(f"{out.resolve()}\n{json.dumps(terms, sort_keys=True)}".encode()).hexdigest()[:16]
    with OpenAIModel(recipe.openai, paid_by, tick) as model:
        in_turn = recipe.mixture == "one"
        yield ChatTeacher(model, terms["license"], recipe.openai.samples, in_turn), model
