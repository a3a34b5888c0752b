"""What a run learns from: rationales as examples, in the order of its steps, and the hash of it all."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from distill.training.checkpoints.card import checkpoint_card
from distill.training.examples import Example, by_prompt, check_spelling, tokenize
from distill.training.losses.reading import TeacherPlan, plan_teacher
from distill.training.mixture import Plan, plan_run
from distill.training.settings import TrainSettings
from export.adapters.adapter import Adapter, read_adapter
from export.checkpoint import CheckpointCard, checkpoint_sha256, is_encoder_decoder, load_tokenizer
from export.tokenizer import end_token
from runtime.values.errors import InputError
from runtime.values.rationale import Rationale

# Settings that change no update, or that calibration keeps by itself, and places whose contents are hashed: a run may go
# on with others.
FREE = {"save_interval_s", "threads", "compute", "base", "adapter", "teacher", "teacher_shots"}


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """The micro-batches of every step, with what they were made of.

    `kept` are the examples short enough; `teacher` is None for next-token. `adapter_sha256` is of the weights that LoRA
    starts from, empty where it starts anew.
    """

    base: Path
    teacher: TeacherPlan | None
    rows: tuple[Rationale, ...]
    kept: tuple[Example, ...]
    steps: Plan
    sha256: str
    card: CheckpointCard
    end_token: int
    adapter_sha256: str = ""


def make_training_plan(
    rationales: Iterable[Rationale], base: Path, settings: TrainSettings, near_duplicates: Sequence[str]
) -> TrainingPlan:
    """Tokenise and plan; raises InputError when there is nothing to learn from, or the teacher has other tokens."""
    rows = tuple(rationales)
    end, tokenizer = end_token(base), load_tokenizer(base)
    if is_encoder_decoder(base):
        # Any tokenizer may come with these, and SentencePiece has no line break: it would be lost without a word.
        check_spelling(rows, tokenizer)
    examples = list(tokenize(rows, tokenizer, end))
    fitting = [len(example.ids) <= settings.max_seq_len for example in examples]
    kept, learned = tuple(compress(examples, fitting)), list(compress(rows, fitting))
    questions = [row.problem.question for row in learned]
    plan = plan_run(kept, [row.thought for row in learned], settings, questions)
    if not plan:
        raise InputError(_nothing_to_learn(len(rows), settings))
    if settings.loss == "preference" and not any(_both_kinds(kept, places) for places in by_prompt(kept)):
        raise InputError(
            "train.loss preference with no prompt that has right and wrong rationales; expected: what `distill prefer` "
            "makes of samples"
        )
    teacher = None
    if settings.teacher:
        teacher = plan_teacher(settings.teacher, base, learned, kept, settings.teacher_shots)
    first = first_adapter(settings)
    adapter = first.sha256 if first else ""
    digest = _plan_sha256(plan, settings, base, teacher, adapter)
    card = checkpoint_card(rows, kept, base, near_duplicates, settings)
    return TrainingPlan(base, teacher, rows, kept, plan, digest, card, end, adapter)


def _both_kinds(examples: Sequence[Example], places: Iterable[int]) -> bool:
    return len({examples[place].right for place in places}) == 2


def _nothing_to_learn(given: int, settings: TrainSettings) -> str:
    if not given:
        return "the set has no rationale to train on; expected: one at least, see its dropped.jsonl"
    return (
        f"none of {given} rationales can be trained on; expected: one of at most {settings.max_seq_len} tokens "
        "(train.max_seq_len), of a thought whose weight is not 0"
    )


def first_adapter(settings: TrainSettings) -> Adapter | None:
    """The adapter that LoRA starts from; None where it starts anew.

    Raises InputError for a folder that is none, and for a rank that was set to another than its own.
    """
    if not settings.adapter:
        return None
    adapter = read_adapter(Path(settings.adapter))
    if "rank" in settings.model_fields_set and settings.rank != adapter.rank:
        raise InputError(
            f"train.rank {settings.rank} with train.adapter {settings.adapter}, whose rank is {adapter.rank}; expected: "
            f"train.rank={adapter.rank}, or no adapter"
        )
    return adapter


def _plan_sha256(
    plan: Plan, settings: TrainSettings, base: Path, teacher: TeacherPlan | None, adapter: str
) -> str:
    """What a saved state must agree with: batches, settings that change an update, base, teacher and first adapter."""
    digest = hashlib.sha256((settings.model_dump_json(exclude=FREE) + adapter).encode())
    for checkpoint in [base, *([teacher.folder] if teacher else [])]:
        digest.update(checkpoint_sha256(checkpoint).encode())
    if teacher and teacher.reading:
        digest.update(repr((teacher.reading.shown, teacher.reading.end)).encode())
    for step in plan:
        # Right ones as ever, so that a run of before goes on.
        told = [
            example.ids if example.right else (False, *example.ids) for micro in step for example in micro
        ]
        digest.update(repr(told).encode())
    return digest.hexdigest()
