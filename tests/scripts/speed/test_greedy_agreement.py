"""Texts of other programs are counted against ours to the last character."""

from scripts.speed.greedy_agreement import agreement
from scripts.speed.peers.rivals import Reply, Request


def test_the_first_question_with_another_text_is_told() -> None:
    asked = [Request(question, (1,), (0,), 8) for question in ("one?", "two?", "three?")]
    ours = [Reply(text, 2, 1.0) for text in ("ans = 1", "ans = 2", "ans = 3")]
    theirs = [Reply(text, 2, 1.0) for text in ("ans = 1", "ans = 2 ", "ans = 4")]
    assert agreement(asked, ours, theirs) == {"same": 1, "of": 3, "first_other": "two?"}
    assert agreement(asked, ours, ours) == {"same": 3, "of": 3, "first_other": ""}
