"""The chat teacher reads thoughts, new problems and notes out of replies, and says why where there are none."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from distill.teachers import Note, RemoteTeacher, Variant, WritingTeacher
from distill.teachers.chat.model import ChatRequest, Reply
from distill.teachers.chat.prompts import annotation_prompt, prompt_names, read_prompt
from distill.teachers.chat.reading import json_reply, other_language, thought_text
from distill.teachers.chat.teacher import ChatTeacher
from distill.teachers.round_robin import thought_in_turn
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.prompt import THOUGHTS, Thought
from runtime.values.rationale import Declined, Rationale

PROBLEM = Problem("p1", "Ben buys 3 pens for $2 each. How much does he pay?", "6", source="s", license="MIT")


@dataclass
class SaidModel:
    """Says what a function says of a request."""

    say: Callable[[ChatRequest], str | Declined]
    name: str = "said"
    source: str = "http://there/v1#said"
    ahead: int = 8
    sent: list[ChatRequest] = field(default_factory=list)

    def send(self, request: ChatRequest) -> None:
        self.sent.append(request)

    def reply(self, request: ChatRequest) -> Reply | Declined:
        text = self.say(request)
        return text if isinstance(text, Declined) else Reply(text, "stop", "hash", "said-1", logprob=-1.5)


def teacher(text: str | Declined | dict[str, Any], **changes: Any) -> ChatTeacher:
    said = json.dumps(text) if isinstance(text, dict) else text
    return ChatTeacher(SaidModel(lambda request: said), "Apache-2.0", **changes)


def test_a_chat_teacher_keeps_the_protocol() -> None:
    one: WritingTeacher = teacher("ans = 6")
    assert isinstance(one, RemoteTeacher)


def test_each_thought_is_asked_as_often_as_there_are_samples() -> None:
    asked = teacher("a = 3\nans = a * 2", samples=2)
    rows = list(asked.annotate(PROBLEM, ("eot", "pot")))
    assert [row.thought for row in rows] == ["eot", "eot", "pot", "pot"]
    row = rows[0]
    assert isinstance(row, Rationale) and not row.verified
    assert (row.text, row.teacher, row.license) == ("a = 3\nans = a * 2", "said", "Apache-2.0")
    assert row.provenance == {
        "prompt": "annotate_eot@1",
        "prompt_sha256": annotation_prompt("eot").sha256,
        "request": "hash",
        "model": "said-1",
        "logprob": -1.5,
    }


def test_what_is_begun_is_what_is_asked() -> None:
    asked = teacher("ans = 6", samples=3)
    model = asked.model
    assert isinstance(model, SaidModel)
    asked.begin(PROBLEM, ("eot", "cot"))
    assert [(r.prompt.name, r.sample) for r in model.sent[:4]] == [
        ("annotate_eot", 0),
        ("annotate_eot", 1),
        ("annotate_eot", 2),
        ("annotate_cot", 0),
    ]
    assert len(model.sent) == 6 and asked.ahead == 2


def test_in_turn_a_problem_has_one_thought() -> None:
    rows = list(teacher("ans = 6", in_turn=True).annotate(PROBLEM, THOUGHTS))
    assert [row.thought for row in rows] == [thought_in_turn(PROBLEM, THOUGHTS)]


def test_a_reply_that_did_not_come_is_a_drop_of_its_thought() -> None:
    rows = list(teacher(Declined("timeout", "no reply")).annotate(PROBLEM, ("pot",)))
    assert rows == [Declined("timeout", "no reply", "pot")]


def replied(text: str, finish_reason: str = "stop", refusal: str = "") -> Reply:
    return Reply(text, finish_reason, "hash", "said-1", refusal)


@pytest.mark.parametrize(
    ("thought", "text", "kept"),
    [
        ("eot", "ans = 6\n", "ans = 6"),
        ("eot", "Equations:\na = 2\nans = 3 * a", "a = 2\nans = 3 * a"),
        ("eot", "Here you are:\n```\na = 2  \nans = 3 * a\n```\nDone.", "a = 2\nans = 3 * a"),
        ("pot", "```python\nans = 6\n```", "ans = 6"),
        ("pot", "First\n```python\nans = 5\n```\nNo:\n```py\nif 1:\n    ans = 6\n```", "if 1:\n    ans = 6"),
        ("pot", "<think>Three times two\nis six.</think>\nans = 6", "ans = 6"),
        ("cot", "Steps:\nHe pays 3 * 2 = 6. The answer is 6.", "He pays 3 * 2 = 6. The answer is 6."),
    ],
)
def test_the_thought_is_found_in_a_reply(thought: Thought, text: str, kept: str) -> None:
    assert thought_text(replied(text), thought) == kept


@pytest.mark.parametrize(
    ("thought", "reply", "reason"),
    [
        ("eot", replied(""), "empty_reply"),
        ("eot", replied("<think>hm</think>"), "empty_reply"),
        ("eot", replied("a = 1", "length"), "length"),
        ("eot", replied("a = 1", "content_filter"), "content_filter"),
        ("eot", replied("", refusal="no"), "refusal"),
        ("cot", replied("I cannot help with that."), "refusal"),
        ("cot", replied("As an AI, I have no opinion on pens."), "refusal"),
        ("cot", replied("Бен платит 3 * 2 = 6 долларов. Ответ 6."), "other_language"),
        (
            "cot",
            replied("Ben paga 3 por 2 dólares, así que son 6 en total. La respuesta es 6."),
            "other_language",
        ),
    ],
)
def test_a_reply_without_a_thought_says_why(thought: Thought, reply: Reply, reason: str) -> None:
    declined = thought_text(reply, thought)
    assert isinstance(declined, Declined) and declined.reason == reason


@pytest.mark.parametrize("text", ["Ben pays 3 * 2 = 6 dollars. The answer is 6.", "x = 4", "café = 3", ""])
def test_english_is_no_other_language(text: str) -> None:
    assert not other_language(text)


SCHEMA = {
    "type": "object",
    "properties": {"questions": {"type": "array", "items": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"questions": ["a"]}', {"questions": ["a"]}),
        ('Sure!\n```json\n{"questions": ["a", "b"]}\n```', {"questions": ["a", "b"]}),
        ('{"questions": ["a"', "no_json"),
        ("none", "no_json"),
        ("[1]", "no_json"),
        ("{" * 100_000 + "}", "no_json"),
        ('{"questions": "a"}', "wrong_schema"),
        ('{"questions": []}', "wrong_schema"),
        ('{"questions": [1]}', "wrong_schema"),
        ('{"questions": [" "]}', "wrong_schema"),
        ('{"question": ["a"]}', "wrong_schema"),
    ],
)
def test_json_is_read_or_refused(text: str, expected: object) -> None:
    found = json_reply(replied(text), SCHEMA)
    assert (found.reason if isinstance(found, Declined) else found) == expected


def variants(kind: str, questions: Sequence[str]) -> list[Variant | Declined]:
    return list(getattr(teacher({"questions": questions}), kind)(PROBLEM))


def test_new_problems_have_no_answer_and_the_same_one_keeps_it() -> None:
    (new,) = variants("harder", ["Lena buys 6 pots for $7 each and pays with $50. What is her change?"])
    assert isinstance(new, Variant)
    assert (new.problem.id, new.problem.answer, new.problem.license) == ("p1/harder1", None, "Apache-2.0")
    assert new.parent is PROBLEM and new.provenance["prompt"] == "harder@1"
    (same,) = variants("rephrase", ["Each of the 3 pens that Ben buys is $2. What does he pay?"])
    assert isinstance(same, Variant) and same.problem.answer == "6"
    (more,) = variants("distract", ["Ben, who is 11, buys 3 pens for $2 each. How much does he pay?"])
    assert isinstance(more, Variant) and more.problem.answer == "6"


@pytest.mark.parametrize(
    ("kind", "question", "reason"),
    [
        ("similar", "ben buys 3 pens for 2 each; how much does he pay", "same_question"),
        ("rephrase", "Ben buys 4 pens for $2 each. What does he pay?", "numbers_changed"),
        ("rephrase", "Ben, who is 11, buys 3 pens for $2 each. What is it?", "numbers_changed"),
        ("distract", "Ben, who is 11, buys pens for $2 each. How much is that?", "numbers_changed"),
        ("harder", "Ben kauft 3 Stifte zu je 2 Euro und bezahlt mit einem Schein", "other_language"),
    ],
)
def test_a_question_that_is_no_variant_says_why(kind: str, question: str, reason: str) -> None:
    (declined,) = variants(kind, [question])
    assert isinstance(declined, Declined) and declined.reason == reason


def test_notes_are_lines() -> None:
    (points,) = teacher({"core_question": "How much?", "information": ["3 pens", "$2 each"]}).key_points(
        PROBLEM
    )
    assert isinstance(points, Note) and points.lines == ("How much?", "3 pens", "$2 each")
    (steps,) = teacher({"steps": [{"question": "How much?", "answer": "3 * 2 = 6"}]}).sub_questions(PROBLEM)
    assert isinstance(steps, Note) and (steps.lines, steps.answers) == (("How much?",), ("3 * 2 = 6",))
    (plan,) = teacher("1. We are asked for the price.\n\n2. Multiply.").guidance(PROBLEM)
    assert isinstance(plan, Note) and plan.lines == ("1. We are asked for the price.", "2. Multiply.")
    (declined,) = teacher({"steps": [{"question": "How much?"}]}).sub_questions(PROBLEM)
    assert isinstance(declined, Declined) and declined.reason == "wrong_schema"


def test_every_prompt_is_read_and_its_hash_is_its_files() -> None:
    assert len(prompt_names()) == 10
    for name in prompt_names():
        prompt = read_prompt(name)
        assert len(prompt.sha256) == 64 and prompt.version >= 1
        assert [message["role"] for message in prompt.head[:3]] == ["system", "user", "assistant"]


@pytest.mark.parametrize("name", [n for n in prompt_names() if not n.startswith(("annotate", "guidance"))])
def test_the_examples_that_are_json_fit_their_schema(name: str) -> None:
    prompt = read_prompt(name)
    assert prompt.schema is not None
    for message in prompt.head[2::2]:
        assert not isinstance(json_reply(replied(message["content"]), prompt.schema), Declined)


@pytest.mark.parametrize("thought", THOUGHTS)
def test_the_examples_of_a_thought_are_solved(solver: Solver, thought: Thought) -> None:
    texts = [message["content"] for message in annotation_prompt(thought).head[2::2]]
    outcomes = [solver.solve(thought, text) for text in texts]
    assert [outcome.value for outcome in outcomes] == [216, 22, 90, 8, 15]
    assert not any(outcome.reason for outcome in outcomes)
    for text in texts:
        assert thought_text(replied(text), thought) == text
