"""Settings of stored rationales: each declared once, with its default and why."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from runtime.values.prompt import Thought
from runtime.values.schema import told_of_new_names


class ReplaySettings(BaseModel):
    """How stored rationales spell what we need: names of fields, and what to take where no field says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field("question", description="field of the question")
    answer: str = Field("answer", description="field of the gold answer, a number or text ending `#### 72`")
    text: str = Field("", description="field of the rationale's text; `rationale` or `text` unless given")
    thought: Thought | Literal[""] = Field(
        "", description="what every text is; the field `thought` unless given"
    )
    teacher: str = Field("", description="who wrote every text; the field `teacher` unless given")
    license: str = Field(
        "", description="licence of texts whose row states none; a model's own terms go before it"
    )
    only: str = Field("", description="field that must be true; rows in which it is not are left out")
    config: str = Field("", description="configuration of a data set of the hub")
    split: str = Field("train", description="split of a data set of the hub")

    @model_validator(mode="before")
    @classmethod
    def _told_of_new_names(cls, values: Any) -> Any:
        return told_of_new_names(values, cls.model_fields, "replay.")
