"""Recipes: a published method, or our own quickstart, as settings read from YAML and changed with `--set`."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from distill.labeling.settings import ReplaySettings
from distill.recipes.agree.settings import AgreeSettings
from distill.recipes.rounds import LOSSES, RoundSettings
from distill.teachers.local import settings as local
from distill.teachers.local.settings import LocalSettings
from distill.teachers.openai.settings import DECIDING, OpenAISettings
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.training.settings import TrainSettings
from runtime.values.errors import InputError
from runtime.values.prompt import Thought
from runtime.values.schema import told_of_new_names

FOLDER = Path(__file__).parents[1] / "recipes"
# Settings that are groups of others.
GROUPS = ("replay", "symbolic", "openai", "local", "agree", "train", "score")
# What pydantic says, and what it means to somebody who writes YAML.
PLAIN_WORDS = {
    "Input should be a valid tuple": "expected: a list",
    "Input should be a valid dictionary or instance of": "expected: settings of",
    "Input should be a valid dictionary": "expected: settings",
    "Input should be": "expected:",
    "Field required": "is missing; expected: a value",
}
# What `sources` take the place of.
OF_ONE_SOURCE = {"data", "limit", "mixture", "teacher", "replay", "symbolic"}

ARMS = "KEY=A|B, or a YAML file of names, each with its settings"


class ScoreSettings(BaseModel):
    """What is scored, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tasks: tuple[str, ...] = Field(
        ("gsm8k",), description="tasks; `stories` are templates that training never saw"
    )
    split: Literal["dev", "test"] = Field(
        "test", description="dev for choices on the way, test for what is reported"
    )
    limit: int = Field(200, ge=0, description="problems a task, a seeded sample; 0 is all of them")
    mode: Literal["single", "fallback"] = Field(
        "single", description="one thought, or pot, eot, cot until one solves"
    )
    baselines: tuple[Literal["few-shot", "chat"], ...] = Field(
        ("few-shot", "chat"),
        description="how the untouched base is asked: worked examples in our format, its own chat markup",
    )
    chat_limit: int = Field(100, ge=0, description="problems for the slow chat baseline; 0 is all")
    time_budget_s: float = Field(
        0.0,
        ge=0,
        description="limits are cut, by the time of a few answers, to what fits into these seconds; 0 is no limit",
    )


