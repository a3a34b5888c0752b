"""How problems are rewritten, as a recipe sets it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from distill.teachers.symbolic.variants import KINDS, Kind


class SymbolicSettings(BaseModel):
    """What the symbolic teacher makes of each problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: tuple[Kind, ...] = Field(
        KINDS,
        min_length=1,
        description="rewritings: `similar` (other numbers, people, things), `harder` (one more step), `distract` "
        "(a sentence that does not matter), `reorder` (another order), `backward` (a given number is asked for)",
    )
    variants: int = Field(1, ge=1, le=100, description="new problems of each kind for each problem")
    seed: int = Field(0, description="which numbers, people and sentences are drawn")

    @field_validator("kinds", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("kinds")
    @classmethod
    def _once(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a kind is named twice; expected: each once")
        return value
