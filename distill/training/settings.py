"""Settings of training: each declared once, with its default, its unit and why."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from export.bases.table import known_bases
from runtime.values.prompt import Thought
from runtime.values.schema import told_of_new_names

ComputeType = Literal["bfloat16", "float32", "float16"]
# By method, for a base of which nothing is known.
USUAL_RATES = {"lora": 1e-3, "full": 3e-4}


class TrainSettings(BaseModel):
    """How a student is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    base: str = Field("smollm2-135m", description="base model's name, or a checkpoint folder")
    vocabulary: Literal["full", "trimmed"] = Field(
        "full", description="trimmed: the base first loses the tokens that the rationales do not need"
    )
    method: Literal["lora", "full"] = Field(
        "lora", description="low-rank adapters, merged at the end, or all weights"
    )
    rank: int = Field(32, ge=1, le=512, description="LoRA rank; alpha is twice the rank")
    adapter: str = Field(
        "",
        description="lora starts from this adapter's weights, in peft's layout; layers and rank are its own, another "
        "rank is refused",
    )
    quantization: Literal["none", "q4_0"] = Field(
        "none",
        description="weights are rounded before each step as that GGUF type rounds them without calibration, and "
        "gradients go straight through (arXiv 1308.3432, 2305.17888); head and embedding stay the base's",
    )
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1,
        description="peak; unless given what `base show` says of the base, else 1e-3 for lora, 3e-4 for full",
    )
    weight_decay: float = Field(0.0, ge=0, le=1, description="decoupled, on every trained weight")
    epochs: int = Field(2, ge=1, le=100, description="passes over the rationales")
    max_tokens: int = Field(
        0, ge=0, description="training ends with the step that reaches it, padding not counted; 0 is no limit"
    )
    batch_size: int = Field(16, ge=1, le=4096, description="examples an optimiser step")
    max_tokens_per_batch: int = Field(
        2048, ge=64, le=65536, description="tokens a forward pass, padding counted; fewer need less memory"
    )
    max_seq_len: int = Field(512, ge=32, le=8192, description="longer examples are left out, and counted")
    warmup_fraction: float = Field(0.06, ge=0, le=1, description="share of steps in which the rate rises")
    max_grad_norm: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")
    save_interval_s: float = Field(120.0, gt=0, description="seconds between resumable states on disk")
    seed: int = Field(0, description="data order, adapter initialisation and the student's own samples")
    threads: int = Field(0, ge=0, description="CPU threads; 0 is one a physical core")
    compute: Literal["auto", "bfloat16", "float32", "float16"] = Field(
        "auto",
        description="type that products compute in, masters stay float32; auto: bfloat16 on a GPU, on a CPU what is "
        "fastest there, and what the run began in when it goes on",
    )
    time_budget_s: float = Field(
        0.0,
        ge=0,
        description="after three steps, training is cut to what fits, eight steps at least; 0 is no limit",
    )

    thought_weights: dict[Thought, float] = Field(
        {},
        description="times an epoch visits a rationale of a thought, such as {pot: 2, cot: 0.5}; 1 unless given",
    )

    together: bool = Field(
        False,
        description="a question's rationales stand in one step, where the question is read once for all of them",
    )

    loss: Literal[
        "next_token",
        "forward_kl",
        "reverse_kl",
        "jensen_shannon",
        "skewed_forward_kl",
        "skewed_reverse_kl",
        "preference",
    ] = Field(
        "next_token",
        description="what is made small; preference learns from right and wrong samples of `distill prefer` (CPO, arXiv "
        "2401.08417), the others compare with `teacher`",
    )
    preference_beta: float = Field(
        0.1, gt=0, le=100, description="preference: how fast a pair that is told apart stops to count"
    )
    preference_imitation: float = Field(
        1.0,
        ge=0,
        description="preference: weight of the right samples' own next-token loss (arXiv 2404.19733)",
    )
    teacher: str = Field(
        "",
        description="a base's name or a checkpoint folder, for its logits; where its tokens are not the student's, the "
        "two are compared at the places of a text where tokens of both end",
    )
    teacher_shots: int = Field(
        0,
        ge=0,
        le=5,
        description="worked examples before what the teacher reads, if it never saw such prompts",
    )
    teacher_weight: float = Field(
        1.0, gt=0, le=1, description="share of the comparison with the teacher; the rest is next_token"
    )
    temperature: float = Field(1.0, gt=0, le=100, description="softens both distributions before comparing")
    beta: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="jensen_shannon: weight of the teacher; skewed: one's own share (DistiLLM: 0.1)",
    )
    lmbda: float = Field(
        0.0, ge=0, le=1, description="share of steps on the student's own samples (GKD's lambda)"
    )
    sample_tokens: int = Field(192, ge=1, le=4096, description="longest of the student's own samples")
    sample_temperature: float = Field(1.0, gt=0, le=10, description="of the student's own samples")

    snapshot_steps: int = Field(
        0, ge=0, description="steps between snapshots of the weights, to measure and average; 0 is none"
    )
    dev_problems: int = Field(
        0, ge=0, description="dev problems that each snapshot answers as an artifact; 0 is none"
    )
    dev_task: str = Field("gsm8k", description="the task whose dev split they are from")
    dev_target: str = Field(
        "",
        description="the artifact that answers; gguf:q4_0, or onnx:int8 for an encoder-decoder, unless given; "
        "checkpoint: the weights as they are",
    )
    dev_patience: int = Field(
        0, ge=0, description="snapshots without a better dev accuracy before training stops; 0 is never"
    )
    average: Literal["none", "last", "ema"] = Field(
        "none",
        description="weights averaged over the last snapshots, or a moving average over steps; where dev accuracy "
        "is measured, used only if it is no worse",
    )
    average_last: int = Field(5, ge=2, le=100, description="snapshots in average: last")
    ema_decay: float = Field(0.999, gt=0, lt=1, description="what average: ema keeps of itself a step")

    @model_validator(mode="before")
    @classmethod
    def _told_of_new_names(cls, values: Any) -> Any:
        return told_of_new_names(values, cls.model_fields, "train.")

    @model_validator(mode="before")
    @classmethod
    def _with_learning_rate(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "learning_rate" in values:
            return values
        base, method = (str(values.get(name, cls.model_fields[name].default)) for name in ("base", "method"))
        known = known_bases()[base].learning_rates if base in known_bases() else {}
        rate = known.get(method, USUAL_RATES.get(method))
        return {**values, "learning_rate": rate} if rate else values

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.adapter and self.method != "lora":
            raise ValueError(f"adapter with method {self.method}; expected: method=lora")
        needs_teacher = self.loss not in ("next_token", "preference")
        if needs_teacher != bool(self.teacher):
            raise ValueError(
                f"loss {self.loss} {'needs a teacher' if needs_teacher else 'uses no teacher'}; expected: "
                "next_token or preference alone, or another loss with teacher=CHECKPOINT"
            )
        if self.teacher_shots and not needs_teacher:
            raise ValueError(
                "teacher_shots without a teacher; expected: teacher=CHECKPOINT, or teacher_shots=0"
            )
        if self.lmbda and not needs_teacher:
            raise ValueError(
                "lmbda needs a teacher to score the samples; expected: a loss that compares with one"
            )
        if (self.dev_problems or self.average == "last") and not self.snapshot_steps:
            raise ValueError(
                "dev_problems and average=last need snapshots; expected: snapshot_steps of 1 or more"
            )
        if self.dev_patience and not self.dev_problems:
            raise ValueError("dev_patience needs dev_problems; expected: dev_problems of 1 or more")
        if any(weight < 0 for weight in self.thought_weights.values()):
            raise ValueError("thought_weights below 0; expected: 0 or more")
        return self