class SourceSettings(BaseModel):
    """One source of a recipe that has several: as the recipe's own settings of these names."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    data: str = Field(description="training problems, or where the rationales are stored")
    limit: int = Field(0, ge=0, description="training problems to use, a seeded sample; 0 is all of them")
    thoughts: tuple[Thought, ...] = Field(
        (), description="what is learned from this source; the recipe's unless given"
    )
    mixture: Literal["every", "one"] = Field(
        "every", description="thoughts a problem: every one, or one in turn"
    )
    teacher: Literal["gold", "replay", "symbolic", "local"] = Field(
        "gold", description="who writes the rationales"
    )
    replay: ReplaySettings = Field(ReplaySettings(), description="how stored rationales spell what we need")
    symbolic: SymbolicSettings = Field(SymbolicSettings(), description="how problems are rewritten")

    @model_validator(mode="after")
    def _for_its_teacher(self) -> Self:
        for name in ("replay", "symbolic"):
            if name in self.model_fields_set and self.teacher != name:
                raise ValueError(f"{name} beside teacher {self.teacher}; expected: teacher: {name}")
        return self


class Recipe(BaseModel):
    """Everything that decides what a run does."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    summary: str = Field(description="what it is, in a line")
    data: str = Field(
        "gsm8k",
        description="training problems: a task, `stories`, or a JSONL file; for replay, where the rationales are stored",
    )
    sources: tuple[SourceSettings, ...] = Field(
        (),
        description="several sources in place of data, limit, mixture, teacher and replay; repeats are dropped",
    )
    limit: int = Field(0, ge=0, description="training problems to use, a seeded sample; 0 is all of them")
    share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of the training problems (of every source) to use, a seeded sample: to try a recipe out",
    )
    thoughts: tuple[Thought, ...] = Field(
        ("eot",), min_length=1, description="what the student learns to write"
    )
    mixture: Literal["every", "one"] = Field(
        "every", description="thoughts a problem: every one, or one in turn"
    )
    teacher: Literal["gold", "replay", "symbolic", "openai", "local"] = Field(
        "gold",
        description="who writes the rationales: the data set's own annotations, stored rationales as they are, the "
        "symbolic rewriter (new problems made of those of the data), a model behind an OpenAI-compatible server, or a "
        "GGUF model on this machine",
    )
    policy: Literal["ship", "research"] = Field(
        "ship", description="which data licences may train this student"
    )
    near_duplicates: Literal["drop", "keep"] = Field(
        "drop",
        description="training problems that are a test question of their own benchmark with other numbers; "
        "a student that keeps them is marked",
    )
    targets: str = Field("gguf:q4_0,onnx:int4", description="artifacts to export")
    seed: int = Field(0, description="which problems are drawn, and in what order")
    replay: ReplaySettings = Field(ReplaySettings(), description="how stored rationales spell what we need")
    symbolic: SymbolicSettings = Field(SymbolicSettings(), description="how problems are rewritten")
    openai: OpenAISettings = Field(OpenAISettings(), description="how a model behind a server is asked")
    local: LocalSettings = Field(LocalSettings(), description="how a GGUF model on this machine is asked")
    agree: AgreeSettings = Field(AgreeSettings(), description="how samples must agree on an answer")
    train: TrainSettings = Field(TrainSettings(), description="how the student is trained")
    rounds: tuple[RoundSettings, ...] = Field(
        (), description="rounds after that, in which it learns from its own samples, one after the other"
    )
    round_dev: int = Field(
        0,
        ge=0,
        description="problems of train.dev_task that the student answers before and after each round: one that is no "
        "better is put aside, and no round follows; 0 is none",
    )
    score: ScoreSettings = Field(
        default_factory=ScoreSettings, description="what the artifacts are scored on"
    )

    @model_validator(mode="before")
    @classmethod
    def _told_of_new_names(cls, values: Any) -> Any:
        return told_of_new_names(values, cls.model_fields)

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        both = OF_ONE_SOURCE & self.model_fields_set if self.sources else set()
        if both:
            raise ValueError(f"sources beside {', '.join(sorted(both))}; expected: one or the other")
        for number, one in enumerate(self.rounds):
            try:
                self.trained_in(one)
            except ValidationError as error:
                raise ValueError(told(error, f"rounds.{number}.train")) from error
        return self

    def trained_in(self, one: RoundSettings, **others: Any) -> TrainSettings:
        """How a student is trained in a round: as before, but for what the round says and `others`."""
        # A rank that nobody set is that of the adapter.
        given = self.train.model_dump(exclude_unset=True)
        return TrainSettings.model_validate({**given, **LOSSES.get(one.method, {}), **one.train, **others})

    def parts(self) -> list["Recipe"]:
        """A recipe for each of several sources, which differs from this one in nothing else."""
        own = self.model_dump(exclude={"sources", *OF_ONE_SOURCE})
        return [
            Recipe.model_validate(
                {**own, **source.model_dump(), "thoughts": source.thoughts or self.thoughts}
            )
            for source in self.sources
        ]

    def deciding(self) -> dict[str, Any]:
        """The settings that decide what a run makes, as JSON has them: a server's speed, money and places do not."""
        settings = self.model_dump(mode="json", exclude={"openai", "local", "agree"})
        if not self.rounds:
            del settings["rounds"], settings["round_dev"]
        for one in settings.get("rounds", ()):
            for name in () if one["method"] == "fdd" else ("writer", "variants", "solved"):
                del one[name]
        for part in (settings, *settings["sources"]):
            if part["teacher"] != "symbolic":
                del part["symbolic"]
        teachers = {self.teacher, *(source.teacher for source in self.sources)}
        if "openai" in teachers:
            settings["openai"] = self.openai.model_dump(mode="json", include=set(DECIDING))
        if "local" in teachers:
            settings["local"] = self.local.model_dump(mode="json", include={"model", *local.DECIDING})
        return settings


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe by name, or a YAML file, with `key=value` changes; raises InputError saying what is allowed."""
    values = _read_values(name)
    for change in changes:
        _apply(values, change)
    return _validated(values)


def read_arms(name: str, changes: Sequence[str], vary: str) -> dict[str, Recipe]:
    """The recipes of an ablation by name: one recipe with one thing changed at a time.

    `vary` is `KEY=A|B|C`, a setting with its values, or a YAML file of arms: a name, and the settings that are others
    there. Raises InputError for fewer than two arms, and for a change of what every arm says itself.
    """
    if vary.endswith((".yaml", ".yml")):
        arms = {arm: settings or {} for arm, settings in read_settings(Path(vary), ARMS).items()}
    else:
        key, _, values = vary.partition("=")
        names = [value.strip() for value in values.split("|")]
        if len(set(names)) < len(names):
            raise InputError(f"{vary[:80]!r} names two arms alike; expected: others")
        arms = {value: {key.strip(): _parsed(value)} for value in names}
    if odd := [arm for arm, settings in arms.items() if not isinstance(settings, dict)]:
        raise InputError(
            f"{vary[:80]!r}: arm {odd[0]!r} is {arms[odd[0]]!r}; expected: settings below its name, or {{}}"
        )
    if len(arms) < 2:
        raise InputError(
            f"{vary[:80]!r} has {len(arms)} arm{'s' * (len(arms) != 1)}; expected: two at least, {ARMS}"
        )
    _check_changes(changes, arms)
    recipes = {
        _plain(str(arm)): _recipe_of(name, changes, settings, str(arm)) for arm, settings in arms.items()
    }
    if len(recipes) < len(arms):
        raise InputError(f"{vary[:80]!r} names two arms alike; expected: others")
    return recipes


def _check_changes(changes: Sequence[str], arms: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise InputError for a change that no arm would ever show."""
    for change in changes:
        key = change.partition("=")[0].strip()
        if all(_says(settings, key) for settings in arms.values()):
            raise InputError(f"--set {change[:60]} is what the arms vary; expected: it in one place alone")


