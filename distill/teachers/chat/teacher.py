"""The chat teacher: asks a model for thoughts, new problems and notes, and reads its replies. Verifies nothing."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from benchmarks.tasks.overlap import loose_key
from distill.teachers import Note, NoteKind, Variant, VariantKind
from distill.teachers.chat.model import ChatModel, ChatRequest, Reply
from distill.teachers.chat.prompts import Prompt, annotation_prompt, read_prompt
from distill.teachers.chat.reading import complete_text, json_reply, other_language, thought_text
from distill.teachers.round_robin import thought_in_turn
from runtime.values.problem import Problem
from runtime.values.prompt import Thought, tidy_question
from runtime.values.rationale import Declined, Rationale

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class ChatTeacher:
    """A teacher over any chat model. `license` is what its texts are under; `samples` how often each thing is asked.

    With `in_turn` a problem is annotated with one of the thoughts asked for.
    """

    model: ChatModel
    license: str
    samples: int = 1
    in_turn: bool = False

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def ahead(self) -> int:
        """As many problems as the model wants requests."""
        return max(1, self.model.ahead // self.samples)

    def begin(self, problem: Problem, thoughts: Sequence[Thought]) -> None:
        """Send for what `annotate` will be asked for."""
        for _, request in self._annotations(problem, thoughts):
            self.model.send(request)

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """As many rationales of each thought as there are samples, or why one is none."""
        for thought, request in self._annotations(problem, thoughts):
            yield self._rationale(problem, thought, request)

    def _rationale(self, problem: Problem, thought: Thought, request: ChatRequest) -> Rationale | Declined:
        reply = self.model.reply(request)
        if isinstance(reply, Declined):
            return replace(reply, thought=thought)
        text = thought_text(reply, thought)
        if isinstance(text, Declined):
            return replace(text, thought=thought)
        return Rationale(
            problem,
            thought,
            text,
            self.name,
            source=self.model.source,
            license=self.license,
            provenance=_provenance(request.prompt, reply),
        )

    def _annotations(
        self, problem: Problem, thoughts: Sequence[Thought]
    ) -> Iterator[tuple[Thought, ChatRequest]]:
        for thought in [thought_in_turn(problem, thoughts)] if self.in_turn else thoughts:
            for sample in range(self.samples):
                yield thought, ChatRequest(annotation_prompt(thought), problem.question, sample)

    def declined(self, problem: Problem) -> str:
        """Every reply that is none says why; this is what is left."""
        return "no_reply"

    def harder(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems that need more steps."""
        return self._variants("harder", problem)

    def similar(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems of like reasoning with other things and numbers."""
        return self._variants("similar", problem)

    def rephrase(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem in other words; the answer stays."""
        return self._variants("rephrase", problem)

    def distract(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem with a sentence that has nothing to do with it; the answer stays."""
        return self._variants("distract", problem)

    def begin_writing(self, task: str, problem: Problem) -> None:
        """Send for what the method of this name will be asked for."""
        for request in self._requests(read_prompt(task), problem):
            self.model.send(request)

    def _variants(self, kind: VariantKind, parent: Problem) -> Iterator[Variant | Declined]:
        numbers = count(1)
        for prompt, reply in self._replies(kind, parent):
            row = _json(reply, prompt)
            if isinstance(row, Declined):
                yield row
                continue
            for question in map(tidy_question, row["questions"]):
                if fault := _unfit(kind, question, parent):
                    yield Declined(fault, question[:200])
                else:
                    problem = self._new(kind, question, parent, next(numbers))
                    yield Variant(kind, problem, parent, self.name, _provenance(prompt, reply))

    def _new(self, kind: VariantKind, question: str, parent: Problem, number: int) -> Problem:
        return Problem(
            id=f"{parent.id}/{kind}{number}",
            question=question,
            answer=parent.answer if kind in SAME_ANSWER else None,
            source=self.model.source,
            license=self.license,
        )

    def key_points(self, problem: Problem) -> Iterator[Note | Declined]:
        """The core question, then the information that it needs."""
        return self._notes("key_points", problem)

    def sub_questions(self, problem: Problem) -> Iterator[Note | Declined]:
        """The questions on the way, each with its answer."""
        return self._notes("sub_questions", problem)

    def guidance(self, problem: Problem) -> Iterator[Note | Declined]:
        """How to understand and take apart the problem, with no calculation."""
        return self._notes("guidance", problem)

    def _notes(self, kind: NoteKind, problem: Problem) -> Iterator[Note | Declined]:
        for prompt, reply in self._replies(kind, problem):
            said = READERS[kind](reply, prompt)
            if isinstance(said, Declined):
                yield said
            else:
                lines, answers = said
                provenance = _provenance(prompt, reply)
                yield Note(kind, problem, lines, self.name, answers, self.license, provenance)

    def _replies(self, task: str, problem: Problem) -> Iterator[tuple[Prompt, Reply | Declined]]:
        prompt = read_prompt(task)
        self.begin_writing(task, problem)
        for request in self._requests(prompt, problem):
            yield prompt, self.model.reply(request)

    def _requests(self, prompt: Prompt, problem: Problem) -> list[ChatRequest]:
        return [ChatRequest(prompt, problem.question, sample) for sample in range(self.samples)]


# Variants that ask for the same as the problem they are made of.
SAME_ANSWER: tuple[VariantKind, ...] = ("rephrase", "distract")


def _unfit(kind: VariantKind, question: str, parent: Problem) -> str:
    """Why a question is no variant of its parent, in a word; empty when it is."""
    if loose_key(question) == loose_key(parent.question):
        return "same_question"
    if other_language(question):
        return "other_language"
    if kind in SAME_ANSWER:
        given, kept = set(_NUMBER.findall(parent.question)), set(_NUMBER.findall(question))
        if not given <= kept or (kind == "rephrase" and kept != given):
            return "numbers_changed"
    return ""


def _provenance(prompt: Prompt, reply: Reply | Declined) -> Mapping[str, Any]:
    """Where a text is from, as its row says it; of what is declined there is no row."""
    assert isinstance(reply, Reply)
    asked = {"prompt": f"{prompt.name}@{prompt.version}", "prompt_sha256": prompt.sha256}
    answered: dict[str, Any] = {"request": reply.request, "model": reply.model}
    return {**asked, **answered, **({} if reply.logprob is None else {"logprob": reply.logprob})}


def _json(reply: Reply | Declined, prompt: Prompt) -> dict[str, Any] | Declined:
    assert prompt.schema is not None
    return reply if isinstance(reply, Declined) else json_reply(reply, prompt.schema)


Said = tuple[tuple[str, ...], tuple[str, ...]]


def _read_key_points(reply: Reply | Declined, prompt: Prompt) -> Said | Declined:
    row = _json(reply, prompt)
    return row if isinstance(row, Declined) else ((row["core_question"], *row["information"]), ())


def _read_sub_questions(reply: Reply | Declined, prompt: Prompt) -> Said | Declined:
    row = _json(reply, prompt)
    if isinstance(row, Declined):
        return row
    steps = row["steps"]
    return tuple(step["question"] for step in steps), tuple(step["answer"] for step in steps)


def _read_guidance(reply: Reply | Declined, prompt: Prompt) -> Said | Declined:
    text = reply if isinstance(reply, Declined) else complete_text(reply)
    if isinstance(text, Declined):
        return text
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    return Declined("other_language", lines[0][:120]) if other_language(text) else (lines, ())


READERS: dict[NoteKind, Callable[[Reply | Declined, Prompt], Said | Declined]] = {
    "key_points": _read_key_points,
    "sub_questions": _read_sub_questions,
    "guidance": _read_guidance,
}
