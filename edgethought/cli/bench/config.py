"""A whole bench as settings: what `--config FILE.yaml` holds, and what the options of the command line change in it."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from benchmarks.scoring.job import BenchSettings
from edgethought.stages.recipe import read_settings, told
from runtime.answering.modes import DEFAULT_SAMPLES, Mode
from runtime.values.answers import Tolerance
from runtime.values.errors import InputError
from runtime.values.prompt import Thought


class BenchConfig(BaseModel):
    """Everything that decides what a bench asks. Names are those of `bench`'s options, `-` written as `_`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    models: tuple[str, ...] = Field(
        (), description="artifact folders, students, GGUF files, PATH@MODE; the default model unless given"
    )
    tasks: str = Field("gsm8k", description="tasks, a list or with commas between")
    limit: int | None = Field(None, description="problems a task, a seeded sample; all unless given")
    out: Path = Field(Path("runs/bench"), description="folder for report and log")
    thought: Thought | None = Field(None, description="the artifact's default unless given")
    mode: Mode = Field("single", description="how a student answers")
    samples: int | None = Field(None, description="thoughts a question with vote, adaptive or best_of")
    grammar: bool = Field(False, description="students write only what the thought's grammar admits")
    seed: int = Field(0, description="of everything that is drawn")
    threads: int | None = Field(None, description="CPU threads; one a physical core unless given")
    profile: str = Field("none", description="device profiles to hold each model to, with commas between")
    deadline_ms: float | None = Field(None, description="answer each question within this many milliseconds")
    tolerance: Tolerance = Field("exact", description="paper: within 0.001")
    fields: str | None = Field(None, description="how the rows of a file spell ours")
    prompt_mode: str | None = Field(None, description="how a model is asked; as suits it unless given")
    examples: str = Field("stories", description="few-shot: where worked examples are from")
    shots: int = Field(4, description="few-shot: how many worked examples")
    streams: int = Field(1, description="problems answered at a time")
    max_tokens: int | None = Field(None, description="room for an answer in all ways of asking but student")
    endpoint: str | None = Field(None, description="an OpenAI-compatible address to score a model behind")
    model: str | None = Field(None, description="the endpoint's model")
    api_key_env: str | None = Field(None, description="the environment variable with the endpoint's key")
    request: tuple[str, ...] = Field((), description="further fields of every request, NAME=VALUE")
    exclude_near_duplicates: bool = Field(
        False, description="also score without test questions that training resembles"
    )
    seeds: bool = Field(False, description="artifacts of one name differ by training seed")

    @field_validator("tasks", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, list | tuple) else value

    def settings(self) -> BenchSettings:
        """How models are asked; raises InputError where that does not fit together, MissingExtra without a grammar."""
        from edgethought.cli.solve import checked_grammar, checked_samples

        return BenchSettings(
            limit=self.limit,
            seed=self.seed,
            thought=self.thought,
            threads=self.threads,
            deadline_ms=self.deadline_ms,
            tolerance=self.tolerance,
            mode=self.mode,
            max_tokens=self.max_tokens,
            samples=checked_samples(self.samples, self.mode) or DEFAULT_SAMPLES,
            streams=self.streams,
            grammar=checked_grammar(self.grammar),
        )


def bench_config(file: Path | None, given: Mapping[str, Any]) -> BenchConfig:
    """The settings of a file, if any, with those `given` on the command line in their place; raises InputError."""
    names = list(BenchConfig.model_fields)
    values = {**(read_settings(file, ", ".join(names)) if file else {}), **given}
    for name in values:
        if name not in names:
            near = get_close_matches(str(name), names, cutoff=0.6) or names
            raise InputError(f"setting {name} is none of bench's; expected: {', '.join(near)}")
    try:
        return BenchConfig(**values)
    except ValidationError as error:
        raise InputError(told(error)) from error
