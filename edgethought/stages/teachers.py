"""A recipe's teacher that is a model to be asked: opened for one rationale set, with its terms, and its budget if any."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.tasks.licenses import SHIP_LICENSES, UNSTATED, permitted
from distill.labeling.origins import text_license
from distill.teachers.chat.model import StoredModel
from distill.teachers.chat.prompts import annotation_prompt
from distill.teachers.chat.teacher import ChatTeacher
from distill.teachers.local import settings as local
from distill.teachers.openai import settings as openai
from edgethought.stages.recipe import Recipe
from runtime.values.errors import InputError

# Teachers that are models to be asked.
CHAT_TEACHERS = ("openai", "local")


def asked(recipe: Recipe) -> dict[str, Any]:
    """How the model is asked, as far as that decides what it writes: a set goes on only under the same.

    Raises InputError where the settings do not fit together, or the model's texts may not be used as the recipe wants.
    """
    decides, name, stated, hint = _ASKED[recipe.teacher](recipe)
    license = text_license(name, stated)
    if not permitted(license, recipe.policy):
        known = text_license(name, "MIT") != "MIT"
        setting = f"--set {recipe.teacher}.license={'|'.join(sorted(SHIP_LICENSES))}"
        stated = "" if known else f", or (where it is so) {setting}{hint}"
        raise InputError(
            f"texts of {name!r} are under {license!r}, which trains no student that is shipped; expected: "
            f"--set policy=research{stated}"
        )
    prompts = {prompt.name: prompt.sha256 for prompt in map(annotation_prompt, recipe.thoughts)}
    return {**decides, "license": license, "mixture": recipe.mixture, "prompts": prompts}


# What decides the texts, the model's name, the license that is stated for them, and what else the user may want to know.
Asked = tuple[dict[str, Any], str, str, str]


def _openai_asked(recipe: Recipe) -> Asked:
    from distill.teachers.openai.model import checked_settings

    settings = checked_settings(recipe.openai)
    decides = settings.model_dump(mode="json", include=set(openai.DECIDING))
    return decides, settings.model, settings.license, ""


def _local_asked(recipe: Recipe) -> Asked:
    from distill.teachers.local.engines import chosen_engine
    from distill.teachers.local.files import find_model
    from distill.teachers.local.model import checked_settings

    settings = checked_settings(recipe.local)
    file = find_model(settings)
    decides = settings.model_dump(mode="json", include=set(local.DECIDING))
    hint = f" (the file says {file.says!r})" if file.says not in ("", UNSTATED) else ""
    decides["engine"] = chosen_engine(settings, file)
    return {"model": file.name, "sha256": file.sha256, **decides}, file.named, file.license, hint


_ASKED: dict[str, Callable[[Recipe], Asked]] = {"openai": _openai_asked, "local": _local_asked}


@contextmanager
def remote_teacher(
    recipe: Recipe, out: Path, tick: Callable[[], None]
) -> Iterator[tuple[ChatTeacher, StoredModel]]:
    """The teacher, and the model that it asks; `tick` is called now and then while a reply is waited for."""
    terms = asked(recipe)
    paid_by = sha256(f"{out.resolve()}\n{json.dumps(terms, sort_keys=True)}".encode()).hexdigest()[:16]
    with _opened(recipe, paid_by, tick) as model:
        in_turn = recipe.mixture == "one"
        yield ChatTeacher(model, terms["license"], terms["samples"], in_turn), model


def _opened(recipe: Recipe, run: str, tick: Callable[[], None]) -> AbstractContextManager[StoredModel]:
    if recipe.teacher == "local":
        from distill.teachers.local.model import LocalModel

        return LocalModel(recipe.local, run, tick)
    from distill.teachers.openai.model import OpenAIModel

    return OpenAIModel(recipe.openai, run, tick)