def _says(settings: Mapping[str, Any], key: str) -> bool:
    """Whether an arm's settings say this key, as `train.epochs` or as `train` with `epochs` below it."""
    group, _, inner = key.partition(".")
    below = settings.get(group)
    return key in settings or (bool(inner) and isinstance(below, dict) and inner in below)


def _plain(arm: str) -> str:
    """An arm's name as a folder's."""
    return re.sub(r"[^\w.,+-]+", "-", arm).strip("-.") or "none"


def _recipe_of(name: str, changes: Sequence[str], settings: Mapping[str, Any], arm: str) -> Recipe:
    values = _read_values(name)
    for change in changes:
        _apply(values, change)
    for key, value in settings.items():
        if key in GROUPS and isinstance(value, dict):
            for inner, one in value.items():
                _put(values, f"{key}.{inner}", one)
        else:
            _put(values, str(key), value)
    try:
        return _validated(values)
    except InputError as error:
        raise InputError(f"arm {arm!r}: {error}") from error


def _read_values(name: str) -> dict[str, Any]:
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if path.parent != FOLDER and not path.exists():
        raise InputError(
            f"recipe {name!r} is not there; expected: a .yaml file, or {', '.join(recipe_names())}"
        )
    if not path.is_file() or (path.parent == FOLDER and path.stem not in recipe_names()):
        raise InputError(f"recipe {name!r}; expected: {', '.join(recipe_names())}, or a .yaml file")
    return read_settings(path)


def read_settings(path: Path, expected: str = ", ".join(Recipe.model_fields)) -> dict[str, Any]:
    """The settings of a YAML file, by name; raises InputError, which says what was `expected`, where it holds none."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); expected: a .yaml file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} is no YAML ({' '.join(str(error).split())[:120]}); expected: settings, a line each"
        ) from error
    if not isinstance(values, dict):
        raise InputError(f"{path} holds no settings; expected: {expected}")
    return values


def source_recipe(name: str, source: str, teacher: str, changes: Sequence[str]) -> Recipe:
    """A recipe turned to one source and its teacher, in every thought; `changes` go before that."""
    return read_recipe(name, [f"data={source}", f"teacher={teacher}", "thoughts=eot,pot,cot", *changes])


def _apply(values: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {change[:60]!r}; expected: key=value, such as limit=200 or train.epochs=2")
    _put(values, key, _parsed(text))


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    """Put a value at a key such as `train.epochs` or `limit`."""
    *path, last = key.strip().split(".")
    place = values
    for name in path:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            raise InputError(f"--set {key}: {name} has no settings below it; expected: {name}=VALUE")
    place[last] = value


def _parsed(text: str) -> Any:
    """A value as YAML reads it, `a,b` as a list where it is one word after another; nothing is the empty text."""
    if not text.strip():
        return ""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _validated(values: dict[str, Any]) -> Recipe:
    for key in ("thoughts",):
        if isinstance(values.get(key), str):
            values[key] = values[key].split(",")
    agree = values.get("agree")
    if isinstance(agree, dict) and isinstance(agree.get("thoughts"), str):
        agree["thoughts"] = agree["thoughts"].split(",")
    score = values.get("score")
    for key in ("tasks", "baselines"):
        if isinstance(score, dict) and isinstance(score.get(key), str):
            score[key] = [word for word in score[key].split(",") if word]
    try:
        return Recipe(**values)
    except ValidationError as error:
        raise InputError(told(error)) from error


def told(error: ValidationError, inside: str = "") -> str:
    """The first fault of settings, in one line: which setting, what was given, what is expected."""
    first = error.errors()[0]
    key = ".".join([*([inside] if inside else []), *map(str, first["loc"])])
    # Where settings do not fit together, the input is all of them; the message names those that matter.
    given = "" if isinstance(first["input"], dict) else f" = {first['input']!r}"
    if first["type"] == "extra_forbidden":
        return f"setting {key}{given} is none; expected: {_nearest_settings(key)}"
    message = first["msg"].removeprefix("Value error, ")
    if message.startswith("setting "):
        return message
    for theirs, ours in PLAIN_WORDS.items():
        message = message.replace(theirs, ours)
    return f"setting {key}{given}: {message}" if key else message


def _nearest_settings(wrong: str) -> str:
    """Names of settings that somebody may have meant, else those that there are beside the wrong one."""
    wrong = re.sub(r"^rounds\.\d+\.train\.", "train.", wrong)
    wrong = re.sub(r"\.\d+(?=\.)", "", wrong)
    models = {"": Recipe, **{name: Recipe.model_fields[name].annotation for name in GROUPS}}
    models |= {"sources": SourceSettings, "rounds": RoundSettings}
    names = [
        f"{group}.{name}".lstrip(".")
        for group, model in models.items()
        for name in getattr(model, "model_fields", {})
        if name not in GROUPS
    ]
    beside = [name for name in names if name.rpartition(".")[0] == wrong.rpartition(".")[0]]
    groups = [] if "." in wrong else [f"{group}.…" for group in GROUPS]
    # Of a wrong group, or none, the last word may still be right: `rank` for `train.rank`.
    meant = [name for name in names if name.rpartition(".")[2] == wrong.rpartition(".")[2]]
    near = meant or get_close_matches(wrong, names, cutoff=0.7)
    return f"{', '.join(near)}, …" if near and not meant else ", ".join(near or beside + groups or names)
